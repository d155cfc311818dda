"""Events: everything that happens to a ticket, recorded in the transaction that makes it happen, and read in order."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Text, bindparam, cast, func, insert, literal, select, tuple_
from sqlalchemy.orm import Session, aliased

from app.identity import mandates
from app.identity.principal import Principal
from app.models import Ticket, TicketEvent
from app.storage.horizon import horizon
from app.tickets.tables import TICKET_EVENT
from app.vocabulary import EventType

CHANNEL = "event"

_before = aliased(TicketEvent)


class Happened(NamedTuple):
    """One event as the stream and the API give it; `data` holds ids and words only."""

    id: int
    ticket_id: int
    type: EventType
    message_id: int | None
    agent_id: int | None
    data: Mapping[str, Any]
    at: datetime


_recorded = (
    insert(TICKET_EVENT)
    .values({name: bindparam(name) for name in ("ticket_id", "type", "agent_id", "message_id", "data")})
    .returning(TICKET_EVENT.c.id, TICKET_EVENT.c.ticket_id)
    .cte("recorded")
)
# One statement, so that recording costs one round trip. The payload is `event id:ticket id`.
_RECORD = select(
    _recorded.c.id,
    func.pg_notify(CHANNEL, cast(_recorded.c.id, Text) + literal(":") + cast(_recorded.c.ticket_id, Text)),
)


def record(
    session: Session,
    ticket_id: int,
    type_: EventType,
    *,
    agent_id: int | None = None,
    message_id: int | None = None,
    **data: Any,
) -> int:
    """Write down what happened and wake the listeners at commit. `data` holds ids and words, never a citizen's text."""
    values = {"ticket_id": ticket_id, "type": type_, "agent_id": agent_id, "message_id": message_id, "data": data}
    return int(session.execute(_RECORD, values).one().id)


# Ids and transactions are given out before the commit, in no order that a reader could rely on: a later commit may carry a
# lower id. So events are read in the order of their transactions, and only those older than every transaction under way:
# nothing can appear before the place that a reader has reached.
_SETTLED = TicketEvent.transaction_id < bindparam("horizon", type_=BigInteger)
_AFTER = tuple_(TicketEvent.transaction_id, TicketEvent.id) > tuple_(
    func.coalesce(
        select(_before.transaction_id).where(_before.id == bindparam("event_id", type_=BigInteger)).scalar_subquery(), 0
    ),
    bindparam("event_id", type_=BigInteger),
)


def after(
    session: Session, principal: Principal, event_id: int, limit: int = 100, *, ticket_id: int | None = None
) -> list[Happened]:
    """The events after `event_id` (0 = from the start) on tickets that the asker may see, or on one, at most `limit`.

    In the order in which they can be read completely, which is nearly that of their ids: whoever asks again with the last
    id that they got misses nothing and gets nothing twice.
    """
    columns = [getattr(TicketEvent, name) for name in Happened._fields]
    statement = (
        select(*columns)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(_AFTER, _SETTLED, mandates.visible(principal))
        .order_by(TicketEvent.transaction_id, TicketEvent.id)
        .limit(limit)
    )
    if ticket_id is not None:
        statement = statement.where(TicketEvent.ticket_id == ticket_id)
    return [Happened(*row) for row in session.execute(statement, {"event_id": event_id, "horizon": horizon(session)})]


def named(session: Session, principal: Principal, event_ids: list[int]) -> list[Happened]:
    """These events as far as the asker may see them: for a stream that a notification told of them."""
    columns = [getattr(TicketEvent, name) for name in Happened._fields]
    statement = (
        select(*columns)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(TicketEvent.id.in_(event_ids), mandates.visible(principal))
        .order_by(TicketEvent.id)
    )
    return [Happened(*row) for row in session.execute(statement)]
