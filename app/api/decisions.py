"""Decisions: what the engine chose, every step why, and the facts it chose by."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import Select, select

from app.api import changes, pages
from app.api.asked import After, Limit, Number, RoutingRead
from app.assignment.replay import again, stored
from app.identity.mandates import visible
from app.identity.principal import Principal
from app.models import Decision as Row
from app.models import Ticket
from app.routing.decision import ENGINE_VERSION
from app.web.strict import LARGEST, Told
from app.web.transaction import Transaction

router = APIRouter(prefix="/decisions", tags=["decisions"])
TicketFilter = Annotated[int | None, Query(ge=1, le=LARGEST, alias="ticketId")]


class Decision(Told):
    """`trace` is every step, as docs/routing.md names them."""

    id: int
    ticket_id: int
    engine_version: int
    policy_id: int
    world_version_id: int
    theme_id: int | None
    team_id: int | None
    agent_id: int | None
    trace: list[Any]
    outcome: dict[str, Any]
    created_at: datetime


class DecisionFacts(Decision):
    """With what is needed to decide again: the ticket's facts and the moment's."""

    facts: dict[str, Any]


@router.get("")
def list_decisions(
    session: Transaction, me: RoutingRead, ticket_id: TicketFilter = None, after: After = None, limit: Limit = 50
) -> pages.Page[Decision]:
    """Decisions about tickets that the token may see, oldest first; of one ticket with `ticketId`."""
    query = _seen(me, Decision)
    if ticket_id is not None:
        query = query.where(Row.ticket_id == ticket_id)
    return pages.read(session, query, Row.id, after, limit, Decision)


@router.get("/{decision}")
def read_decision(decision: Number, session: Transaction, me: RoutingRead) -> DecisionFacts:
    """One decision with its facts."""
    return changes.read(session, _seen(me, DecisionFacts).where(Row.id == decision), DecisionFacts, "decision")


class Replay(Told):
    """Whether the engine says the same today; `otherwise` holds what it says now, null when it is the same."""

    same: bool
    comparable: bool
    otherwise: dict[str, Any] | None


@router.get("/{decision}/replay")
def replay_decision(decision: Number, session: Transaction, me: RoutingRead) -> Replay:
    """Decide again by the stored facts. Only within one version of the engine must the answer be the same."""
    changes.read(session, _seen(me, Decision).where(Row.id == decision), Decision, "decision")
    row = session.execute(select(*Row.__table__.columns).where(Row.id == decision)).one()
    now, then = dict(again(session, row, {}, {})), dict(stored(row))
    return Replay(
        same=now == then, comparable=row.engine_version == ENGINE_VERSION, otherwise=None if now == then else now
    )


def _seen(me: Principal, model: type[Told]) -> Select[Any]:
    columns = (getattr(Row, name) for name in model.model_fields)
    return select(*columns).join(Ticket, Ticket.id == Row.ticket_id).where(visible(me))
