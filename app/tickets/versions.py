"""The one way in which a ticket changes: a conditional update that raises its version.

`version` is what If-Match carries. Whoever says which version they last saw is refused when it is no longer that, and hears
who changed what since then, so that they can decide instead of retyping.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, cast, func, select, update
from sqlalchemy.orm import Session

from app.errors import Conflict, Fault
from app.identity import mandates
from app.identity.principal import Principal
from app.models import Agent, TicketEvent
from app.tickets import events
from app.tickets.tables import TICKET
from app.vocabulary import EventType

_SHOWN = 20


def bump(session: Session, ticket_id: int, expected: int | None = None, **values: Any) -> int:
    """Set these columns and raise the version, which is returned. One statement.

    Raises `Conflict` "changed" when `expected` is given and no longer the version, with a fault per change since then;
    `NotFound` when there is no such ticket. Who may do it is the caller's to check.
    """
    statement = update(TICKET).where(TICKET.c.id == ticket_id)
    if expected is not None:
        statement = statement.where(TICKET.c.version == expected)
    changed = statement.values(version=TICKET.c.version + 1, **values).returning(TICKET.c.version)
    version = session.execute(changed).scalar_one_or_none()
    if version is None:
        raise changed_since(session, ticket_id, expected or 0)
    return int(version)


def change(
    session: Session,
    principal: Principal,
    ticket_id: int,
    type_: EventType,
    *,
    expected: int | None = None,
    values: dict[str, Any] | None = None,
    message_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> int:
    """`bump` and record the event that says so; returns the new version, which the event's data holds too."""
    version = bump(session, ticket_id, expected, **(values or {}))
    events.record(
        session, ticket_id, type_, agent_id=principal.agent_id, message_id=message_id, version=version, **(data or {})
    )
    return version


def changed_since(session: Session, ticket_id: int, expected: int) -> Exception:
    """The error for a version that is gone: what happened to the ticket after it, oldest first, and by whom."""
    if session.scalar(select(TICKET.c.version).where(TICKET.c.id == ticket_id)) is None:
        return mandates.unknown()
    since = (
        select(TicketEvent.type, Agent.name)
        .outerjoin(Agent, Agent.id == TicketEvent.agent_id)
        .where(TicketEvent.ticket_id == ticket_id)
        .where(cast(func.jsonb_extract_path_text(TicketEvent.data, "version"), BigInteger) > expected)
        .order_by(TicketEvent.id)
        .limit(_SHOWN)
    )
    faults = [Fault("version", row.type.value, row.name or "Weerklank") for row in session.execute(since)]
    return Conflict("changed", "The ticket changed since you last saw it. Look at what is new, then try again.", faults)
