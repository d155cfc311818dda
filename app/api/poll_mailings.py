"""Invitations to a poll by mail: sent to many, each once, and where they stand. Addresses stand in bodies, never in a URI."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api.asked import AccountsWrite, Number, TicketsRead
from app.api.changes import told
from app.errors import Fault, Invalid
from app.polls import doubted_mail, invite, invite_by_mail, make
from app.polls.doubted_mail import Choice
from app.polls.invite_by_mail import LONGEST, Letter
from app.polls.poll import by_id
from app.vocabulary import DeliveryState, Language
from app.web import etag
from app.web.etag import IfMatch
from app.web.idempotency import Made, OnceOnly
from app.web.state import state_of
from app.web.strict import Given, Id, Told
from app.web.transaction import Transaction

router = APIRouter(prefix="/polls", tags=["polls"])
NO_ADDRESS = "This is no mail address."
_FIELDS = {"account": "mailboxId", "mail_account_id": "mailboxId"}


class NewMailing(Given):
    """Whom to write to, by which mailbox. `words` stand above the link; without them the poll's own introduction does."""

    addresses: Annotated[
        list[Annotated[str, Field(max_length=LONGEST)]], Field(min_length=1, max_length=invite.MOST_AT_ONCE)
    ]
    mailbox_id: Id
    language: Language = Language.DUTCH
    words: Annotated[str, Field(max_length=5000)] = ""


class Written(Told):
    """How many are written to now, and how many had been before, who get nothing."""

    new: int
    known: int


class NotArrived(Told):
    """A mail that came back or was refused, or one (`uncertain`) of which nobody can tell whether it went out."""

    id: int
    address: str
    state: DeliveryState
    problem: str


class Mailings(Told):
    """Where the mails of a poll stand. `trouble` has at most the 100 newest, the uncertain ones first."""

    sent: int
    under_way: int
    not_arrived: int
    trouble: list[NotArrived]


@router.post("/{poll}/mailings", status_code=201, response_model=Written)
def create_mailing(
    poll: Number, body: NewMailing, request: Request, session: Transaction, me: AccountsWrite, once: OnceOnly
) -> Response:
    """Mail each address a link to vote by, once. Again to whom it did not reach, or perhaps not: there with the same link."""
    make.may_run(me)

    def write() -> Made:
        to, state = _addresses(body.addresses), state_of(request)
        letter = Letter(body.language, body.words, body.mailbox_id, state.settings.base_url)
        try:
            written = invite_by_mail.send(session, state.keys, me, poll, to, letter)
        except Invalid as error:
            faults = [replace(fault, field=_FIELDS.get(fault.field, fault.field)) for fault in error.faults]
            raise Invalid(error.code, error.fix, faults) from None
        return Made(Written.model_validate(written), f"/api/v1/polls/{poll}/mailings")

    return once(me, body, write)


class Doubt(Given):
    """Somebody looked: the mail did go out, or is to be sent `again` with the same link. Without `mailingId` all in doubt."""

    choice: Choice
    mailing_id: Id | None = None


@router.get("/{poll}/mailings", response_model=Mailings)
def read_mailings(poll: Number, session: Transaction, me: TicketsRead) -> Response:
    """How many were sent, and which did not arrive. Leads and administrators only."""
    make.may_run(me)
    by_id(session, poll)
    return told(_stand(session, poll))


@router.post("/{poll}/mailings/settle", response_model=Mailings)
def settle_mailings(poll: Number, body: Doubt, session: Transaction, me: AccountsWrite, if_match: IfMatch) -> Response:
    """Say what became of mails of which nobody can tell; If-Match is that of `mailings`, which this gives as they stand then."""
    make.may_run(me)
    by_id(session, poll, lock=True)
    etag.check(if_match, _stand(session, poll))
    doubted_mail.settle(session, me, poll, body.choice, body.mailing_id)
    return told(_stand(session, poll))


def _stand(session: Session, poll: int) -> Mailings:
    found = invite_by_mail.mailed(session, poll)
    trouble = [NotArrived.model_validate(one) for one in found.trouble]
    return Mailings(sent=found.sent, under_way=found.under_way, not_arrived=found.stopped, trouble=trouble)


def _addresses(given: Sequence[str]) -> list[str]:
    """Each once, as it is kept. A fault says which one is wrong by its place, and never repeats it."""
    found: dict[str, None] = {}
    faults: list[Fault] = []
    for place, said in enumerate(given):
        one = invite_by_mail.addresses(said)
        if len(one) == 1 and one[0] == said.strip().lower():
            found[one[0]] = None
        else:
            faults.append(Fault(f"addresses.{place}", "address", NO_ADDRESS))
    if faults:
        raise Invalid("addresses", "Correct these mail addresses and send again.", faults)
    return list(found)
