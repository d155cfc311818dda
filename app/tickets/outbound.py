"""Putting an answer on its way: the message, its files and its delivery, in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.channels.contract import Limits
from app.channels.outgoing import NARROW
from app.errors import Conflict, Fault, Invalid
from app.models import Attachment, Message
from app.tickets import recipient
from app.tickets.create import NewMessage, insert_message
from app.tickets.held import Held
from app.tickets.outbox import enqueue
from app.tickets.recipient import Answered
from app.tickets.tables import ATTACHMENT
from app.tickets.thread_rows import EXCHANGED
from app.vocabulary import AttachmentState, MessageKind, TicketStatus, Visibility

# From wide to narrow. A ticket's answer may be narrower than what it answers, never wider.
WIDTH = {Visibility.PUBLIC: 3, Visibility.UNLISTED: 2, Visibility.PRIVATE: 1, Visibility.DIRECT: 0}
AFTER = (TicketStatus.OPEN, TicketStatus.PENDING, TicketStatus.ON_HOLD, TicketStatus.SOLVED)
MOST_COPIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody wants to send. `draft_id` is where it was written; `attachments` None = all files of that draft."""

    text: str
    seen_message_id: int
    author_id: int
    author_name: str
    status_after: TicketStatus
    draft_id: int | None = None
    attachments: Sequence[int] | None = None
    copies: Sequence[str] = ()
    visibility: Visibility | None = None
    answers: int | None = None


class File(NamedTuple):
    """A file that goes along."""

    id: int
    size: int
    state: AttachmentState


class Underway(NamedTuple):
    """What was made of an answer; `delivery_id` is the first on its way, before a copy by mail."""

    message_id: int
    delivery_id: int


def check(session: Session, ticket: Held, answer: Answer, limits: Limits) -> tuple[Answered, list[File]]:
    """Whom it answers and which files go along. Writes nothing.

    Raises `Conflict` "thread_changed" when something passed that the writer had not seen, with the new messages' ids as
    faults; `Invalid` with every rule broken at once; `Invalid` "nobody_to_answer".
    """
    _guard(session, ticket.id, answer.seen_message_id)
    answered = recipient.find(session, ticket.id, answer.answers)
    if answered is None:
        raise Invalid("nobody_to_answer", "Nobody in this ticket can be answered. Start a new message instead.")
    if answered.copy_account_id is not None and answer.visibility in NARROW:
        answered = answered.mailed()
    files = _files(session, answer)
    limits = limits.seen(answer.visibility or answered.visibility)
    faults = [
        *text_faults(answer.text, limits),
        *_file_faults(answer, files, limits),
        *_other_faults(answer, answered),
    ]
    if limits.reply_window is not None and answered.age > limits.reply_window.total_seconds():
        fix = "This channel takes no answers so long after the reaction. Answer another way, and note how."
        faults.append(Fault("text", "window_closed", fix))
    if faults:
        raise Invalid("answer", "The channel cannot send it like this.", faults)
    return answered, files


def send(
    session: Session, ticket: Held, answer: Answer, answered: Answered, files: Sequence[File], undo_seconds: float
) -> Underway:
    """Write the message and its delivery (and that of a copy by mail), claimable after `undo_seconds` by the database's clock."""
    message_id = insert_message(session, ticket.id, _message(ticket, answer, answered))
    if files:
        moved = update(ATTACHMENT).where(ATTACHMENT.c.id.in_([file.id for file in files]))
        session.execute(moved.values(message_id=message_id, draft_id=None))
    ways = [way for way in (answered.account_id, answered.copy_account_id) if way is not None]
    deliveries = [
        enqueue(
            session, ticket_id=ticket.id, message_id=message_id, account_id=way, address_id=answered.address_id,
            wait_seconds=undo_seconds,
        )
        for way in ways
    ]  # fmt: skip
    return Underway(message_id, deliveries[0])


def _message(ticket: Held, answer: Answer, answered: Answered) -> NewMessage:
    return NewMessage(
        kind=MessageKind.REPLY,
        account_id=answered.account_id,
        visibility=answer.visibility or answered.visibility,
        parent_id=answered.external_id,
        root_id=answered.root_id or answered.external_id,
        references=[answered.external_id, *answered.references] if answered.external_id else answered.references,
        contact_id=answered.contact_id,
        address_id=answered.address_id,
        agent_id=answer.author_id,
        author_name=answer.author_name,
        text=answer.text.strip(),
        language=answered.language or ticket.language,
        recipients=list(answer.copies),
        subject_key=answered.subject_key,
    )


def _guard(session: Session, ticket_id: int, seen_message_id: int) -> None:
    unseen = (
        select(Message.id, Message.kind)
        .where(Message.ticket_id == ticket_id, Message.id > seen_message_id, Message.kind.in_(EXCHANGED))
        .where((Message.kind != MessageKind.REPLY) | Message.withdrawn_at.is_(None))
        .order_by(Message.id)
        .limit(20)
    )
    faults = [Fault(f"message/{row.id}", row.kind.value, "Read it first.") for row in session.execute(unseen)]
    if faults:
        fix = "Something new came in while you wrote. Read it; your draft is kept, and you can send it then."
        raise Conflict("thread_changed", fix, faults)


def _files(session: Session, answer: Answer) -> list[File]:
    if answer.draft_id is None:
        return []
    mine = select(Attachment.id, Attachment.size, Attachment.state).where(Attachment.draft_id == answer.draft_id)
    files = [File(*row) for row in session.execute(mine.order_by(Attachment.id))]
    return files if answer.attachments is None else [file for file in files if file.id in set(answer.attachments)]


def text_faults(text: str, limits: Limits) -> list[Fault]:
    """What is wrong with the words of an answer: none, or too many."""
    if not text.strip():
        return [Fault("text", "empty", "Write an answer.")]
    if limits.excess(text.strip()) is not None:
        used = limits.measure(text.strip())
        return [Fault("text", "too_long", f"It counts {used}; this channel takes {limits.max_length}. Shorten it.")]
    return []


def _file_faults(answer: Answer, files: Sequence[File], limits: Limits) -> list[Fault]:
    faults = []
    if answer.attachments is not None and len(files) != len(set(answer.attachments)):
        faults.append(Fault("attachments", "unknown", "Attach the file again: it is not with your draft."))
    if len(files) > limits.max_attachments:
        faults.append(Fault("attachments", "too_many", f"This channel takes {limits.max_attachments} files."))
    if limits.max_attachment_bytes and any(file.size > limits.max_attachment_bytes for file in files):
        fix = (
            f"A file may have at most {limits.max_attachment_bytes / 1e6:.1f} MB here. Send a link, or a smaller file."
        )
        faults.append(Fault("attachments", "too_large", fix))
    if any(file.state is AttachmentState.INFECTED for file in files):
        faults.append(Fault("attachments", "infected", "Remove the file that the virus scanner refused."))
    return faults


def _other_faults(answer: Answer, answered: Answered) -> list[Fault]:
    faults = []
    if answer.visibility is not None and WIDTH[answer.visibility] > WIDTH[answered.visibility]:
        faults.append(Fault("visibility", "wider", f"It was said {answered.visibility}: answer no wider than that."))
    if answer.status_after not in AFTER:
        faults.append(Fault("status_after", "status", f"After an answer a ticket is one of: {', '.join(AFTER)}."))
    if len(answer.copies) > MOST_COPIES or not all(_is_address(copy) for copy in answer.copies):
        faults.append(Fault("copies", "address", f"Give at most {MOST_COPIES} mail addresses, each complete."))
    return faults


def _is_address(copy: str) -> bool:
    local, at, domain = copy.partition("@")
    return (
        bool(local and at and domain)
        and "@" not in domain
        and copy.isprintable()
        and not any(c in copy for c in ' ,;<>"')
    )
