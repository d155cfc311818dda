"""Mails to many: each once, whatever happens to the worker; refused, tried again or doubted as an answer would be."""

import pytest
from sqlalchemy import insert, select, text

from app.channels.contract import DeliveryReport, Refused, Sent, Uncertain, Unreachable
from app.delivery import mailing
from app.delivery.claim import MOST_TRIES
from app.models import Mailing, Poll
from app.vocabulary import DeliveryState
from tests.delivery.conftest import Office

EEN, TWEE = "een@bewoner.example", "twee@bewoner.example"


@pytest.fixture
def poll_id(office: Office) -> int:
    values = {"account_id": office.account_id, "key": "park", "title_nl": "Park", "title_en": "Park", "questions": []}
    with office.database.unit_of_work() as session:
        return int(session.execute(insert(Poll).values(values).returning(Poll.id)).scalar_one())


def posts(office: Office, poll_id: int, *addresses: str) -> None:
    with office.database.unit_of_work() as session:
        mailing.post(
            session, office.keys, poll_id=poll_id, account_id=office.account_id, language="nl", title="Uitnodiging",
            mails=[(address, f"Geheime link voor {address}") for address in addresses],
        )  # fmt: skip


def sends(office: Office) -> int:
    done = 0
    while found := mailing.send_waiting(office.database, office.accounts, office.keys, office.settings, "w"):
        done += found
    return done


def rows(office: Office) -> list[Mailing]:
    with office.database.read_only() as session:
        return list(session.scalars(select(Mailing).order_by(Mailing.id)))


def states(office: Office) -> list[DeliveryState]:
    return [row.state for row in rows(office)]


def later(office: Office) -> None:
    with office.database.unit_of_work() as session:
        earlier = "not_before = not_before - interval '1 day', lease_until = lease_until - interval '1 day'"
        session.execute(text(f"UPDATE mailing SET {earlier}"))


def test_everybody_gets_one_mail_and_its_text_is_stored_nowhere_afterwards(office: Office, poll_id: int) -> None:
    posts(office, poll_id, EEN, TWEE)
    assert all(b"Geheim" not in row.sealed and row.sealed for row in rows(office))
    sends(office)
    assert [(m.recipient.address if m.recipient else "", m.text) for m in office.post.sent] == [
        (EEN, f"Geheime link voor {EEN}"), (TWEE, f"Geheime link voor {TWEE}"),
    ]  # fmt: skip
    assert states(office) == [DeliveryState.SENT] * 2
    assert [row.sealed for row in rows(office)] == [b"", b""]
    later(office)
    assert sends(office) == 0
    assert len(office.post.sent) == 2


def test_what_still_waits_when_its_poll_ends_by_plan_is_mailed_no_more(office: Office, poll_id: int) -> None:
    posts(office, poll_id, EEN, TWEE)
    mailing.send_waiting(office.database, office.accounts, office.keys, office.settings, "w")
    with office.database.unit_of_work() as session:
        session.execute(text("UPDATE poll SET closes_at = now()"))
    assert sends(office) == 0
    assert states(office) == [DeliveryState.SENT, DeliveryState.CANCELLED]
    assert [row.sealed for row in rows(office)] == [b"", b""]


def test_one_that_is_refused_holds_up_nobody(office: Office, poll_id: int) -> None:
    posts(office, poll_id, EEN, TWEE)
    office.post.fails = [Refused("No such user.", code="550")]
    sends(office)
    assert [(row.state, row.problem, row.code) for row in rows(office)] == [
        (DeliveryState.REFUSED, "No such user.", "550"), (DeliveryState.SENT, "", ""),
    ]  # fmt: skip


def test_a_slow_address_waits_alone_and_a_server_that_is_away_makes_all_wait(office: Office, poll_id: int) -> None:
    posts(office, poll_id, EEN, TWEE)
    office.post.fails = [Unreachable("Greylisted.", retry_after=600, whole_account=False)]
    sends(office)
    assert states(office) == [DeliveryState.FAILED, DeliveryState.SENT]
    later(office)
    sends(office)
    assert states(office) == [DeliveryState.SENT] * 2
    posts(office, poll_id, "drie@bewoner.example", "vier@bewoner.example")
    office.post.fails = [Unreachable("The server is away.", retry_after=600)]
    sends(office)
    assert states(office)[2:] == [DeliveryState.FAILED, DeliveryState.WAITING]
    assert len(office.post.sent) == 2


def test_nobody_is_written_to_twice_on_a_guess(office: Office, poll_id: int) -> None:
    posts(office, poll_id, EEN)
    office.post.fails = [Uncertain("The line broke.")]
    sends(office)
    assert states(office) == [DeliveryState.UNCERTAIN]
    later(office)
    assert sends(office) == 0
    assert office.post.sent == []


def test_a_worker_that_falls_silent_leaves_a_mail_that_is_looked_for(office: Office, poll_id: int) -> None:
    posts(office, poll_id, EEN)
    office.post.fails = [KeyboardInterrupt()]  # type: ignore[list-item]
    with pytest.raises(KeyboardInterrupt):
        sends(office)
    assert states(office) == [DeliveryState.BEGUN]
    later(office)
    office.post.finds = Sent("<found@voorbeeldstad.example>")
    assert sends(office) == 1
    assert [(row.state, row.external_id, row.sealed) for row in rows(office)] == [
        (DeliveryState.SENT, "<found@voorbeeldstad.example>", b"")
    ]


def test_a_mail_whose_worker_died_before_it_began_is_sent(office: Office, poll_id: int) -> None:
    posts(office, poll_id, EEN)
    with office.database.unit_of_work() as session:
        session.execute(text("UPDATE mailing SET state = 'claimed', claimed_by = 'x', lease_until = now()"))
    later(office)
    sends(office)
    assert states(office) == [DeliveryState.SENT]


@pytest.mark.parametrize("by_key", [True, False])
def test_a_bounce_is_written_on_the_mail_that_came_back(office: Office, poll_id: int, by_key: bool) -> None:
    posts(office, poll_id, EEN, TWEE)
    sends(office)
    row = rows(office)[0]
    about = f"<{row.key}@elders.example>" if by_key else row.external_id
    report = DeliveryReport(external_id=about, outcome="failed", code="5.1.1", detail="Unknown user", recipient=EEN)
    with office.database.unit_of_work() as session:
        assert mailing.apply_report(session, office.account_id, report)
        assert not mailing.apply_report(
            session, office.account_id, DeliveryReport(external_id="<x@y>", outcome="failed")
        )
    assert [(row.state, row.problem) for row in rows(office)] == [
        (DeliveryState.REFUSED, "Unknown user"), (DeliveryState.SENT, ""),
    ]  # fmt: skip


def test_a_mail_that_can_no_longer_be_opened_holds_up_nobody_and_is_given_up_in_the_end(
    office: Office, poll_id: int
) -> None:
    posts(office, poll_id, EEN, TWEE)
    with office.database.unit_of_work() as session:
        session.execute(text("UPDATE mailing SET sealed = 'nothing of ours' WHERE address = :one"), {"one": EEN})
    for _ in range(MOST_TRIES + 1):
        sends(office)
        later(office)
    assert [(row.state, row.problem, row.code) for row in rows(office)] == [
        (DeliveryState.REFUSED, "It cannot be prepared: InvalidToken.", "gave_up"), (DeliveryState.SENT, "", ""),
    ]  # fmt: skip


def test_a_mail_in_doubt_that_can_no_longer_be_opened_stays_in_doubt_and_leaves_the_others_to_be_looked_for(
    office: Office, poll_id: int
) -> None:
    posts(office, poll_id, EEN, TWEE)
    with office.database.unit_of_work() as session:
        session.execute(text("UPDATE mailing SET sealed = 'nothing of ours' WHERE address = :one"), {"one": EEN})
        session.execute(text("UPDATE mailing SET state = 'begun', claimed_by = 'x', lease_until = now()"))
    later(office)
    office.post.finds = Sent("<found@voorbeeldstad.example>")
    sends(office)
    assert states(office) == [DeliveryState.UNCERTAIN, DeliveryState.SENT]


def test_a_mail_that_kills_every_worker_is_given_up(office: Office, poll_id: int) -> None:
    posts(office, poll_id, EEN)
    with office.database.unit_of_work() as session:
        dying = "state = 'claimed', claimed_by = 'x', lease_until = now(), tries = :most"
        session.execute(text(f"UPDATE mailing SET {dying}"), {"most": MOST_TRIES})
    later(office)
    sends(office)
    assert [(row.state, row.code) for row in rows(office)] == [(DeliveryState.REFUSED, "gave_up")]


def test_what_a_mail_server_says_that_cannot_be_stored_is_still_kept(office: Office, poll_id: int) -> None:
    posts(office, poll_id, EEN)
    office.post.fails = [Refused("550 \x00nee", code="550")]
    sends(office)
    assert [(row.state, row.code) for row in rows(office)] == [(DeliveryState.REFUSED, "550")]
