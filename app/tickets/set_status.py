"""Set where a ticket stands."""

from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.identity.principal import Principal
from app.tickets import held, versions
from app.tickets.come_back import look_for_somebody
from app.vocabulary import ACTIVE_STATUSES, EventType, TicketStatus

# From where to where a person may go. Nobody makes a ticket new again; only what is solved is closed.
TRANSITIONS: dict[TicketStatus, frozenset[TicketStatus]] = {
    TicketStatus.NEW: frozenset({TicketStatus.OPEN, TicketStatus.PENDING, TicketStatus.ON_HOLD, TicketStatus.SOLVED}),
    TicketStatus.OPEN: frozenset({TicketStatus.PENDING, TicketStatus.ON_HOLD, TicketStatus.SOLVED}),
    TicketStatus.PENDING: frozenset({TicketStatus.OPEN, TicketStatus.ON_HOLD, TicketStatus.SOLVED}),
    TicketStatus.ON_HOLD: frozenset({TicketStatus.OPEN, TicketStatus.PENDING, TicketStatus.SOLVED}),
    TicketStatus.SOLVED: frozenset({TicketStatus.OPEN, TicketStatus.CLOSED}),
    TicketStatus.CLOSED: frozenset({TicketStatus.OPEN}),
}


def set_status(
    session: Session, principal: Principal, ticket_id: int, status: TicketStatus, *, version: int | None = None
) -> int:
    """Move a ticket along `TRANSITIONS`; returns the new version. Raises `Conflict` "transition" for any other way.

    A ticket that is opened again and has nobody to take it up is routed again.
    """
    ticket = held.to_work(session, principal, ticket_id)
    if status is ticket.status:
        return ticket.version
    if status not in TRANSITIONS[ticket.status]:
        fix = "Only a solved ticket can be closed. Open one that is solved or closed first. None becomes new again."
        raise Conflict("transition", fix)
    values = values_of(status)
    said = {"from": ticket.status, "to": status}
    new = versions.change(
        session, principal, ticket_id, EventType.STATUS_SET, expected=version, values=values, data=said
    )
    if status in ACTIVE_STATUSES and ticket.status not in ACTIVE_STATUSES and not _is_mine(principal, ticket):
        look_for_somebody(session, ticket_id)
    elif status not in ACTIVE_STATUSES and ticket.status in ACTIVE_STATUSES:
        held.let_go(session, ticket.agent_id)
    return new


def _is_mine(principal: Principal, ticket: held.Held) -> bool:
    """Whoever opens their own is there, whatever they last said."""
    return ticket.agent_id is not None and ticket.agent_id == principal.agent_id


def values_of(status: TicketStatus) -> dict[str, Any]:
    """The columns that go with a status. What was solved and is then closed keeps when it was solved."""
    if status is TicketStatus.CLOSED:
        return {"status": status, "closed_at": func.now()}
    return {"status": status, "closed_at": None, "solved_at": func.now() if status is TicketStatus.SOLVED else None}
