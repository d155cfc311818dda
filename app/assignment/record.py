"""Writing decisions down and carrying them out: a whole batch in a handful of statements.

A decision changes a ticket only where no person was faster: theme, priority and team unless somebody fixed them, the agent
only while there is none (or the one that it came back to is passed over).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, DateTime, Integer, Row, String, Text, bindparam, insert, text
from sqlalchemy.orm import Session

from app.assignment.staff_rows import Known
from app.models import Decision as DecisionRow
from app.routing.decision import Decision
from app.routing.facts import TicketFacts, rank
from app.routing.world import World
from app.tickets import receipt
from app.tickets.tables import TICKET_EVENT
from app.vocabulary import FORMAL_KINDS, EventType


@dataclass(frozen=True, slots=True)
class Made:
    """One decision with what it was made from. `due_at` is by the team's calendar."""

    row: Row[Any]
    facts: TicketFacts
    world: World
    decision: Decision
    due_at: datetime


_CARRY_OUT = text("""
    UPDATE ticket t SET
        decision_id = d.decision_id, theme_id = d.theme_id, team_id = d.team_id, priority = d.priority, rank = d.rank,
        kind = d.kind, due_at = d.due_at, version = t.version + 1,
        agent_id = CASE WHEN t.agent_id IS NULL OR d.passes_over = t.agent_id THEN d.agent_id ELSE t.agent_id END,
        assigned_at = CASE WHEN d.agent_id IS NOT NULL AND (t.agent_id IS NULL OR d.passes_over IS NOT NULL)
            THEN now() ELSE t.assigned_at END
    FROM unnest(:ids, :decisions, :themes, :teams, :agents, :priorities, :ranks, :kinds, :dues, :passes)
        AS d(id, decision_id, theme_id, team_id, agent_id, priority, rank, kind, due_at, passes_over)
    WHERE t.id = d.id
    RETURNING t.id, t.agent_id, t.version
""").bindparams(
    *(bindparam(name, type_=ARRAY(BigInteger)) for name in ("ids", "decisions", "themes", "teams", "agents", "passes")),
    bindparam("priorities", type_=ARRAY(Text)),
    bindparam("ranks", type_=ARRAY(Integer)),
    bindparam("kinds", type_=ARRAY(Text)),
    bindparam("dues", type_=ARRAY(DateTime(timezone=True))),
)
_TAG = text("""
    INSERT INTO ticket_tag (ticket_id, tag) SELECT * FROM unnest(:ids, :tags) ON CONFLICT DO NOTHING
""").bindparams(bindparam("ids", type_=ARRAY(BigInteger)), bindparam("tags", type_=ARRAY(String)))
_NOT_IDLE = text("UPDATE agent SET idle_since = now() WHERE id = ANY(:ids)").bindparams(
    bindparam("ids", type_=ARRAY(BigInteger))
)
_TELL = text(
    "SELECT pg_notify('event', id || ':' || ticket_id) FROM unnest(:ids, :tickets) AS e(id, ticket_id)"
).bindparams(bindparam("ids", type_=ARRAY(BigInteger)), bindparam("tickets", type_=ARRAY(BigInteger)))


def record(session: Session, known: Known, made: Sequence[Made]) -> None:
    """Store the decisions, change the tickets, and tell what happened; also whoever wrote what a rule finds to be formal."""
    if not made:
        return
    numbers = session.scalars(
        insert(DecisionRow).returning(DecisionRow.id, sort_by_parameter_order=True), [_row(known, one) for one in made]
    ).all()
    changed = {row.id: row for row in session.execute(_CARRY_OUT, _columns(made, numbers))}
    tagged = [(one.facts.id, tag) for one in made for tag in one.decision.tags]
    if tagged:
        session.execute(_TAG, {"ids": [t for t, _ in tagged], "tags": [tag for _, tag in tagged]})
    given = [one.decision.agent for one in made if one.decision.agent is not None]
    if given:
        session.execute(_NOT_IDLE, {"ids": given})
    _tell(session, made, numbers, changed)
    for one in made:
        if one.decision.kind in FORMAL_KINDS and one.facts.kind not in FORMAL_KINDS:
            receipt.owe_formal(session, one.facts.id)


def _row(known: Known, one: Made) -> dict[str, Any]:
    team = one.world.roster.members(one.decision.team)
    return {
        "ticket_id": one.facts.id,
        "engine_version": one.decision.engine_version,
        "policy_id": one.decision.policy_version,
        "world_version_id": known.world_version_id,
        "facts": {"ticket": one.facts.to_json(), "moment": one.world.moment(team).to_json()},
        "trace": [step.to_json() for step in one.decision.trace],
        "theme_id": one.decision.theme,
        "team_id": one.decision.team,
        "agent_id": one.decision.agent,
        "outcome": {
            "priority": one.decision.priority,
            "kind": one.decision.kind,
            "tags": list(one.decision.tags),
            "skills": list(one.decision.skills),
        },
    }


def _columns(made: Sequence[Made], numbers: Sequence[int]) -> Mapping[str, list[Any]]:
    decisions = [one.decision for one in made]
    return {
        "ids": [d.ticket for d in decisions],
        "decisions": list(numbers),
        "themes": [d.theme for d in decisions],
        "teams": [d.team for d in decisions],
        "agents": [d.agent for d in decisions],
        "priorities": [d.priority.value for d in decisions],
        "ranks": [rank(d.priority) for d in decisions],
        "kinds": [d.kind.value for d in decisions],
        "dues": [one.due_at for one in made],
        "passes": [one.facts.owner_id for one in made],
    }


def _tell(session: Session, made: Sequence[Made], numbers: Sequence[int], changed: Mapping[int, Row[Any]]) -> None:
    events = []
    for one, number in zip(made, numbers, strict=True):
        now = changed[one.facts.id]
        got_it = one.decision.agent is not None and now.agent_id == one.decision.agent
        data = {"decision": number, "team": one.decision.team, "theme": one.decision.theme, "version": now.version}
        if got_it:
            data["agent"] = one.decision.agent
        type_ = EventType.ASSIGNED if got_it else EventType.ROUTED
        events.append({"ticket_id": one.facts.id, "type": type_, "data": data})
    ids = session.scalars(insert(TICKET_EVENT).returning(TICKET_EVENT.c.id, sort_by_parameter_order=True), events).all()
    session.execute(_TELL, {"ids": list(ids), "tickets": [event["ticket_id"] for event in events]})
