"""Answering: replies, notes, and what becomes of an answer on its way. Unsent texts are in `drafts.py`."""

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api.asked import Number, TicketsWrite
from app.api.schemas.verbs import NewNote, NewReply, Numbered, Replied, Settlement
from app.api.unchanged import DELIVERY, unchanged
from app.channels.contract import Limits
from app.errors import Conflict, Invalid
from app.identity import mandates
from app.identity.mandates import visible
from app.identity.principal import Principal
from app.models import Delivery, Ticket
from app.tickets import drafts, recipient
from app.tickets.acknowledge import acknowledge
from app.tickets.cancel_reply import cancel_reply
from app.tickets.note import note
from app.tickets.reply import reply
from app.tickets.settle_uncertain import settle_uncertain
from app.vocabulary import MessageKind
from app.web import etag
from app.web.etag import Expected, IfGiven
from app.web.idempotency import Made, OnceOnly
from app.web.state import state_of
from app.web.transaction import Transaction

router = APIRouter(tags=["conversation"])
KEEPS = ("thread_changed", "changed")  # refusals after which the writer goes on with the same text


@router.post("/tickets/{ticket}/replies", status_code=201, response_model=Replied)
def reply_to(
    ticket: Number, body: NewReply, request: Request, session: Transaction, me: TicketsWrite, expected: IfGiven,
    once: OnceOnly,
) -> Response:  # fmt: skip
    """Answer the citizen. Refused (409, `thread_changed`) when something came in that the writer had not seen.

    With If-Match it is refused (412) after any change of the ticket. A refused text is kept as the writer's draft.
    """

    def make() -> Made:
        sent = reply(
            session, me, ticket, text=body.text, seen_message_id=body.seen_message_id, version=expected,
            limits=limits_of(request, session, me, ticket, body.answers), answers=body.answers, copies=body.copies,
            undo_seconds=state_of(request).settings.undo_seconds, attachments=body.attachment_ids,
            status_after=body.status_after, visibility=body.visibility,
        )  # fmt: skip
        return Made(Replied.model_validate(sent), f"/api/v1/tickets/{ticket}/deliveries")

    try:
        return once(me, body, make)
    except Conflict as error:
        if error.code not in KEEPS:
            raise
        session.rollback()  # what this transaction holds would keep the draft's from being written
        _kept(request, me, ticket, body)
        raise


@router.post("/tickets/{ticket}/notes", status_code=201, response_model=Numbered)
def add_note(ticket: Number, body: NewNote, session: Transaction, me: TicketsWrite, once: OnceOnly) -> Response:
    """Write something for colleagues."""
    kind = MessageKind.CALL_NOTE if body.call_note else MessageKind.NOTE

    def make() -> Made:
        return Made(
            Numbered(id=note(session, me, ticket, text=body.text, kind=kind)), f"/api/v1/tickets/{ticket}/messages"
        )

    return once(me, body, make)


@router.post("/deliveries/{delivery}/cancel", status_code=201, response_model=Numbered)
def cancel_delivery(
    delivery: Number, session: Transaction, me: TicketsWrite, expected: Expected, once: OnceOnly
) -> Response:
    """Call an answer back before it goes; gives the draft that its text is in again."""

    def make() -> Made:
        unchanged(session, me, DELIVERY, Delivery.id == delivery, expected)
        made = cancel_reply(session, me, delivery)
        return Made(Numbered(id=made), f"/api/v1/drafts/{made}")

    return once(me, None, make)


@router.post("/deliveries/{delivery}/settle", status_code=204)
def settle_delivery(
    delivery: Number, body: Settlement, session: Transaction, me: TicketsWrite, expected: Expected
) -> Response:
    """Say what became of an answer that may have gone out, or that a refusal was seen."""
    unchanged(session, me, DELIVERY, Delivery.id == delivery, expected)
    if body.choice == "seen":
        version = acknowledge(session, me, delivery)
    else:
        version = settle_uncertain(session, me, delivery, body.choice)
    return Response(status_code=204, headers=etag.headers(version))


def _kept(request: Request, me: Principal, ticket: int, body: NewReply) -> None:
    with state_of(request).database.unit_of_work() as apart:
        drafts.save(apart, me, ticket, text=body.text, seen_message_id=body.seen_message_id, visibility=body.visibility)


def limits_of(request: Request, session: Session, me: Principal, ticket: int, answers: int | None = None) -> Limits:
    """Those of the account that the answer goes through."""
    seen = session.scalar(select(Ticket.id).where(Ticket.id == ticket, visible(me)))
    answered = recipient.find(session, ticket, answers) if seen else None
    if seen is None:
        raise mandates.unknown()
    if answered is None:
        raise Invalid("nobody_to_answer", "Nobody in this ticket can be answered. Start a new message instead.")
    return state_of(request).accounts.channel(answered.account_id).limits
