"""Signing in: who may, how often one may try, and what nobody learns from trying."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from time import perf_counter

import pytest
from sqlalchemy import func, select, text, update

from app.identity import sessions, sign_in, staff
from app.identity.passwords import Passwords, passwords
from app.identity.sign_in import PER_ACCOUNT, PER_ADDRESS, Attempt, Refused, SignedIn
from app.models import Agent, Audit, SignInAttempt
from app.models import Session as SessionRow
from app.storage.database import Database
from app.storage.keys import Keys
from tests.web import made

Try = Callable[..., SignedIn | Refused]


@pytest.fixture
def noor(database: Database) -> made.Person:
    with database.unit_of_work() as session:
        return made.person(session, "Noor")


@pytest.fixture
def attempt(database: Database, keys: Keys) -> Try:
    def try_it(email: str, password: str = made.PASSWORD, remote: str = "203.0.113.7") -> SignedIn | Refused:
        return sign_in.sign_in(database, keys, passwords("low"), Attempt(email, password, remote), 12)

    return try_it


def test_the_right_password_makes_a_new_session_each_time(database: Database, noor: made.Person, attempt: Try) -> None:
    first, second = attempt(noor.email), attempt(f"  {noor.email.upper()} ")
    assert isinstance(first, SignedIn)
    assert isinstance(second, SignedIn)
    assert first.token != second.token
    with database.read_only() as session:
        known = sessions.find(session, first.token, 60)
        assert known is not None
        assert known.principal.agent_id == noor.id
        assert session.scalars(select(SessionRow.id).where(SessionRow.id == first.token)).all() == []


def test_a_wrong_password_an_unknown_account_and_one_without_a_password_hear_the_same(
    database: Database, noor: made.Person, attempt: Try
) -> None:
    with database.unit_of_work() as session:
        organisation = made.organisation(session)
        staff.create_agent(
            session, passwords("low"), organisation_id=organisation, email="sso@voorbeeldstad.example", name="Sso"
        )
    answers = [
        attempt(noor.email, "fout"),
        attempt("niemand@voorbeeldstad.example"),
        attempt("sso@voorbeeldstad.example", ""),
    ]
    assert answers == [Refused(), Refused(), Refused()]


def test_an_agent_who_is_switched_off_cannot_sign_in_and_is_signed_out(
    database: Database, noor: made.Person, attempt: Try
) -> None:
    with database.unit_of_work() as session:
        staff.change_agent(session, noor.id, {"active": False})
    assert attempt(noor.email) == Refused()
    with database.read_only() as session:
        assert sessions.find(session, noor.cookie, 60) is None


def test_too_many_attempts_on_one_account_are_refused_even_with_the_right_password(
    noor: made.Person, attempt: Try
) -> None:
    for number in range(PER_ACCOUNT):
        assert attempt(noor.email, "fout", f"203.0.113.{number}") == Refused()
    refused = attempt(noor.email)
    assert isinstance(refused, Refused)
    assert refused.retry_after


def test_an_unknown_account_is_throttled_like_a_known_one(attempt: Try) -> None:
    for _ in range(PER_ACCOUNT):
        attempt("niemand@voorbeeldstad.example", "fout")
    refused = attempt("niemand@voorbeeldstad.example", "fout")
    assert isinstance(refused, Refused)
    assert refused.retry_after


def test_too_many_attempts_from_one_address_are_refused(noor: made.Person, attempt: Try) -> None:
    for number in range(PER_ADDRESS):
        attempt(f"iemand{number}@voorbeeldstad.example", "fout")
    refused = attempt(noor.email)
    assert isinstance(refused, Refused)
    assert refused.retry_after
    assert isinstance(attempt(noor.email, remote="198.51.100.1"), SignedIn)


def test_guesses_at_the_same_moment_all_count(database: Database, noor: made.Person, attempt: Try) -> None:
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda _: attempt(noor.email, "fout"), range(PER_ACCOUNT + 6)))
    assert sum(1 for result in results if isinstance(result, Refused) and result.retry_after) == 6


def test_success_forgets_the_failures_and_time_does_too(database: Database, noor: made.Person, attempt: Try) -> None:
    for _ in range(PER_ACCOUNT - 1):
        attempt(noor.email, "fout")
    assert isinstance(attempt(noor.email), SignedIn)
    for _ in range(PER_ACCOUNT):
        attempt(noor.email, "fout")
    with database.unit_of_work() as session:
        session.execute(update(SignInAttempt).values(created_at=func.now() - sign_in.WINDOW))
    assert isinstance(attempt(noor.email), SignedIn)


def test_the_database_holds_no_address_of_who_tried(database: Database, noor: made.Person, attempt: Try) -> None:
    attempt(noor.email, "fout", "203.0.113.99")
    with database.read_only() as session:
        kept = " ".join(session.scalars(select(SignInAttempt.key)))
        assert noor.email not in kept
        assert "203.0.113.99" not in kept
        actions = session.scalars(select(Audit.action).order_by(Audit.id)).all()
    assert actions[-1] == "sign_in.failed"


def test_an_unknown_account_takes_as_long_as_a_wrong_password() -> None:
    hasher = Passwords("normal")
    stored = hasher.hash(made.PASSWORD)

    def seconds(kept: str | None) -> float:
        start = perf_counter()
        assert not hasher.matches("fout", kept)
        return perf_counter() - start

    known = median(seconds(stored) for _ in range(3))
    unknown = median(seconds(None) for _ in range(3))
    assert 0.4 < unknown / known < 2.5


def test_a_session_ends_by_silence_by_age_and_by_hand(database: Database, noor: made.Person) -> None:
    def alive(change: str) -> bool:
        with database.unit_of_work() as session:
            token = sessions.start(session, noor.id, 12)
        with database.unit_of_work() as session:
            session.execute(text(f"UPDATE session SET {change} WHERE id = :id"), {"id": sessions.digest(token)})
        with database.read_only() as session:
            return sessions.find(session, token, 60) is not None

    assert alive("seen_at = now() - interval '59 minutes'")
    assert not alive("seen_at = now() - interval '61 minutes'")
    assert not alive("expires_at = now() - interval '1 second'")
    with database.unit_of_work() as session:
        assert sessions.end(session, noor.cookie)
        assert not sessions.end(session, noor.cookie)
        assert sessions.find(session, noor.cookie, 60) is None


def test_a_new_password_ends_every_session(database: Database, noor: made.Person, attempt: Try) -> None:
    with database.unit_of_work() as session:
        staff.set_password(session, passwords("low"), noor.id, "een heel ander goed geheim")
    with database.read_only() as session:
        assert sessions.find(session, noor.cookie, 60) is None
    assert attempt(noor.email) == Refused()
    assert isinstance(attempt(noor.email, "een heel ander goed geheim"), SignedIn)


def test_who_asks_is_known_with_their_teams_in_one_statement(database: Database) -> None:
    with database.unit_of_work() as session:
        groen, wegen = made.team(session, "Groen"), made.team(session, "Wegen")
        lee = made.person(session, "Lee", team_id=groen, lead=True)
        staff.add_member(session, wegen, lee.id)
    with database.read_only() as session:
        known = sessions.find(session, lee.cookie, 60)
    assert known is not None
    assert known.principal.team_ids == {groen, wegen}
    assert known.principal.led_team_ids == {groen}


def test_a_stored_password_is_argon2id_and_a_short_one_is_refused(database: Database, noor: made.Person) -> None:
    with database.read_only() as session:
        stored = session.scalar(select(Agent.password_hash).where(Agent.id == noor.id))
    assert stored is not None
    assert stored.startswith("$argon2id$")
    with pytest.raises(Exception, match="12 to 256"):
        passwords("low").hash("kort")
