"""A ticket held for a change: its row locked, and the asker known to have the right.

Every verb begins here, so that two of them on one ticket happen one after the other, each seeing what the other did. Lock
order, to keep out of each other's way: tickets by number, then deliveries, then agents.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.errors import Conflict, Forbidden, Invalid
from app.identity import mandates
from app.identity.principal import Principal
from app.models import Agent, Ticket
from app.tickets import reference
from app.vocabulary import Confidentiality, Priority, TicketKind, TicketStatus


class Held(NamedTuple):
    """What the verbs need to know of a ticket."""

    id: int
    version: int
    account_id: int
    contact_id: int | None
    theme_id: int | None
    team_id: int | None
    agent_id: int | None
    confidentiality: Confidentiality
    kind: TicketKind
    status: TicketStatus
    priority: Priority
    spam: bool
    no_answer_needed: bool
    merged_into_id: int | None
    token_round: int
    language: str
    received_at: datetime
    passed_agents: list[int]
    fixed: list[str]

    def fixing(self, *chosen: str) -> list[str]:
        """`fixed` with what a person has now chosen."""
        return sorted({*self.fixed, *chosen})


_COLUMNS = [getattr(Ticket, name) for name in Held._fields]


def to_read(session: Session, principal: Principal, ticket_id: int) -> Held:
    """Lock a ticket for somebody who joins its conversation: a note, a draft. Raises `NotFound`, or `Conflict` when merged."""
    statement = select(*_COLUMNS).where(Ticket.id == ticket_id, mandates.visible(principal)).with_for_update()
    row: Any = session.execute(statement).one_or_none()
    if row is None:
        raise mandates.unknown()
    held = Held(*row)
    mandates.must_read(principal, held)
    if held.merged_into_id is not None:
        target = reference.of(held.merged_into_id)
        raise Conflict("merged", f"This ticket was merged into {target}. Work on that one, or unmerge this one first.")
    return held


def to_work(session: Session, principal: Principal, ticket_id: int) -> Held:
    """Lock a ticket for somebody who works on it. Raises `NotFound`, `Forbidden` or `Conflict` (merged)."""
    held = to_read(session, principal, ticket_id)
    mandates.must_handle(session, principal, held)
    return held


def employee(principal: Principal) -> int:
    """The id of the employee who acts. Raises `Forbidden` for the system and for programs that act for nobody."""
    if principal.agent_id is None:
        raise Forbidden("agent_needed", "Only an employee can do this. Use a token that acts for one.")
    return principal.agent_id


def let_go(session: Session, agent_id: int | None) -> None:
    """Note that a ticket left this agent's hands: the longest idle is first in line for the next."""
    if agent_id is not None:
        session.execute(update(Agent).where(Agent.id == agent_id).values(idle_since=func.now()))


def because(reason: str, what: str) -> str:
    """A reason that was given, trimmed. Raises `Invalid` when there is none; `what` ends the sentence "Say why …"."""
    if not reason.strip():
        raise Invalid("reason_missing", f"Say why {what}.")
    return reason.strip()
