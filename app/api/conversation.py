"""Answering: replies, notes, drafts with their files, and what becomes of an answer on its way."""

from fastapi import APIRouter, Request, UploadFile
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api.asked import Number, TicketsWrite
from app.api.schemas.tickets import (
    NewDraft,
    NewNote,
    NewReply,
    Numbered,
    Release,
    Replied,
    Settlement,
)
from app.api.unchanged import DELIVERY, unchanged
from app.channels.contract import Limits
from app.errors import Conflict, Invalid, NotFound
from app.identity import mandates
from app.identity.mandates import visible
from app.identity.principal import Principal
from app.models import Delivery, Ticket
from app.models import Draft as DraftRow
from app.tickets import drafts, recipient
from app.tickets.cancel_reply import cancel_reply
from app.tickets.note import note
from app.tickets.release_draft import release_draft
from app.tickets.reply import reply
from app.tickets.settle_uncertain import settle_uncertain
from app.vocabulary import MessageKind
from app.web.etag import Expected, IfGiven
from app.web.idempotency import Made, OnceOnly
from app.web.sniff import content_type
from app.web.state import state_of
from app.web.text import clean
from app.web.transaction import Transaction

router = APIRouter(tags=["conversation"])
uploads = APIRouter(tags=["conversation"])
CHUNK = 256 * 1024
KEEPS = ("thread_changed", "changed")  # refusals after which the writer goes on with the same text


class Sent(BaseModel):
    """A file that came in, as a key for sending it once tells it from another."""

    draft: int
    sha256: str
    name: str
    size: int


@router.post("/tickets/{ticket}/replies", status_code=201, response_model=Replied)
def reply_to(
    ticket: Number,
    body: NewReply,
    request: Request,
    session: Transaction,
    me: TicketsWrite,
    expected: IfGiven,
    once: OnceOnly,
) -> Response:
    """Answer the citizen. Refused (409, `thread_changed`) when something came in that the writer had not seen.

    With If-Match it is refused (412) after any change of the ticket. A refused text is kept as the writer's draft.
    """

    def make() -> Made:
        sent = reply(
            session,
            me,
            ticket,
            text=body.text,
            seen_message_id=body.seen_message_id,
            limits=_limits(request, session, me, ticket, body.answers),
            undo_seconds=state_of(request).settings.undo_seconds,
            attachments=body.attachment_ids,
            status_after=body.status_after,
            copies=body.copies,
            visibility=body.visibility,
            answers=body.answers,
            version=expected,
        )
        return Made(Replied.model_validate(sent), f"/api/v1/tickets/{ticket}/deliveries")

    try:
        return once(me, body, make)
    except Conflict as error:
        if error.code not in KEEPS:
            raise
        # What this transaction holds would keep the draft's from being written.
        session.rollback()
        with state_of(request).database.unit_of_work() as apart:
            drafts.save(apart, me, ticket, text=body.text, seen_message_id=body.seen_message_id)
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


@router.put("/tickets/{ticket}/draft")
def save_draft(ticket: Number, body: NewDraft, session: Transaction, me: TicketsWrite) -> Numbered:
    """Keep an unsent text: one per ticket, agent and purpose. `forRelease` asks a colleague to look at it and send it."""
    made = drafts.save(
        session,
        me,
        ticket,
        text=body.text,
        seen_message_id=body.seen_message_id,
        purpose=body.purpose,
        for_release=body.for_release,
    )
    return Numbered(id=made)


@router.delete("/drafts/{draft}", status_code=204)
def discard_draft(draft: Number, session: Transaction, me: TicketsWrite) -> None:
    """Throw an own draft away."""
    drafts.discard(session, me, draft)


@router.post("/drafts/{draft}/release", status_code=201, response_model=Replied)
def release(
    draft: Number, body: Release, request: Request, session: Transaction, me: TicketsWrite, once: OnceOnly
) -> Response:
    """Send a colleague's draft: the second pair of eyes."""

    def make() -> Made:
        ticket = session.scalar(
            select(DraftRow.ticket_id)
            .join(Ticket, Ticket.id == DraftRow.ticket_id)
            .where(DraftRow.id == draft, visible(me))
        )
        if ticket is None:
            raise NotFound("draft_unknown", "There is no such draft, or it was sent already.")
        sent = release_draft(
            session,
            me,
            draft,
            limits=_limits(request, session, me, ticket),
            undo_seconds=state_of(request).settings.undo_seconds,
            seen_message_id=body.seen_message_id,
            text=body.text,
            status_after=body.status_after,
        )
        return Made(Replied.model_validate(sent), f"/api/v1/tickets/{ticket}/deliveries")

    return once(me, body, make)


@uploads.post("/drafts/{draft}/attachments", status_code=201, response_model=Numbered)
def attach(
    draft: Number, file: UploadFile, request: Request, session: Transaction, me: TicketsWrite, once: OnceOnly
) -> Response:
    """Put a file with an own draft (multipart/form-data, field `file`). Its type is what its content says."""
    state = state_of(request)
    head = file.file.read(2048)
    file.file.seek(0)
    blob = state.blobs.put(iter(lambda: file.file.read(CHUNK), b""), state.settings.max_upload_bytes)
    sent = Sent(draft=draft, sha256=blob.digest, name=clean(file.filename or "attachment")[:200], size=blob.size)

    def make() -> Made:
        kind = content_type(head)
        made = drafts.attach(session, me, draft, sha256=blob.digest, name=sent.name, content_type=kind, size=blob.size)
        return Made(Numbered(id=made))

    return once(me, sent, make)


@router.delete("/attachments/{attachment}", status_code=204)
def detach(attachment: Number, session: Transaction, me: TicketsWrite) -> None:
    """Take a file away from an own draft."""
    drafts.detach(session, me, attachment)


@router.post("/deliveries/{delivery}/cancel", status_code=201)
def cancel_delivery(delivery: Number, session: Transaction, me: TicketsWrite, expected: Expected) -> Numbered:
    """Call an answer back before it goes; gives the draft that its text is in again."""
    unchanged(session, me, DELIVERY, Delivery.id == delivery, expected)
    return Numbered(id=cancel_reply(session, me, delivery))


@router.post("/deliveries/{delivery}/settle", status_code=204)
def settle_delivery(
    delivery: Number, body: Settlement, session: Transaction, me: TicketsWrite, expected: Expected
) -> None:
    """Say what became of an answer that may have gone out."""
    unchanged(session, me, DELIVERY, Delivery.id == delivery, expected)
    settle_uncertain(session, me, delivery, body.choice)


def _limits(request: Request, session: Session, me: Principal, ticket: int, answers: int | None = None) -> Limits:
    """Those of the account that the answer goes through."""
    seen = session.scalar(select(Ticket.id).where(Ticket.id == ticket, visible(me)))
    answered = recipient.find(session, ticket, answers) if seen else None
    if seen is None:
        raise mandates.unknown()
    if answered is None:
        raise Invalid("nobody_to_answer", "Nobody in this ticket can be answered. Start a new message instead.")
    return state_of(request).accounts.channel(answered.account_id).limits
