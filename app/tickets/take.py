"""Take a ticket: I work on this now."""

from sqlalchemy import func
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.identity.principal import Principal
from app.tickets import held, versions
from app.tickets.held import Held
from app.vocabulary import EventType, TicketStatus


def take(
    session: Session, principal: Principal, ticket_id: int, *, version: int | None = None, reason: str = ""
) -> int:
    """Make the asker the owner and open the ticket; returns the new version.

    Wins over the engine, whose claims ask for a ticket without an owner. A colleague's ticket is taken over only with a
    `reason`, or by the lead of its team; otherwise `Conflict` "taken" names nobody's work lost. Taking one's own changes
    nothing.
    """
    agent_id = held.employee(principal)
    ticket = held.to_work(session, principal, ticket_id)
    if ticket.agent_id == agent_id and ticket.status is TicketStatus.OPEN:
        return ticket.version
    _may_take_over(principal, ticket, reason)
    values = {
        "agent_id": agent_id,
        "status": TicketStatus.OPEN,
        "assigned_at": func.now(),
        "solved_at": None,
        "closed_at": None,
    }
    said = {"from": ticket.agent_id, "reason": reason.strip()}
    new = versions.change(session, principal, ticket_id, EventType.TAKEN, expected=version, values=values, data=said)
    if ticket.agent_id != agent_id:
        held.let_go(session, ticket.agent_id)
    return new


def _may_take_over(principal: Principal, ticket: Held, reason: str) -> None:
    if ticket.agent_id in (None, principal.agent_id) or principal.leads(ticket.team_id) or reason.strip():
        return
    raise Conflict("taken", "A colleague has this ticket. Say why you take it over, or ask them to hand it to you.")
