"""Take back an answer that went out, where its channel can: every post of it, at the service itself.

The answer stays in the ticket, marked as taken back once the service did it: what was said was said.
"""

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.identity.principal import Principal
from app.models import Delivery
from app.tickets import standing, versions
from app.tickets.gone_out import taken_back
from app.tickets.outbox import enqueue
from app.vocabulary import DeliveryState, EventType


def take_back(
    session: Session, principal: Principal, message_id: int, *, able: bool = True, version: int | None = None
) -> int:
    """Put the taking back on its way; returns the ticket's version.

    `able`: whether its channel can (it implements `Amends`). What still waits to be said of it, a correction or a copy by mail,
    is said no more. Raises as `standing.find` does, and `Conflict` "correcting" while it is being corrected or
    "correction_uncertain" when nobody knows whether it was.
    """
    found = standing.find(session, principal, message_id, able=able)
    _say_no_more(session, found)
    of = {"ticket_id": found.ticket.id, "message_id": message_id, "account_id": found.account_id}
    for external_id in reversed(found.posts):  # what stands under another post goes first
        enqueue(session, **of, action=standing.TAKE_BACK, payload={"external_id": external_id})
    return versions.change(
        session, principal, found.ticket.id, EventType.REPLY_CANCELLED, expected=version, message_id=message_id,
        data={"taken_back": True},
    )  # fmt: skip


def _say_no_more(session: Session, found: standing.Standing) -> None:
    """A correction that is half done may have put another post in the place of what is to be taken back: that is waited for."""
    correction = Delivery.action == standing.CORRECT
    copy = and_(Delivery.action == standing.SEND, Delivery.account_id != found.account_id)
    waits = Delivery.state.in_((DeliveryState.WAITING, DeliveryState.FAILED))
    said = update(Delivery).where(Delivery.message_id == found.message_id, or_(correction, copy), waits)
    dropped = session.scalars(said.values(state=DeliveryState.CANCELLED).returning(Delivery.payload)).all()
    if any(standing.GONE in payload for payload in dropped):
        taken_back(session, found.message_id)
    tried = (Delivery.message_id == found.message_id, correction)
    states = set(session.scalars(select(Delivery.state).where(*tried, Delivery.state.not_in(standing.OVER))))
    if DeliveryState.UNCERTAIN in states:
        fix = (
            "It is unclear whether the last correction went there. Say first whether it stands there, or try it again."
        )
        raise Conflict("correction_uncertain", fix)
    if states - {DeliveryState.SENT}:
        raise Conflict("correcting", "It is being corrected just now. Look again in a moment.")
