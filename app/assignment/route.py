"""Routing what waits: new tickets get their place, and teams that work by push get work as soon as they have room.

A mistake here can never lose a reaction: a ticket that cannot be routed stays in the list of unrouted ones, everybody can
see and take it, and the next run tries again.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Select, func, literal_column, select, text
from sqlalchemy.orm import Session

from app import log
from app.assignment import moment, ticket_rows
from app.assignment.due import Deadlines
from app.assignment.left import give_back
from app.assignment.policies import Policies
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
        self._policies = Policies()
        self._failed: set[int] = set()
        self._stamp = 0

    def route_waiting(self, limit: int = 50) -> int:
        """Fill free hands from the queues, then decide for up to `limit` new tickets; gives how many were looked at.

        In this order, so that no ticket is passed by a younger one that happens to arrive when somebody has room. One that
        cannot be decided about stays with the unrouted ones and holds up no other.
        """
        try:
            with self._database.unit_of_work() as session:
                session.execute(_ALONE)
                known = self._rosters.current(session)
                if known.stamp != self._stamp:  # somebody may have left
                    give_back(session)
                routed = self._routed(session, known, limit)
        except Exception:
            self._rosters = Rosters()  # the staff that was stored along is gone with the transaction
            raise
        self._stamp = known.stamp
        return routed

    def _routed(self, session: Session, known: Known, limit: int) -> int:
        new = [row.id for row in claim_batch(session, _UNROUTED.where(Ticket.id.not_in(self._failed)), limit)]
        pushed = [team.id for team in known.roster.staff.teams if team.mode is TeamMode.PUSH]
        waits = bool(pushed) and session.execute(_waiting(pushed).limit(1)).one_or_none() is not None
        if not new and not waits:
            self._failed.clear()  # at the next sweep they are tried again
            return 0
        batch = Batch(session, known, self._policies.current(session), World(known.roster, moment.read(session)))
        if waits:
            batch.fill(pushed)
        batch.decide(new)
        record(session, known, batch.made)
        failed = batch.failed - self._failed
        self._failed |= failed
        return len(batch.made) + len(failed)


class Batch:
    """The decisions of one run; each sees what the ones before it gave away."""

    def __init__(self, session: Session, known: Known, policy: Policy, world: World) -> None:
        self._session = session
        self._policy = policy
        self._deadlines = Deadlines(known)
        self.world = world
        self.made: list[Made] = []
        self.failed: set[int] = set()

    def fill(self, teams: Sequence[int]) -> None:
        """Give waiting tickets of these teams to whoever has room now, the most urgent first; the rest goes on waiting.

        Each as it stands in its queue: where it belongs was decided when it came.
        """
        free = {team for team in teams if self._has_room(team)}
        if not free:
            return
        ids = [row.id for row in claim_batch(self._session, _waiting(sorted(free)), LOOKED_AT)]
        if not ids:
            return
        for row in ticket_rows.read(self._session, ids):
            if row.team_id in free:
                with self._alone(row.id):
                    facts = ticket_rows.standing(row)
                    decision = decide(facts, self.world, self._policy)
                    if decision.agent is not None:
                        self._take(Made(row, facts, self.world, decision, row.due_at))
                        free = {team for team in free if self._has_room(team)}

    def decide(self, ids: Sequence[int]) -> None:
        """Place tickets that are new, or have to be placed again."""
        for row in ticket_rows.read(self._session, ids) if ids else ():
            with self._alone(row.id):
                facts = ticket_rows.facts(row)
                decision = decide(facts, self.world, self._policy)
                since = max(facts.received_at, row.last_inbound_at or facts.received_at)
                due = self._deadlines.due(since, decision.priority, decision.team)
                self._take(Made(row, facts, self.world, decision, due))

    @contextmanager
    def _alone(self, ticket_id: int) -> Iterator[None]:
        """Deciding asks the database nothing, so a fault in it spoils this ticket's decision and no transaction."""
        try:
            yield
        except Exception as error:  # noqa: BLE001
            log.trouble("assignment.not_decided", ticket=ticket_id, error=error)
            self.failed.add(ticket_id)

    def _has_room(self, team_id: int) -> bool:
        roster = self.world.roster
        able = roster.team_bits.get(team_id, 0) & self.world.on_duty & self.world.present
        return bool(able & self.world.under_limit(roster.teams[team_id].push_limit) & self.world.room_for(1))

    def _take(self, one: Made) -> None:
        self.made.append(one)
        # A ticket that somebody has already costs them nothing more.
        if one.decision.agent is not None and one.row.agent_id is None:
            self.world = self.world.claimed(one.decision.agent, one.facts.weight)


def _waiting(teams: Sequence[int]) -> Select[Any]:
    return (
        select(Ticket.id)
        .where(Ticket.team_id.in_(teams), text(f"agent_id IS NULL AND {ACTIVE}"))
        .where(literal_column("decision_id").is_not(None))
        .order_by(Ticket.rank, Ticket.due_at, Ticket.id)
    )
