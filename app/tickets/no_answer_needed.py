"""Say that nobody is waiting for an answer: a thank-you, a newsletter, a reaction that others will read."""

from sqlalchemy.orm import Session

from app.errors import Conflict
from app.identity.principal import Principal
from app.tickets import held, versions
from app.tickets.set_status import values_of
from app.vocabulary import ACTIVE_STATUSES, FORMAL_KINDS, EventType, TicketStatus


def no_answer_needed(
    session: Session, principal: Principal, ticket_id: int, *, reason: str, version: int | None = None
) -> int:
    """Solve a ticket without an answer, for a reason that is kept; returns the new version.

    A formal kind must be answered: set another kind first if it is none (`Conflict` "formal"). What is closed stays closed
    (`Conflict` "transition"). A new reaction opens it again.
    """
    why = held.because(reason, "no answer is needed")
    ticket = held.to_work(session, principal, ticket_id)
    if ticket.kind in FORMAL_KINDS:
        raise Conflict("formal", "The law asks for an answer to this kind. If it is not that kind, set the kind first.")
    if ticket.status is TicketStatus.CLOSED:
        raise Conflict("transition", "It is closed already. Open it first.")
    values = {**values_of(TicketStatus.SOLVED), "no_answer_needed": True}
    said = {"from": ticket.status, "reason": why}
    new = versions.change(
        session, principal, ticket_id, EventType.NO_ANSWER_NEEDED, expected=version, values=values, data=said
    )
    if ticket.status in ACTIVE_STATUSES:
        held.let_go(session, ticket.agent_id)
    return new
