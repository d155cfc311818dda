"""Take back an answer that went out, where its channel can: every post of it, at the service itself.

The answer stays in the ticket, marked as taken back once the service did it: what was said was said. To correct one, take it
back and answer anew.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.identity import mandates
from app.identity.principal import Principal
from app.models import Delivery, Message
from app.tickets import held, versions
from app.tickets.outbox import enqueue
from app.vocabulary import DeliveryState, EventType, MessageKind

ACTION = "retract"
FAILED = (DeliveryState.REFUSED, DeliveryState.CANCELLED)


def take_back(
    session: Session, principal: Principal, message_id: int, *, able: bool = True, version: int | None = None
) -> int:
    """Put the taking back on its way; returns the ticket's version.

    `able`: whether its channel can (it implements `Amends`). Raises `Conflict` "no_way_back", "not_sent" and "taken_back".
    """
    message = session.execute(
        select(Message.ticket_id, Message.account_id, Message.kind, Message.withdrawn_at).where(
            Message.id == message_id
        )
    ).one_or_none()
    if message is None:
        raise mandates.unknown()
    ticket = held.to_read(session, principal, message.ticket_id)
    mandates.must_answer(session, principal, ticket)
    if not able:
        raise Conflict("no_way_back", "This channel cannot take back what was sent. Send a second message instead.")
    posts = _posts(session, message_id, message.account_id) if message.kind is MessageKind.REPLY else []
    if not posts:
        raise Conflict("not_sent", "This is no answer that went out over a channel, so there is nothing to take back.")
    if message.withdrawn_at is not None or _under_way(session, message_id):
        raise Conflict("taken_back", "It was taken back already, or is being taken back now. Look again.")
    of = {"ticket_id": ticket.id, "message_id": message_id, "account_id": message.account_id}
    for external_id in reversed(posts):  # what stands under another post goes first
        enqueue(session, **of, action=ACTION, payload={"external_id": external_id})
    return versions.change(
        session, principal, ticket.id, EventType.REPLY_CANCELLED, expected=version, message_id=message_id,
        data={"taken_back": True},
    )  # fmt: skip


def _posts(session: Session, message_id: int, account_id: int | None) -> list[str]:
    """The ids of what it went out as, the first one first."""
    went_out = (Delivery.action.in_(("send", "part")), Delivery.state == DeliveryState.SENT, Delivery.external_id != "")
    query = select(Delivery.external_id).where(
        Delivery.message_id == message_id, Delivery.account_id == account_id, *went_out
    )
    return list(session.scalars(query.order_by(Delivery.id)))


def _under_way(session: Session, message_id: int) -> bool:
    tried = (Delivery.message_id == message_id, Delivery.action == ACTION, Delivery.state.not_in(FAILED))
    return session.scalar(select(Delivery.id).where(*tried).limit(1)) is not None
