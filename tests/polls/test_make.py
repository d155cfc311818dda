"""Who may run polls, what a draft may be, and that a published poll stands."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from app.accounts import change
from app.accounts.directory import Accounts
from app.channels.mail import channel as mail
from app.channels.mail.settings import MailSettings
from app.channels.polls import own as polls
from app.clock import now
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.identity.principal import SYSTEM, Principal
from app.models import Account
from app.polls import account, invite, make
from app.polls.make import Draft
from app.polls.poll import PollState, by_id, by_key, listed
from app.storage.database import Database
from app.storage.keys import Keys
from app.vocabulary import Role
from tests.polls.made import ASKED
from tests.web.made import organisation

CLERK = Principal(None, "Ada Voorbeeld", Role.AGENT)
LEAD = Principal(None, "Chef Demo", Role.LEAD)
DRAFT = Draft("Het park", "The park", ASKED)


def own(session: Session, name: str = "Peilingen", kind: str = "polls.own") -> int:
    row = {"organisation_id": organisation(session), "kind": kind, "name": name, "settings": b"", "public_key": name}
    made: int = session.execute(insert(Account).values(row).returning(Account.id)).scalar_one()
    return made


def test_a_draft_opens_and_closes_once(session: Session) -> None:
    made = make.make(session, LEAD, own(session), DRAFT)
    found = by_id(session, made)
    assert (found.state, found.asked, found.version) == (PollState.DRAFT, ASKED, 1)
    with pytest.raises(Conflict, match="never published"):
        make.close(session, LEAD, made)
    make.publish(session, LEAD, made)
    assert by_key(session, found.key).state is PollState.OPEN
    with pytest.raises(Conflict, match="published already"):
        make.publish(session, LEAD, made)
    with pytest.raises(Conflict, match="questions stand"):
        make.change(session, LEAD, made, DRAFT)
    make.close(session, LEAD, made)
    make.close(session, LEAD, made)
    closed = by_id(session, made)
    assert (closed.state, closed.version) == (PollState.CLOSED, 3)
    assert closed.ends_at == closed.closed_at
    with pytest.raises(Conflict, match="closed"):
        invite.make(session, LEAD, made, 1)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title_nl": " "}, "title_nl"),
        ({"title_en": "x" * 301}, "title_en"),
        ({"asked": ()}, "questions"),
        ({"origins": ["https://x.example/pad"]}, "origins"),
        ({"origins": ["x.example"]}, "origins"),
        ({"origins": ["https://x.example; script-src *"]}, "origins"),
        ({"origins": ["https://*.example"]}, "origins"),
        ({"origins": ["https://[x"]}, "origins"),
    ],
)
def test_a_draft_that_breaks_a_rule_is_refused_with_its_field(
    session: Session, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        make.make(session, LEAD, 0, replace(DRAFT, **changed))
    assert [fault.field for fault in refused.value.faults] == [field]


def test_only_leads_and_administrators_run_polls(session: Session) -> None:
    made = make.make(session, SYSTEM, own(session), DRAFT)
    acts: Sequence[Any] = (
        lambda: make.make(session, CLERK, 0, DRAFT),
        lambda: make.change(session, CLERK, made, DRAFT),
        lambda: make.publish(session, CLERK, made),
        lambda: make.close(session, CLERK, made),
        lambda: make.answer_all(session, CLERK, made, nl="a", en="b"),
        lambda: invite.make(session, CLERK, made, 1),
    )
    for act in acts:
        with pytest.raises(Forbidden):
            act()


def test_counts_are_for_leads_before_the_closing_and_for_all_after_it(session: Session) -> None:
    made = make.make(session, LEAD, own(session), DRAFT)
    make.publish(session, LEAD, made)
    found = by_id(session, made)
    assert [make.sees_counts(who, found) for who in (CLERK, LEAD, SYSTEM)] == [False, True, True]
    make.close(session, LEAD, made)
    assert make.sees_counts(CLERK, by_id(session, made))


def test_a_poll_ends_at_the_earlier_of_the_planned_and_the_real_end(session: Session) -> None:
    later = now() + timedelta(days=3)
    made = make.make(session, LEAD, own(session), replace(DRAFT, closes_at=later))
    make.publish(session, LEAD, made)
    assert by_id(session, made).ends_at == later
    make.close(session, LEAD, made)
    ended = by_id(session, made).ends_at
    assert ended is not None
    assert ended < later


def test_polls_of_an_account_out_of_use_are_gone_from_the_public(session: Session) -> None:
    account_id = own(session)
    key = by_id(session, make.make(session, LEAD, account_id, DRAFT)).key
    session.execute(text("UPDATE account SET active = false WHERE id = :id"), {"id": account_id})
    with pytest.raises(NotFound):
        by_key(session, key)


def test_the_list_goes_on_where_it_left_off(session: Session) -> None:
    account_id = own(session)
    made = [make.make(session, LEAD, account_id, DRAFT) for _ in range(3)][::-1]
    assert [row.id for row in listed(session, limit=2)] == made[:2]
    assert [row.id for row in listed(session, after=made[1], limit=1)] == made[2:]


def sending(session: Session, keys: Keys) -> int:
    """A mailbox that can send."""
    settings = MailSettings(address="info@voorbeeldstad.example", smtp_host="localhost")
    return change.create(
        session, keys, organisation_id=organisation(session), kind="mail", name="Postbus", settings=settings
    )


def test_the_first_poll_makes_its_account_and_a_choice_is_asked_for_only_where_there_is_one(
    database: Database, keys: Keys
) -> None:
    kinds = {kind.key: kind for kind in (polls.KIND, mail.KIND)}
    accounts = Accounts(database, keys, kinds, "https://x.example")
    with database.unit_of_work() as session:
        own(session, "Leespostbus", "mail")
        box = sending(session, keys)
    with database.unit_of_work() as session:
        first = account.ensure(session, keys, accounts)
        assert account.ensure(session, keys, accounts) == first
        row = session.execute(
            text("SELECT kind, receipts, mail_account_id FROM account WHERE id = :id"), {"id": first}
        ).one()
        assert tuple(row) == ("polls.own", False, box)
        second = own(session, "Peilingen Groen")
        with pytest.raises(Invalid, match="Choose the account"):
            account.ensure(session, keys, accounts)
        assert account.ensure(session, keys, accounts, second) == second
        with pytest.raises(Invalid, match="mailboxes"):
            account.answer_by(session, first, second)


def test_invitations_are_each_their_own_and_belong_to_one_poll(session: Session) -> None:
    account_id = own(session)
    park, other = (make.make(session, LEAD, account_id, DRAFT) for _ in range(2))
    tokens = invite.make(session, LEAD, park, 50)
    assert len(set(tokens)) == 50
    assert all(len(token) == 22 for token in tokens)
    assert invite.known(session, park, tokens[0])
    assert not invite.known(session, other, tokens[0])
    assert not invite.known(session, park, "")
    assert invite.count(session, park) == 50
