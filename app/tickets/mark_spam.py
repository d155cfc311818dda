"""Put a ticket aside as spam, or bring it back. Nothing is deleted."""

from typing import Any

from sqlalchemy.orm import Session

from app.identity.principal import Principal
from app.storage.queue import wake
from app.tickets import held, versions
from app.vocabulary import EventType


def mark_spam(
    session: Session, principal: Principal, ticket_id: int, spam: bool = True, *, version: int | None = None
) -> int:
    """Set whether it is spam; returns the new version. What turns out to be none, and has no owner, is routed again."""
    ticket = held.to_work(session, principal, ticket_id)
    if spam is ticket.spam:
        return ticket.version
    values: dict[str, Any] = {"spam": spam}
    if not spam and ticket.agent_id is None:
        values["decision_id"] = None
        wake(session, "route")
    new = versions.change(
        session, principal, ticket_id, EventType.SPAM_SET, expected=version, values=values, data={"spam": spam}
    )
    if spam:
        held.let_go(session, ticket.agent_id)
    return new
