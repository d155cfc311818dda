"""What an answer becomes once it is known that it went out, whoever says so: the worker, the service, a colleague."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, update
from sqlalchemy.orm import Session

from app.models import Message, Ticket
from app.tickets import standing
from app.tickets.correct import corrected
from app.vocabulary import MessageKind, Publication, Visibility

# Not before it went out: during the undo window nobody may see it.
_PUBLIC_REPLY = and_(
    Message.kind == MessageKind.REPLY, Message.visibility.in_((Visibility.PUBLIC, Visibility.UNLISTED))
)


def gone_out(session: Session, done: Any, at: datetime, external_id: str = "") -> None:
    """Write on the message what its delivery did, so that citizens see it wherever it stands.

    `done` is the delivery's row (`ticket_id`, `message_id`, `account_id`, `action`, `payload`), `at` when it went out, and
    `external_id` what the service calls it, empty where nobody knows.
    """
    if done.message_id is None:
        return
    if done.action == standing.SEND:
        _said(session, done, at, external_id)
    elif done.action == standing.CORRECT:  # a correction may stand under another id (X)
        corrected(session, done.message_id, str(done.payload.get("text", "")), external_id)
    elif done.action == standing.TAKE_BACK:
        taken_back(session, done.message_id)


def taken_back(session: Session, message_id: int) -> None:
    """An answer stands there no longer."""
    gone = case((Message.publication.is_not(None), Publication.WITHDRAWN.value), else_=None)
    answer = update(Message).where(Message.id == message_id)
    session.execute(answer.values(withdrawn_at=func.clock_timestamp(), publication=gone))


def _said(session: Session, done: Any, at: datetime, external_id: str) -> None:
    """From now on answers to this id are answers to this message, and the ticket was answered.

    A copy by mail tells nothing of the message itself, which stands elsewhere; answers to the copy are known by its delivery.
    """
    kind = session.execute(
        update(Message)
        .where(Message.id == done.message_id, func.coalesce(Message.account_id, done.account_id) == done.account_id)
        .values(
            external_id=case((Message.external_id == "", external_id), else_=Message.external_id),
            sent_at=at,
            publication=case((_PUBLIC_REPLY, Publication.PUBLISHED.value), else_=Message.publication),
        )
        .returning(Message.kind)
    ).scalar_one_or_none()
    if kind is MessageKind.REPLY:
        answered = func.greatest(Ticket.last_outbound_at, at)
        session.execute(update(Ticket).where(Ticket.id == done.ticket_id).values(last_outbound_at=answered))
