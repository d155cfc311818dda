"""Say how urgent a ticket is."""

from sqlalchemy.orm import Session

from app.identity.principal import Principal
from app.tickets import held, versions
from app.tickets.create import RANKS
from app.vocabulary import EventType, Priority


def set_priority(
    session: Session, principal: Principal, ticket_id: int, priority: Priority, *, version: int | None = None
) -> int:
    """Set the priority, and with it the place in the queue; returns the new version. No rule changes it from then on."""
    ticket = held.to_work(session, principal, ticket_id)
    if priority is ticket.priority:
        return ticket.version
    values = {"priority": priority, "rank": RANKS[priority], "fixed": ticket.fixing("priority")}
    said = {"from": ticket.priority, "to": priority}
    return versions.change(
        session, principal, ticket_id, EventType.PRIORITY_SET, expected=version, values=values, data=said
    )
