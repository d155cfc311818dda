"""The *next* key: the first ticket in my teams' queues that I may take and can answer."""

from collections.abc import Sequence

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session

from app.assignment import moment, policies, ticket_rows
from app.assignment.staff_rows import Rosters
from app.errors import Conflict, Forbidden, NotFound
from app.identity.mandates import visible
from app.identity.principal import Principal
from app.models import Ticket
from app.models.ticket import ACTIVE
from app.routing.facts import TicketFacts
from app.routing.fitting import first_fitting
from app.routing.world import World
from app.tickets.take import take

AT_ONCE = 50
MOST = 500


def take_next(
    session: Session, principal: Principal, team_id: int | None = None, *, rosters: Rosters | None = None
) -> int:
    """Take the first ticket of the queue that fits the asker; gives its id.

    Of all their teams, or of one. Raises `NotFound` "queue_empty" when nothing waits that they can take, `Forbidden` when
    they are in no team. A ticket that a colleague is taking at this moment is passed over, so two people who press the key
    together get two tickets.
    """
    teams = [team_id] if team_id is not None else sorted(principal.team_ids)
    if principal.agent_id is None or not teams or not set(teams) <= principal.team_ids:
        raise Forbidden("not_in_team", "Only members of a team take from its queue. Ask its lead to add you.")
    world = World((rosters or Rosters()).current(session).roster, moment.read(session))
    policy = policies.current(session)
    seen: set[int] = set()
    while len(seen) < MOST:
        queue = _queue(session, _waiting(principal, teams), seen)
        if not queue:
            break
        while fit := first_fitting(principal.agent_id, queue, world, policy):
            if _taken(session, principal, fit.ticket.id):
                return fit.ticket.id
            queue = [ticket for ticket in queue if ticket.id != fit.ticket.id]
    raise NotFound("queue_empty", "Nothing waits in your queues that fits you.")


def _taken(session: Session, principal: Principal, ticket_id: int) -> bool:
    try:
        with session.begin_nested():
            locked = select(Ticket.id).where(Ticket.id == ticket_id, Ticket.agent_id.is_(None))
            if session.execute(locked.with_for_update(skip_locked=True)).one_or_none() is None:
                return False
            take(session, principal, ticket_id)
            return True
    except (Conflict, NotFound):
        return False


def _queue(session: Session, waiting: Select[int], seen: set[int]) -> list[TicketFacts]:
    ids = list(session.scalars(waiting.where(Ticket.id.not_in(seen)).limit(AT_ONCE)))
    seen.update(ids)
    rows = ticket_rows.read(session, ids)
    return [ticket_rows.standing(row) for row in rows]


def _waiting(principal: Principal, teams: Sequence[int]) -> Select[int]:
    return (
        select(Ticket.id)
        .where(Ticket.team_id.in_(teams), text(f"agent_id IS NULL AND {ACTIVE}"), visible(principal))
        .order_by(Ticket.rank, Ticket.due_at, Ticket.id)
    )
