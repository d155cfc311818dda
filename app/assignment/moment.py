"""How loaded, present and idle everybody is right now: one statement."""

from sqlalchemy import Integer, case, cast, func, literal_column, select, text
from sqlalchemy.orm import Session

from app.assignment.ticket_rows import WEIGHTS
from app.models import Account, Agent, Ticket
from app.models.ticket import ACTIVE
from app.routing.world import AgentNow, Moment

_weight = case(
    *((func.split_part(Account.kind, ".", 1) == family, weight) for family, weight in WEIGHTS.items()), else_=1
)
# The predicate stands literally as in the partial index, else PostgreSQL would not use it.
_work = (
    select(
        Ticket.agent_id,
        cast(func.sum(_weight), Integer).label("load"),
        cast(func.count(), Integer).label("committed"),
    )
    .join(Account, Account.id == Ticket.account_id)
    .where(Ticket.agent_id.is_not(None), text(ACTIVE))
    .group_by(Ticket.agent_id)
    .subquery()
)
_MOMENT = (
    select(
        func.clock_timestamp().label("now"),
        Agent.id,
        func.coalesce(_work.c.load, literal_column("0")).label("load"),
        func.coalesce(_work.c.committed, literal_column("0")).label("committed"),
        Agent.presence,
        Agent.idle_since,
    )
    .outerjoin(_work, _work.c.agent_id == Agent.id)
    .where(Agent.active)
    .order_by(Agent.id)
)


def read(session: Session) -> Moment:
    """The present, by the database's clock. With nobody employed yet it is a moment without agents."""
    rows = session.execute(_MOMENT).all()
    at = rows[0].now if rows else session.execute(select(func.clock_timestamp())).scalar_one()
    return Moment(at, tuple(AgentNow(r.id, r.load, r.committed, r.presence, r.idle_since) for r in rows))
