"""Open tickets of somebody who no longer works here go back to be routed: in the hands of nobody they would be in no list."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from app import log
from app.models.ticket import ACTIVE
from app.tickets import events
from app.vocabulary import EventType

_BACK = text(f"""
    UPDATE ticket SET agent_id = NULL, assigned_at = NULL, decision_id = NULL, version = ticket.version + 1
    FROM agent WHERE agent.id = ticket.agent_id AND NOT agent.active AND {ACTIVE}
    RETURNING ticket.id, ticket.team_id, ticket.version, agent.id AS agent_id
""")  # noqa: S608  (a constant)


def give_back(session: Session) -> int:
    """Take them out of the hands of whoever left; gives how many. What waits for a citizen follows when that one writes."""
    rows = session.execute(_BACK).all()
    for row in rows:
        said = {"from": row.agent_id, "from_team": row.team_id, "to": None, "to_team": row.team_id, "reason": ""}
        events.record(session, row.id, EventType.HANDED_OVER, version=row.version, **said)
    if rows:
        log.event("assignment.given_back", tickets=len(rows))
    return len(rows)
