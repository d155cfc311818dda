"""Routing what waits: new tickets get their place, and teams that work by push get work as soon as they have room.

A mistake here can never lose a reaction: a ticket that cannot be routed stays in the list of unrouted ones, everybody can
see and take it, and the next run tries again.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, func, literal_column, select, text
from sqlalchemy.orm import Session

from app.assignment import moment, policies, ticket_rows
from app.assignment.due import Deadlines
from app.assignment.record import Made, record
from app.assignment.staff_rows import Known, Rosters
from app.models import Ticket
from app.models.ticket import ACTIVE
from app.routing.engine import decide
from app.routing.policy import Policy
from app.routing.world import World
from app.storage.database import Database
from app.storage.queue import claim_batch
from app.vocabulary import TeamMode

LOOKED_AT = 200
"""How many waiting tickets are looked at for free hands in one go: the first may be ones that nobody there can take."""

# Two routers that decide at the same time would both see the same free hand. A batch takes milliseconds, so they take turns.
_ALONE = select(func.pg_advisory_xact_lock(0x524F555445))

_UNROUTED = select(Ticket.id).where(text(f"decision_id IS NULL AND {ACTIVE}")).order_by(Ticket.id)


class Router:
    """One process's routing; keeps the roster between batches."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rosters = Rosters()

    def route_waiting(self, limit: int = 50) -> int:
        """Fill free hands from the queues, then decide for up to `limit` new tickets; gives how many got further.

        In this order, so that no ticket is passed by a younger one that happens to arrive when somebody has room.
        """
        given = self._fill(LOOKED_AT)
        with self._database.unit_of_work() as session:
            session.execute(_ALONE)
            ids = [row.id for row in claim_batch(session, _UNROUTED, limit)]
            return given + (self._decide(session, ids) if ids else 0)

    def _decide(self, session: Session, ids: Sequence[int]) -> int:
        known = self._rosters.current(session)
        policy = policies.current(session)
        world = World(known.roster, moment.read(session))
        deadlines = Deadlines(known)
        made = []
        for row in ticket_rows.read(session, ids):
            one = _made(row, world, policy, deadlines)
            made.append(one)
            # A ticket that somebody has already costs them nothing more.
            if one.decision.agent is not None and row.agent_id is None:
                world = world.claimed(one.decision.agent, one.facts.weight)
        record(session, known, made)
        return len(made)

    def _fill(self, limit: int) -> int:
        """Give waiting tickets of push teams to whoever has room now, the most urgent first."""
        with self._database.unit_of_work() as session:
            session.execute(_ALONE)
            known = self._rosters.current(session)
            teams = [team.id for team in known.roster.staff.teams if team.mode is TeamMode.PUSH]
            if not teams or session.execute(_waiting(teams).limit(1)).one_or_none() is None:
                return 0
            world = World(known.roster, moment.read(session))
            free = [team for team in teams if _has_room(known, world, team)]
            ids = [row.id for row in claim_batch(session, _waiting(free), limit)] if free else []
            return self._give(session, known, world, ids)

    def _give(self, session: Session, known: Known, world: World, ids: Sequence[int]) -> int:
        policy = policies.current(session)
        deadlines = Deadlines(known)
        made = []
        for row in ticket_rows.read(session, ids):
            one = _made(row, world, policy, deadlines)
            if one.decision.agent is not None:
                made.append(one)
                world = world.claimed(one.decision.agent, one.facts.weight)
        record(session, known, made)
        return len(made)


def _made(row: Row[Any], world: World, policy: Policy, deadlines: Deadlines) -> Made:
    facts = ticket_rows.facts(row)
    decision = decide(facts, world, policy)
    due = deadlines.due(
        max(facts.received_at, row.last_inbound_at or facts.received_at), decision.priority, decision.team
    )
    return Made(row, facts, world, decision, due)


def _waiting(teams: Sequence[int]) -> Select[Any]:
    return (
        select(Ticket.id)
        .where(Ticket.team_id.in_(teams), text(f"agent_id IS NULL AND {ACTIVE}"))
        .where(literal_column("decision_id").is_not(None))
        .order_by(Ticket.rank, Ticket.due_at, Ticket.id)
    )


def _has_room(known: Known, world: World, team_id: int) -> bool:
    limit = known.roster.teams[team_id].push_limit
    able = known.roster.team_bits.get(team_id, 0) & world.on_duty & world.present
    return bool(able & world.under_limit(limit) & world.room_for(1))
