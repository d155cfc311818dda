"""Deciding again from what was stored: the proof that a decision can be explained, and the test of a change to the engine.

Within one engine version there is no difference, ever. Decisions of other versions are counted and left alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.assignment import policies
from app.assignment.staff_rows import stored_roster
from app.models import Decision as DecisionRow
from app.routing.decision import ENGINE_VERSION, Decision
from app.routing.engine import decide
from app.routing.facts import TicketFacts
from app.routing.policy import Policy
from app.routing.roster import Roster
from app.routing.world import Moment, World
from app.storage.database import Database

AT_ONCE = 500


@dataclass(slots=True)
class Replayed:
    """What came of it; `different` are ids of decisions that come out otherwise now."""

    same: int = 0
    other_version: int = 0
    different: list[int] = field(default_factory=list)

    @property
    def words(self) -> str:
        """For a terminal."""
        told = f"{self.same} decisions come out the same, {len(self.different)} differently"
        told += f", {self.other_version} were made by another version of the engine."
        return told + (f"\nDifferent: {', '.join(map(str, self.different))}" if self.different else "")


def replay(database: Database, *, limit: int = 10_000) -> Replayed:
    """Decide the newest `limit` decisions again and compare everything, trace included."""
    found = Replayed()
    rosters: dict[int, Roster] = {}
    rules: dict[int, Policy] = {}
    with database.read_only(snapshot=True) as session:
        for row in _newest(session, limit):
            if row.engine_version != ENGINE_VERSION:
                found.other_version += 1
            elif again(session, row, rosters, rules) == stored(row):
                found.same += 1
            else:
                found.different.append(row.id)
    return found


def again(session: Session, row: Row[Any], rosters: dict[int, Roster], rules: dict[int, Policy]) -> Mapping[str, Any]:
    """What the engine says today to the stored facts, in the form of `stored`. The dictionaries keep what was read."""
    if row.world_version_id not in rosters:
        rosters[row.world_version_id] = stored_roster(session, row.world_version_id)
    if row.policy_id not in rules:
        rules[row.policy_id] = policies.version(session, row.policy_id)
    moment = Moment.from_json(row.facts["moment"])
    ticket = TicketFacts.from_json(row.facts["ticket"])
    return _compared(decide(ticket, World(rosters[row.world_version_id], moment), rules[row.policy_id]))


def stored(row: Row[Any]) -> Mapping[str, Any]:
    """What was decided then: everything but the staff's number, which names the row and is no part of it."""
    return {
        "theme": row.theme_id, "team": row.team_id, "agent": row.agent_id, "trace": row.trace,
        "priority": row.outcome["priority"], "kind": row.outcome["kind"], "tags": row.outcome["tags"],
        "skills": row.outcome["skills"],
    }  # fmt: skip


def _compared(decision: Decision) -> Mapping[str, Any]:
    data = decision.to_json()
    return {name: data[name] for name in ("theme", "team", "agent", "trace", "priority", "kind", "tags", "skills")}


_COLUMNS = (
    DecisionRow.id, DecisionRow.engine_version, DecisionRow.policy_id, DecisionRow.world_version_id, DecisionRow.facts,
    DecisionRow.trace, DecisionRow.theme_id, DecisionRow.team_id, DecisionRow.agent_id, DecisionRow.outcome,
)  # fmt: skip


def _newest(session: Session, limit: int) -> Iterator[Row[Any]]:
    before: int | None = None
    while limit > 0:
        page = select(*_COLUMNS).order_by(DecisionRow.id.desc()).limit(min(limit, AT_ONCE))
        rows = session.execute(page if before is None else page.where(DecisionRow.id < before)).all()
        yield from rows
        if len(rows) < AT_ONCE:
            return
        limit, before = limit - len(rows), rows[-1].id
