"""Whom an answer goes to: the newest reaction by the ticket's contact, over the account that it came in by."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.orm import Session

from app.models import Message, Ticket
from app.vocabulary import Publication, Visibility


class Answered(NamedTuple):
    """The reaction that is answered. `references` are the ids before it, nearest first; `age` is how
    long ago it arrived, by the database's clock.
    """

    message_id: int
    account_id: int
    address_id: int | None
    contact_id: int | None
    visibility: Visibility
    publication: Publication | None
    external_id: str
    root_id: str
    references: list[str]
    subject_key: str
    language: str
    age: timedelta


_COLUMNS = select(
    Message.id,
    Message.account_id,
    Message.address_id,
    Message.contact_id,
    Message.visibility,
    Message.publication,
    Message.external_id,
    Message.root_id,
    Message.references,
    Message.subject_key,
    Message.language,
    func.now() - Message.received_at,
).where(
    Message.ticket_id == bindparam("ticket_id"),
    Message.account_id.is_not(None),
    text("message.kind = 'reaction' AND message.withdrawn_at IS NULL"),
)
# Somebody else in the conversation is answered only when the contact is not in it (a merge, a public thread).
_NEWEST = (
    _COLUMNS.join(Ticket, Ticket.id == Message.ticket_id)
    .order_by(Message.contact_id.is_not_distinct_from(Ticket.contact_id).desc(), Message.id.desc())
    .limit(1)
)
_CHOSEN = _COLUMNS.where(Message.id == bindparam("message_id"))


def find(session: Session, ticket_id: int, message_id: int | None = None) -> Answered | None:
    """The reaction that an answer goes to: `message_id` when it is a reaction of this ticket, else the newest by the contact.

    None when nobody reacted, or everybody withdrew.
    """
    if message_id is not None:
        row = session.execute(_CHOSEN, {"ticket_id": ticket_id, "message_id": message_id}).one_or_none()
    else:
        row = session.execute(_NEWEST, {"ticket_id": ticket_id}).one_or_none()
    return Answered(*row) if row else None
