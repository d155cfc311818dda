"""Who works here, from rows to the engine's `Staff`, kept as a roster until something of it changes.

The stamp is one row that triggers raise (migration staff_stamp), read with every batch. A new stamp means reading the staff
again and storing it as a world version, so that every decision says by which staff it was made.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from threading import Lock
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app import log
from app.clock import now
from app.models import Agent, Mandate, StaffStamp, Team, TeamMember, Theme, WorldVersion
from app.routing.holidays import dutch_holidays
from app.routing.roster import Roster
from app.routing.staff import Agent as AgentFacts
from app.routing.staff import Mandate as MandateFacts
from app.routing.staff import Staff
from app.routing.staff import Team as TeamFacts
from app.routing.staff import Theme as ThemeFacts
from app.routing.week import Week, week_of
from app.vocabulary import MandateLevel

YEARS_AHEAD = 2


@dataclass(frozen=True, slots=True)
class Known:
    """The roster in force, the row that stores its staff, and what deadlines of each team are counted by."""

    stamp: int
    world_version_id: int
    roster: Roster
    team_hours: dict[int, Week]
    team_norms: dict[int, dict[str, Any]]


class Rosters:
    """One process's roster. Thread-safe; two threads may read the staff twice, which costs time and nothing else."""

    def __init__(self) -> None:
        self._known: Known | None = None
        self._lock = Lock()

    def current(self, session: Session) -> Known:
        """The roster as of this transaction."""
        stamp = session.scalar(select(StaffStamp.version)) or 0
        with self._lock:
            known = self._known
        if known is None or known.stamp != stamp:
            known = _read(session, stamp)
            with self._lock:
                self._known = known
        return known


def stored_roster(session: Session, world_version_id: int) -> Roster:
    """The roster that an earlier decision was made by."""
    staff: Any = session.scalar(select(WorldVersion.staff).where(WorldVersion.id == world_version_id))
    return Roster(Staff.from_json(staff))


def _read(session: Session, stamp: int) -> Known:
    teams = session.execute(
        select(Team.id, Team.mode, Team.push_limit, Team.fallback, Team.hours, Team.answer_hours)
        .where(Team.active)
        .order_by(Team.id)
    ).all()
    staff = Staff(
        version=0,
        teams=tuple(TeamFacts(t.id, t.mode, t.push_limit) for t in teams),
        agents=tuple(_agents(session)),
        mandates=tuple(_mandates(session)),
        themes=tuple(ThemeFacts(*row) for row in session.execute(_THEMES)),
        fallback_team=next((t.id for t in teams if t.fallback), None),
        holidays=tuple(sorted(_holidays())),
    )
    version = _stored(session, staff)
    return Known(
        stamp=stamp,
        world_version_id=version,
        roster=Roster(replace(staff, version=version)),
        team_hours={t.id: week for t in teams if (week := _week(t.hours, team=t.id))},
        team_norms={t.id: t.answer_hours for t in teams},
    )


_THEMES = select(Theme.id, Theme.team_id).where(Theme.active).order_by(Theme.id)


def _agents(session: Session) -> Iterable[AgentFacts]:
    members: dict[int, list[tuple[int, bool]]] = {}
    for row in session.execute(select(TeamMember.agent_id, TeamMember.team_id, TeamMember.lead)):
        members.setdefault(row.agent_id, []).append((row.team_id, row.lead))
    columns = (Agent.id, Agent.skills, Agent.languages, Agent.capacity, Agent.hours)
    for row in session.execute(select(*columns).where(Agent.active).order_by(Agent.id)):
        mine = sorted(members.get(row.id, ()))
        yield AgentFacts(
            id=row.id,
            teams=tuple(team for team, _ in mine),
            skills=tuple(sorted(row.skills)),
            languages=tuple(sorted(row.languages)),
            capacity=row.capacity,
            hours=_week(row.hours, agent=row.id) if row.hours else None,
            leads=tuple(team for team, lead in mine if lead),
        )


def _week(table: Any, **whose: int) -> Week | None:
    """Hours that nobody can read count as none: one slip must not stop everybody's tickets."""
    try:
        return week_of(table)
    except ValueError as error:
        log.trouble("assignment.hours_unreadable", error=error, **whose)
        return None


def _mandates(session: Session) -> Iterable[MandateFacts]:
    """The rows, and what goes without one: members of a ticket's team answer unless a row for them, or for it, says less.

    The engine asks for a mandate only of members of the ticket's own team, so "everywhere" says just that.
    """
    columns = (Mandate.agent_id, Mandate.account_id, Mandate.theme_id, Mandate.level, Mandate.team_id)
    rows = [MandateFacts(*row) for row in session.execute(select(*columns).order_by(Mandate.id))]
    yield from rows
    limited_agents = {row.agent_id for row in rows if row.agent_id is not None}
    limited_teams = {row.team_id for row in rows if row.team_id is not None}
    for row in session.execute(select(TeamMember.agent_id, TeamMember.team_id).order_by(TeamMember.agent_id)):
        if row.agent_id not in limited_agents and row.team_id not in limited_teams:
            yield MandateFacts(agent_id=row.agent_id, level=MandateLevel.ANSWER)


def _holidays() -> Iterable[Any]:
    year = now().year
    for ahead in range(-1, YEARS_AHEAD):
        yield from dutch_holidays(year + ahead)


def _stored(session: Session, staff: Staff) -> int:
    """The row for this staff, made when it is new. Its version is the row's id, so it is not part of what is stored."""
    data = staff.to_json()
    digest = sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
    known = select(WorldVersion.id).where(WorldVersion.digest == digest)
    found = session.scalar(known)
    if found is None:
        made = upsert(WorldVersion).values(digest=digest, staff=data).on_conflict_do_nothing()
        found = session.scalar(made.returning(WorldVersion.id)) or session.scalar(known)
    assert found is not None
    return found
