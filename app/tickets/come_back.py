"""A ticket that waited or was done is worked again: its place in the order, and somebody who takes it up."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, bindparam, func, text, update
from sqlalchemy.orm import Session

from app.storage.queue import wake
from app.tickets.tables import TICKET

UNTIL_ROUTED = timedelta(days=2)
"""A ticket's `due_at` until assignment has counted the team's norm in its opening hours: it only keeps the order."""

ABSENT_DAYS = 3
"""An owner who has been away so long does not get a ticket back without assignment having looked."""

_NOBODY_THERE = text(f"""
    UPDATE ticket SET decision_id = NULL, reopened_at = now() WHERE id = :id AND (agent_id IS NULL OR EXISTS (
        SELECT 1 FROM agent a WHERE a.id = ticket.agent_id AND (NOT a.active OR (a.presence = 'away'
            AND coalesce(a.presence_at, '-infinity') < now() - interval '{ABSENT_DAYS} days'))))
    RETURNING id
""").bindparams(bindparam("id", type_=BigInteger))  # noqa: S608  (a constant)


def come_back(session: Session, ticket_id: int, received_at: datetime | None) -> None:
    """A reaction brought it back: a new place in the order, from when that arrived (None: now), and a look for somebody."""
    arrived = func.now() if received_at is None else received_at
    session.execute(update(TICKET).where(TICKET.c.id == ticket_id).values(due_at=arrived + UNTIL_ROUTED))
    look_for_somebody(session, ticket_id)


def look_for_somebody(session: Session, ticket_id: int) -> None:
    """Let the engine choose again where nobody owns it, or its owner has left or is away for long.

    It passes over an owner only in a ticket that was opened again since they got it, hence the moment.
    """
    if session.execute(_NOBODY_THERE, {"id": ticket_id}).one_or_none() is not None:
        wake(session, "route")
