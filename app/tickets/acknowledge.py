"""Say that a refusal was seen: what was not sent asks for nobody's attention any more. It stays refused, with its reason."""

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.identity import mandates
from app.identity.principal import Principal
from app.models import Delivery, Message
from app.tickets import held, standing, versions
from app.tickets.tables import DELIVERY
from app.vocabulary import DeliveryState, EventType, MessageKind

_UNSEEN = (DELIVERY.c.state == DeliveryState.REFUSED, DELIVERY.c.seen_at.is_(None))


def acknowledge(session: Session, principal: Principal, delivery_id: int) -> int:
    """An employee has seen that it was refused; returns the ticket's version.

    Raises `NotFound`, `Forbidden`, and `Conflict` "not_refused" when there is nothing to be seen, or a colleague was first.
    """
    ticket_id = session.scalar(select(Delivery.ticket_id).where(Delivery.id == delivery_id))
    if ticket_id is None:
        raise mandates.unknown()
    mandates.must_answer(session, principal, held.to_read(session, principal, ticket_id))
    seen = update(DELIVERY).where(DELIVERY.c.id == delivery_id, *_UNSEEN).values(seen_at=func.now())
    row = session.execute(seen.returning(DELIVERY.c.message_id)).one_or_none()
    if row is None:
        raise Conflict("not_refused", "This asks for nothing any more: a colleague saw it, or it was not refused.")
    said = {"delivery_id": delivery_id, "choice": "seen"}
    return versions.change(
        session, principal, ticket_id, EventType.DELIVERY_SETTLED, message_id=row.message_id, data=said
    )


def answered_otherwise(session: Session, ticket_id: int) -> None:
    """There is a new answer, so the refused ones before it have been dealt with."""
    before = (DELIVERY.c.ticket_id == ticket_id, DELIVERY.c.action == standing.SEND, *_UNSEEN)
    session.execute(update(DELIVERY).where(*before).values(seen_at=func.now()))


def not_answered_after_all(session: Session, message_id: int) -> None:
    """That new answer was called back, so what it had dealt with asks for attention again, unless there is a newer one.

    An answer and what it deals with are written in one transaction, which has one moment.
    """
    that = select(Message.ticket_id, Message.received_at).where(Message.id == message_id).subquery()
    newer = exists().where(
        Message.ticket_id == that.c.ticket_id, Message.id > message_id, Message.kind == MessageKind.REPLY,
        Message.withdrawn_at.is_(None),
    )  # fmt: skip
    dealt_with = (DELIVERY.c.ticket_id == that.c.ticket_id, DELIVERY.c.seen_at == that.c.received_at)
    session.execute(update(DELIVERY).where(*dealt_with, ~newer).values(seen_at=None))
