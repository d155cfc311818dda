"""Who is written to: each address once, again only when it did not arrive, and nobody can lay the list beside the votes."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from app.errors import Conflict, Forbidden, Invalid
from app.identity.principal import SYSTEM, Principal
from app.models import Account, Mailing, Organisation, Poll
from app.polls import doubted_mail, invite, invite_by_mail, make, questions
from app.polls.invite_by_mail import Invited, Letter, addresses
from app.storage.keys import Keys
from app.vocabulary import Language, Role
from tests.polls.made import ASKED

EEN, TWEE = "een@bewoner.example", "twee@bewoner.example"
PUBLISHED = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("een@bewoner.example", [EEN]),
        ("naam;e-mail\r\nEen;EEN@bewoner.example\r\nTwee;twee@bewoner.example\r\n", [EEN, TWEE]),
        ('"Een, A." <een@bewoner.example>, twee@bewoner.example.', [EEN, TWEE]),
        ("een@bewoner.example een@bewoner.example", [EEN]),
        ("geen adres, wel@niet, @x.example, a@b@c.example", []),
        ("", []),
    ],
)
def test_addresses_are_found_in_lists_and_tables(said: str, found: list[str]) -> None:
    assert addresses(said) == found


def test_a_long_line_without_an_address_is_read_quickly() -> None:
    assert addresses("a." * 200_000) == []
    assert addresses("a@" * 100_000) == []


@pytest.fixture
def accounts(session: Session) -> dict[str, int]:
    organisation = session.execute(
        insert(Organisation).values(name="Gemeente Voorbeeldstad", partner=False, website="").returning(Organisation.id)
    ).scalar_one()
    made = {}
    for kind in ("polls.own", "mail"):
        values = {"organisation_id": organisation, "kind": kind, "name": kind, "settings": b"", "public_key": kind}
        made[kind] = int(session.execute(insert(Account).values(values).returning(Account.id)).scalar_one())
    return made


@pytest.fixture
def poll_id(session: Session, accounts: dict[str, int]) -> int:
    values = {
        "account_id": accounts["polls.own"], "key": "park", "title_nl": "Het park", "title_en": "The park",
        "intro_nl": "Denk mee.", "questions": questions.written(ASKED), "published_at": PUBLISHED,
    }  # fmt: skip
    return int(session.execute(insert(Poll).values(values).returning(Poll.id)).scalar_one())


def letter(accounts: dict[str, int], **more: Any) -> Letter:
    return Letter(Language.DUTCH, "", accounts["mail"], "https://antwoord.voorbeeldstad.example")._replace(**more)


def texts(session: Session, keys: Keys) -> dict[str, str]:
    rows = session.execute(select(Mailing.address, Mailing.sealed)).all()
    return {row.address: keys.fernet.decrypt(row.sealed).decode() for row in rows if row.sealed}


def test_each_address_gets_a_link_of_its_own_and_a_second_time_nothing(
    session: Session, keys: Keys, accounts: dict[str, int], poll_id: int
) -> None:
    assert invite_by_mail.send(session, keys, SYSTEM, poll_id, [EEN, TWEE], letter(accounts)) == Invited(2, 0)
    said = texts(session, keys)
    tokens = {re.search(r"/polls/park/i/([\w-]{22})\?lang=nl", one)[1] for one in said.values()}  # type: ignore[index]
    assert len(tokens) == 2
    assert all(invite.known(session, poll_id, token) for token in tokens)
    assert "Denk mee." in said[EEN]
    assert "Gemeente Voorbeeldstad" in said[EEN]
    assert session.scalar(select(Mailing.title).where(Mailing.address == EEN)) == "Uitnodiging: Het park"
    again = invite_by_mail.send(session, keys, SYSTEM, poll_id, [TWEE, EEN, "drie@bewoner.example"], letter(accounts))
    assert again == Invited(1, 2)
    assert invite.count(session, poll_id) == 3
    assert "token" not in str(session.execute(text("SELECT string_agg(data::text, '') FROM audit")).scalar_one())


def test_one_that_came_back_gets_a_new_link_and_one_in_doubt_the_same(
    session: Session, keys: Keys, accounts: dict[str, int], poll_id: int
) -> None:
    invite_by_mail.send(session, keys, SYSTEM, poll_id, [EEN, TWEE], letter(accounts))
    before = texts(session, keys)
    session.execute(text("UPDATE mailing SET state = 'refused', sealed = '' WHERE address = :a"), {"a": EEN})
    session.execute(text("UPDATE mailing SET state = 'uncertain' WHERE address = :a"), {"a": TWEE})
    assert [row.address for row in invite_by_mail.mailed(session, poll_id).trouble] == [TWEE, EEN]
    assert invite_by_mail.send(session, keys, SYSTEM, poll_id, [EEN, TWEE], letter(accounts)) == Invited(2, 0)
    after = texts(session, keys)
    assert after[TWEE] == before[TWEE]
    assert after[EEN] != before[EEN]
    mailed = invite_by_mail.mailed(session, poll_id)
    assert (mailed.sent, mailed.under_way, mailed.stopped) == (0, 2, 0)


def in_doubt(session: Session, *which: str) -> list[int]:
    session.execute(text("UPDATE mailing SET state = 'uncertain' WHERE address = ANY(:a)"), {"a": list(which)})
    return list(session.scalars(select(Mailing.id).where(Mailing.address.in_(which)).order_by(Mailing.id)))


def test_somebody_who_looked_says_that_a_mail_went_out_or_sends_it_again(
    session: Session, keys: Keys, accounts: dict[str, int], poll_id: int
) -> None:
    invite_by_mail.send(session, keys, SYSTEM, poll_id, [EEN, TWEE], letter(accounts))
    before = texts(session, keys)
    one, two = in_doubt(session, EEN, TWEE)
    [waits] = doubted_mail.polls(session)
    assert (waits.id, waits.title_en, waits.doubted) == (poll_id, "The park", 2)
    assert doubted_mail.settle(session, SYSTEM, poll_id, "sent", one) == 1
    assert doubted_mail.settle(session, SYSTEM, poll_id, "again", two) == 1
    assert texts(session, keys) == {TWEE: before[TWEE]}, "the link that went out is forgotten, the other is the same"
    mailed = invite_by_mail.mailed(session, poll_id)
    assert (mailed.sent, mailed.under_way, mailed.stopped) == (1, 1, 0)
    with pytest.raises(Conflict) as late:
        doubted_mail.settle(session, SYSTEM, poll_id, "again", one)
    assert late.value.code == "settled"
    assert invite_by_mail.send(session, keys, SYSTEM, poll_id, [EEN, TWEE], letter(accounts)) == Invited(0, 2)


def test_all_in_doubt_are_settled_at_once_by_whoever_runs_the_poll_and_a_closed_poll_waits_for_nothing(
    session: Session, keys: Keys, accounts: dict[str, int], poll_id: int
) -> None:
    invite_by_mail.send(session, keys, SYSTEM, poll_id, [EEN, TWEE], letter(accounts))
    in_doubt(session, EEN, TWEE)
    with pytest.raises(Forbidden):
        doubted_mail.settle(session, Principal(None, "Medewerker", Role.AGENT), poll_id, "again")
    session.execute(text("UPDATE poll SET closes_at = now()"))
    assert doubted_mail.polls(session) == []
    with pytest.raises(Conflict) as closed:
        doubted_mail.settle(session, SYSTEM, poll_id, "again")
    assert closed.value.code == "closed"
    session.execute(text("UPDATE poll SET closes_at = now() + interval '1 day'"))
    assert [waits.doubted for waits in doubted_mail.polls(session)] == [2]
    assert doubted_mail.settle(session, SYSTEM, poll_id, "again") == 2
    assert invite_by_mail.mailed(session, poll_id).under_way == 2


def test_what_still_waits_when_a_poll_is_closed_is_mailed_to_nobody(
    session: Session, keys: Keys, accounts: dict[str, int], poll_id: int
) -> None:
    invite_by_mail.send(session, keys, SYSTEM, poll_id, [EEN, TWEE], letter(accounts))
    session.execute(text("UPDATE mailing SET state = 'sent' WHERE address = :a"), {"a": EEN})
    make.close(session, SYSTEM, poll_id)
    mailed = invite_by_mail.mailed(session, poll_id)
    assert (mailed.sent, mailed.under_way, mailed.stopped) == (1, 0, 0)


def test_words_of_ones_own_may_hold_braces_and_stand_in_either_language(
    session: Session, keys: Keys, accounts: dict[str, int], poll_id: int
) -> None:
    said = letter(accounts, language=Language.ENGLISH, words="Tell us {please}.")
    invite_by_mail.send(session, keys, SYSTEM, poll_id, [EEN], said)
    assert texts(session, keys)[EEN].startswith("Tell us {please}.\n\nWith this link you can vote once:")


def test_what_cannot_be_is_refused(session: Session, keys: Keys, accounts: dict[str, int], poll_id: int) -> None:
    agent = Principal(None, "Medewerker", Role.AGENT)
    with pytest.raises(Forbidden):
        invite_by_mail.send(session, keys, agent, poll_id, [EEN], letter(accounts))
    for to, one in (([], letter(accounts)), ([EEN], letter(accounts, account_id=0)),
                    ([EEN], letter(accounts, account_id=accounts["polls.own"]))):  # fmt: skip
        with pytest.raises(Invalid):
            invite_by_mail.send(session, keys, SYSTEM, poll_id, to, one)
    for change, code in (("published_at = NULL", "draft"), ("published_at = now(), closed_at = now()", "closed")):
        session.execute(text(f"UPDATE poll SET {change}"))
        with pytest.raises(Conflict) as refused:
            invite_by_mail.send(session, keys, SYSTEM, poll_id, [EEN], letter(accounts))
        assert refused.value.code == code
    assert session.scalars(select(Mailing)).all() == []
