"""Writing: answers and notes, their drafts and files, and what happens to an answer on its way out.

The draft is saved before an answer is tried, so whatever refuses it (the send guard, a limit, a mandate) never costs a word.
"""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.datastructures import FormData, UploadFile
from starlette.responses import JSONResponse, Response

from app.desk import around
from app.desk.frame import go, trouble
from app.desk.measured import measured
from app.desk.posted import Posted, number, text_of
from app.desk.ticket import limits_of, show_ticket
from app.errors import Conflict, DomainError, NotFound
from app.identity.principal import Principal
from app.tickets import drafts, note, read, reference, templates
from app.tickets.release_draft import release_draft
from app.tickets.reply import reply
from app.vocabulary import MandateLevel, TicketStatus, Visibility
from app.web.i18n import _
from app.web.principal import CurrentAgent
from app.web.state import state_of
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk", include_in_schema=False)
AFTER = (TicketStatus.PENDING, TicketStatus.SOLVED, TicketStatus.OPEN)
NARROWED = {Visibility.DIRECT.value: Visibility.DIRECT}
"""What a writer may choose besides what the reaction had."""


@router.post("/tickets/{ticket_id}/reply")
def answer(request: Request, session: Transaction, me: CurrentAgent, ticket_id: int, form: Posted) -> Response:
    """Send the answer, or save it for release when that is what the mandate allows."""
    view = read.ticket(session, me, ticket_id)
    text = text_of(form, "text")
    if view.level is MandateLevel.DRAFT:
        return _for_release(request, session, me, ticket_id, form)
    _keep(request, session, me, ticket_id, form, "reply")
    try:
        if view.answers is None:
            raise Conflict("nobody", _("There is nobody to answer in this ticket."))
        reply(
            session, me, ticket_id, text=text, seen_message_id=number(form.get("seen_message_id")) or 0,
            limits=limits_of(request, session, view.answers.account_id),
            undo_seconds=state_of(request).settings.undo_seconds, status_after=_after(form),
            visibility=_narrowed(form),
        )  # fmt: skip
    except DomainError as error:
        return _refused(request, session, me, ticket_id, form, error)
    return go(f"/desk/tickets/{ticket_id}#composer")


@router.post("/drafts/{draft_id}/release")
def release(request: Request, session: Transaction, me: CurrentAgent, draft_id: int, form: Posted) -> Response:
    """Look at a colleague's answer, and send it."""
    ticket_id, account_id = _of_draft(session, me, draft_id)
    try:
        release_draft(
            session, me, draft_id, limits=limits_of(request, session, account_id),
            undo_seconds=state_of(request).settings.undo_seconds,
            seen_message_id=number(form.get("seen_message_id")) or 0, status_after=_after(form),
        )  # fmt: skip
    except DomainError as error:
        return _refused(request, session, me, ticket_id, form, error)
    return go(f"/desk/tickets/{ticket_id}", "released")


@router.post("/tickets/{ticket_id}/note")
def write_note(request: Request, session: Transaction, me: CurrentAgent, ticket_id: int, form: Posted) -> Response:
    """Write for colleagues."""
    try:
        note.note(session, me, ticket_id, text=text_of(form, "text"))
    except DomainError as error:
        session.rollback()
        _keep(request, session, me, ticket_id, form, "note")
        return show_ticket(
            request, session, me, ticket_id, mode="note", notices=[trouble(error, me.language)], status=400
        )
    for draft in drafts.read(session, me, ticket_id):
        if draft.purpose == "note" and draft.agent_id == me.agent_id:
            drafts.discard(session, me, draft.id)
    return go(f"/desk/tickets/{ticket_id}?mode=note", "noted")


@router.post("/tickets/{ticket_id}/draft")
def save(session: Transaction, me: CurrentAgent, ticket_id: int, form: Posted) -> Response:
    """Keep what was typed so far."""
    purpose = text_of(form, "purpose", "reply")
    if (text := text_of(form, "text")).strip() or _narrowed(form):
        _save(session, me, ticket_id, form, text, purpose)
    else:
        _forget(session, me, ticket_id, purpose)
    return JSONResponse({"saved": True})


@router.post("/tickets/{ticket_id}/measure")
def measure(request: Request, session: Transaction, me: CurrentAgent, ticket_id: int, form: Posted) -> Response:
    """How long a text is as its channel counts, how long it may be, and what of it must go."""
    answers = read.ticket(session, me, ticket_id).answers
    if answers is None:
        raise NotFound("nobody", _("There is nobody to answer in this ticket."))
    limits = limits_of(request, session, answers.account_id).seen(_narrowed(form) or answers.visibility)
    found = measured(limits, text_of(form, "text"), me.language)
    return JSONResponse({**asdict(found), "over": found.over})


@router.post("/tickets/{ticket_id}/insert")
def insert(request: Request, session: Transaction, me: CurrentAgent, ticket_id: int, form: Posted) -> Response:
    """A text block: for script its text, without script at the end of the draft."""
    head = read.ticket(session, me, ticket_id).head
    chosen = number(form.get("template"))
    block = next((b.text for b in around.blocks(session, me, head) if b.id == chosen), "")
    values = {
        "reference": reference.of(ticket_id),
        "name": head.contact_name or "",
        "organisation": head.organisation_name,
    }
    block = templates.render(block, values).text
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"text": block})
    text = "\n\n".join(part for part in (text_of(form, "text").rstrip(), block) if part)
    _save(session, me, ticket_id, form, text, "reply")
    return go(f"/desk/tickets/{ticket_id}#composer")


@router.post("/tickets/{ticket_id}/attachments")
def attach(request: Request, session: Transaction, me: CurrentAgent, ticket_id: int, form: Posted) -> Response:
    """Put a file with the draft; what was typed is saved along."""
    _keep(request, session, me, ticket_id, form, "reply", always=True)
    return go(f"/desk/tickets/{ticket_id}#composer", "attached")


@router.post("/drafts/files/{file_id}/remove")
def detach(session: Transaction, me: CurrentAgent, file_id: int, ticket: int, form: Posted) -> Response:
    """Take a file away from the draft; what was typed is saved along."""
    drafts.detach(session, me, file_id)
    _save(session, me, ticket, form, text_of(form, "text"), "reply")
    return go(f"/desk/tickets/{ticket}#composer")


def _after(form: FormData) -> TicketStatus:
    chosen = text_of(form, "status_after")
    return next((status for status in AFTER if status == chosen), TicketStatus.PENDING)


def _narrowed(form: FormData) -> Visibility | None:
    """Who sees the answer where its writer chose fewer people than saw the reaction."""
    return NARROWED.get(text_of(form, "visibility"))


def _keep(
    request: Request,
    session: Session,
    me: Principal,
    ticket_id: int,
    form: FormData,
    purpose: str,
    always: bool = False,
) -> None:
    """Save the draft, with a file that came along: an answer never leaves without a file that its writer chose."""
    file = form.get("file")
    chosen = isinstance(file, UploadFile) and bool(file.filename)
    text = text_of(form, "text")
    if not (text.strip() or chosen or always):
        return
    draft_id = _save(session, me, ticket_id, form, text, purpose)
    if isinstance(file, UploadFile) and chosen:
        content = file.file.read()
        blob = state_of(request).blobs.put(content, state_of(request).settings.max_upload_bytes)
        kind = file.content_type or "application/octet-stream"
        drafts.attach(
            session,
            me,
            draft_id,
            sha256=blob.digest,
            name=(file.filename or "")[:200],
            content_type=kind[:100],
            size=blob.size,
        )


def _save(
    session: Session, me: Principal, ticket_id: int, form: FormData, text: str, purpose: str, for_release: bool = False
) -> int:
    return drafts.save(
        session, me, ticket_id, text=text, seen_message_id=number(form.get("seen_message_id")), purpose=purpose,
        for_release=for_release, visibility=_narrowed(form),
    )  # fmt: skip


def _forget(session: Session, me: Principal, ticket_id: int, purpose: str) -> None:
    """Somebody emptied the box: the draft goes, unless files are with it."""
    for draft in drafts.read(session, me, ticket_id):
        if draft.purpose == purpose and draft.agent_id == me.agent_id and not draft.attachments:
            drafts.discard(session, me, draft.id)


def _for_release(request: Request, session: Session, me: Principal, ticket_id: int, form: FormData) -> Response:
    try:
        _save(session, me, ticket_id, form, text_of(form, "text"), "reply", for_release=True)
    except DomainError as error:
        return _refused(request, session, me, ticket_id, form, error)
    return go(f"/desk/tickets/{ticket_id}", "kept_for_release")


def _refused(
    request: Request, session: Session, me: Principal, ticket_id: int, form: FormData, error: DomainError
) -> Response:
    """The page with the text, why it was not sent, and what is new; the draft is in this transaction and is kept."""
    seen = number(form.get("seen_message_id")) or 0
    missed = []
    if error.code == "thread_changed":
        missed = [entry for entry in read.since(session, me, ticket_id, seen) if entry.exchanged]
    status = 409 if isinstance(error, Conflict) else 400
    notices = [] if missed else [trouble(error, me.language)]
    problem = trouble(error, me.language).text
    return show_ticket(
        request, session, me, ticket_id, text=text_of(form, "text"), problem=problem, missed=missed, notices=notices,
        status=status, visibility=_narrowed(form),
    )  # fmt: skip


def _of_draft(session: Session, me: Principal, draft_id: int) -> tuple[int, int]:
    """The ticket of a draft that waits for release, and the account that its answer goes over."""
    waiting: dict[int, Any] = {draft.draft_id: draft for draft in drafts.waiting(session, me, limit=1000)}
    if draft_id not in waiting:
        raise NotFound("draft_unknown", _("This draft does not wait for release any more. Look at the ticket."))
    ticket_id = int(waiting[draft_id].ticket_id)
    answers = read.ticket(session, me, ticket_id).answers
    if answers is None:
        raise NotFound("nobody", _("There is nobody to answer in this ticket."))
    return ticket_id, answers.account_id
