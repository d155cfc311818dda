"""Unsent texts with their files. A draft has a version of its own: its ETag changes with its text and its files.

A ticket has one draft per writer and purpose, so saving one creates it the first time and changes it from then on.
"""

from typing import Annotated

from fastapi import APIRouter, Header, Request, UploadFile
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api import changes
from app.api.asked import Number, TicketsRead, TicketsWrite
from app.api.conversation import limits_of
from app.api.schemas.tickets import Draft
from app.api.schemas.verbs import NewDraft, Numbered, Release, Replied
from app.api.unchanged import DRAFT, unchanged
from app.errors import NotFound
from app.identity.principal import Principal
from app.models import Attachment, Ticket
from app.models import Draft as Row
from app.tickets import drafts
from app.tickets.release_draft import release_draft
from app.web import etag
from app.web.etag import IfMatch
from app.web.idempotency import Made, OnceOnly
from app.web.kept_file import keep
from app.web.state import state_of
from app.web.transaction import Transaction

router = APIRouter(tags=["drafts"])
uploads = APIRouter(tags=["drafts"])
GONE = "There is no such draft, or it was sent or thrown away."


class Sent(BaseModel):
    """A file that came in, as a key for sending it once tells it from another."""

    draft: int
    sha256: str
    name: str
    size: int


@router.get("/tickets/{ticket}/drafts")
def list_drafts(ticket: Number, session: Transaction, me: TicketsRead) -> list[Draft]:
    """The token's own drafts, and those that wait for release."""
    return [Draft.model_validate(row) for row in drafts.read(session, me, ticket)]


@router.put("/tickets/{ticket}/draft", response_model=Draft)
def save_draft(
    ticket: Number,
    body: NewDraft,
    session: Transaction,
    me: TicketsWrite,
    if_match: Annotated[str | None, Header(description=etag.SEEN)] = None,
    if_none_match: Annotated[str | None, Header(description="`*`: only when there is no such draft yet.")] = None,
) -> Response:
    """Keep an unsent text: one per ticket, agent and purpose. `forRelease` asks a colleague to look at it and send it.

    The first one is saved with `If-None-Match: *`, each later one with If-Match, so that two windows do not overwrite each
    other. `If-Match: *` changes the one that is there, whatever it says (RFC 9110 13.1.1).
    """
    before = _own(session, me, ticket, body.purpose)
    _compare(before, if_match, if_none_match)
    made = drafts.save(
        session,
        me,
        ticket,
        text=body.text,
        seen_message_id=body.seen_message_id,
        purpose=body.purpose,
        for_release=body.for_release,
        visibility=body.visibility,
    )
    return changes.told(_one(session, me, ticket, made))


@router.get("/drafts/{draft}", response_model=Draft)
def read_draft(draft: Number, session: Transaction, me: TicketsRead) -> Response:
    """One draft: an own one, or one that waits for release."""
    return changes.told(_one(session, me, _ticket(session, draft), draft))


@router.delete("/drafts/{draft}", status_code=204)
def discard_draft(draft: Number, session: Transaction, me: TicketsWrite, if_match: IfMatch) -> None:
    """Throw an own draft away."""
    _held(session, me, draft, if_match)
    drafts.discard(session, me, draft)


@router.post("/drafts/{draft}/release", status_code=201, response_model=Replied)
def release(
    draft: Number,
    body: Release,
    request: Request,
    session: Transaction,
    me: TicketsWrite,
    if_match: IfMatch,
    once: OnceOnly,
) -> Response:
    """Send a colleague's draft: the second pair of eyes. If-Match is the draft's: what goes out is what was read."""

    def make() -> Made:
        ticket = _held(session, me, draft, if_match)
        sent = release_draft(
            session,
            me,
            draft,
            limits=limits_of(request, session, me, ticket),
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
    kept = keep(state_of(request), file)
    sent = Sent(draft=draft, sha256=kept.sha256, name=kept.name, size=kept.size)

    def make() -> Made:
        made = drafts.attach(session, me, draft, **kept._asdict())
        return Made(Numbered(id=made), f"/api/v1/attachments/{made}")

    return once(me, sent, make)


@router.delete("/attachments/{attachment}", status_code=204)
def detach(attachment: Number, session: Transaction, me: TicketsWrite, if_match: IfMatch) -> None:
    """Take a file away from an own draft; If-Match is the draft's."""
    draft = session.scalar(select(Attachment.draft_id).where(Attachment.id == attachment))
    if draft is None:
        raise NotFound("attachment", "No draft has such a file.")
    _held(session, me, draft, if_match)
    drafts.detach(session, me, attachment)


def _own(session: Session, me: Principal, ticket: int, purpose: str) -> Draft | None:
    """The asker's own draft, held with its ticket, so that nobody saves another between the comparison and the change."""
    session.execute(select(Ticket.id).where(Ticket.id == ticket).with_for_update())
    mine = [row for row in drafts.read(session, me, ticket) if (row.agent_id, row.purpose) == (me.agent_id, purpose)]
    return Draft.model_validate(mine[0]) if mine else None


def _compare(before: Draft | None, if_match: str | None, if_none_match: str | None) -> None:
    if if_none_match is not None and if_match is None:
        if before is not None:
            raise etag.stale()
        return
    wanted = etag.given(if_match)
    if before is None:
        raise etag.stale()
    etag.check(wanted, before)


def _held(session: Session, me: Principal, draft: int, if_match: str) -> int:
    """The ticket of a draft that the asker may see, both held; raises `Conflict` "changed" (412)."""
    unchanged(session, me, DRAFT, Row.id == draft, None)
    ticket = _ticket(session, draft)
    session.execute(select(Row.id).where(Row.id == draft).with_for_update())
    etag.check(if_match, _one(session, me, ticket, draft))
    return ticket


def _ticket(session: Session, draft: int) -> int:
    ticket = session.scalar(select(Row.ticket_id).where(Row.id == draft))
    if ticket is None:
        raise NotFound("draft_unknown", GONE)
    return ticket


def _one(session: Session, me: Principal, ticket: int, draft: int) -> Draft:
    found = next((row for row in drafts.read(session, me, ticket) if row.id == draft), None)
    if found is None:
        raise NotFound("draft_unknown", GONE)
    return Draft.model_validate(found)
