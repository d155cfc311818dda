"""Take back an answer that went out, where its channel can: every post of it, at the service itself.

The answer stays in the ticket, marked as taken back once the service did it: what was said was said.
"""

from sqlalchemy.orm import Session

from app.identity.principal import Principal
from app.tickets import standing, versions
from app.tickets.outbox import enqueue
from app.vocabulary import EventType


def take_back(
    session: Session, principal: Principal, message_id: int, *, able: bool = True, version: int | None = None
) -> int:
    """Put the taking back on its way; returns the ticket's version.

    `able`: whether its channel can (it implements `Amends`). Raises as `standing.find` does.
    """
    found = standing.find(session, principal, message_id, able=able)
    of = {"ticket_id": found.ticket.id, "message_id": message_id, "account_id": found.account_id}
    for external_id in reversed(found.posts):  # what stands under another post goes first
        enqueue(session, **of, action=standing.TAKE_BACK, payload={"external_id": external_id})
    return versions.change(
        session, principal, found.ticket.id, EventType.REPLY_CANCELLED, expected=version, message_id=message_id,
        data={"taken_back": True},
    )  # fmt: skip
