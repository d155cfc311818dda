"""Live updates: one LISTEN connection per process, many open streams, ids only, nothing lost.

A notification carries an event's id. The hub puts it into the queue of every open stream; each stream then asks the
database, once per batch, which of them its reader may see. A reader that was away says with `Last-Event-ID` (or `after=`)
where it was. Rows are the truth here too: whenever something may have been missed (a full queue, a database that was away,
and every half minute in any case) a stream reads on from the last event it sent.

Transactions commit in another order than they take their ids, so reading on starts a little *before* the last event and
leaves out what this stream already sent. A reader that reconnects may therefore hear of an event twice, never of none.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from fastapi.concurrency import run_in_threadpool
from fastapi.sse import ServerSentEvent
from sqlalchemy import Row, func, select, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app import log
from app.identity.mandates import visible
from app.identity.principal import Principal
from app.models import Ticket, TicketEvent
from app.storage.database import Database
from app.storage.listener import Listener

TOPIC = "event"
LOOK = 0  # put into a queue instead of an id: something may have been missed, read on
QUEUE = 256
BEHIND = 500  # a reader further behind is told to load its page again
OVERLAP = 200
PAUSE_SECONDS = 0.15  # gathers the events of a busy moment into one question to the database
SWEEP_SECONDS = 30.0

Who = Callable[[Session], Principal | None]


@dataclass(eq=False, slots=True)
class Subscription:
    """One open stream's queue. `None` in it ends the stream."""

    loop: asyncio.AbstractEventLoop
    queue: asyncio.Queue[int | None] = field(default_factory=lambda: asyncio.Queue(QUEUE))

    def offer(self, item: int | None) -> None:
        """Put it in, at the cost of everything older when it is full: the stream then reads on from the database."""
        if self.queue.full():
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(LOOK)
        self.queue.put_nowait(item)

    async def batch(self) -> set[int] | None:
        """What came in, as soon as there is something; None when the hub has closed."""
        items = {await self.queue.get()}
        while not self.queue.empty():
            items.add(self.queue.get_nowait())
        return None if None in items else {item for item in items if item is not None}


class Hub:
    """The process's one listener for events, and the streams that hang on it."""

    def __init__(self, database: Database, *, sweep_seconds: float = SWEEP_SECONDS) -> None:
        """Opens nothing until `start`."""
        self.database = database
        self._subscriptions: set[Subscription] = set()
        self._closed = False
        self._listener = Listener(
            database.dsn, {TOPIC: self.heard}, sweep=lambda: self._spread(LOOK), sweep_seconds=sweep_seconds
        )

    def start(self) -> Self:
        """Begin to listen, in a thread; returns at once."""
        self._listener.start()
        return self

    @property
    def connected(self) -> bool:
        """Whether events are heard the moment they happen."""
        return self._listener.connected

    @property
    def listening(self) -> int:
        """How many streams are open."""
        return len(self._subscriptions)

    def heard(self, payload: str) -> None:
        """A notification: `<event id>:<ticket id>`. May be called from any thread."""
        number = payload.partition(":")[0]
        self._spread(int(number) if number.isdigit() else LOOK)

    def subscribe(self) -> Subscription:
        """A queue for a new stream; call it on the event loop that will read it."""
        made = Subscription(asyncio.get_running_loop())
        self._subscriptions.add(made)
        if self._closed:
            made.offer(None)
        return made

    def unsubscribe(self, subscription: Subscription) -> None:
        """The stream has ended."""
        self._subscriptions.discard(subscription)

    def close(self) -> None:
        """End every stream, and stop listening. Call it when the server begins to shut down; may be called twice."""
        self._closed = True
        self._spread(None)
        self._listener.close()

    def _spread(self, item: int | None) -> None:
        for subscription in tuple(self._subscriptions):
            if not subscription.loop.is_closed():
                subscription.loop.call_soon_threadsafe(subscription.offer, item)


async def follow(
    database: Database, subscription: Subscription, who: Who, after: int | None
) -> AsyncIterator[ServerSentEvent]:
    """The events that `who` may see, from `after` on, until the hub closes or `who` gives nobody any more.

    `who` is asked again at every batch, so that a session that ends, or a team that is left, counts at once. Yields events
    named `ticket` with `{"id", "ticketId", "messageId", "type"}`; `reload` when the reader is too far behind, and
    `signed-out` at the end of a session.
    """
    reader = _Reader(database, who, after)
    subscription.offer(LOOK)
    while (items := await subscription.batch()) is not None:
        for event in await reader.read(items):
            yield event
        if reader.ended:
            return
        await asyncio.sleep(PAUSE_SECONDS)


class _Reader:
    """Where one stream is, and how it gets on."""

    def __init__(self, database: Database, who: Who, after: int | None) -> None:
        self._database, self._who, self._last = database, who, after
        self._sent: dict[int, None] = {}
        self._missed = False
        self.ended = False

    async def read(self, items: set[int]) -> list[ServerSentEvent]:
        """Events for these ids, or everything since the last when one of them is LOOK."""
        try:
            return await run_in_threadpool(self._read, items)
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            log.trouble("stream.database_away", reason=type(error).__name__)
            self._missed = True
            return []

    def _read(self, items: set[int]) -> list[ServerSentEvent]:
        with self._database.read_only() as session:
            principal = self._who(session)
            if principal is None:
                self.ended = True
                return [ServerSentEvent(event="signed-out", data={})]
            if self._last is None:
                return [self._begun(session)]
            if LOOK not in items and not self._missed:
                return self._told(session.execute(_these(principal, items)).all())
            return self._caught_up(session, principal, self._last)

    def _begun(self, session: Session) -> ServerSentEvent:
        self._last = newest(session)
        known = session.scalars(select(TicketEvent.id).where(TicketEvent.id > self._last - OVERLAP))
        self._sent = dict.fromkeys(known)
        return ServerSentEvent(event="ready", data={}, id=str(self._last))

    def _caught_up(self, session: Session, principal: Principal, last: int) -> list[ServerSentEvent]:
        rows = session.execute(_since(principal, last)).all()
        self._missed = False
        if len(rows) < BEHIND:
            return self._told(rows)
        self._last = newest(session)
        return [ServerSentEvent(event="reload", data={}, id=str(self._last))]

    def _told(self, rows: Sequence[Row[Any]]) -> list[ServerSentEvent]:
        fresh = [row for row in rows if row.id not in self._sent]
        for row in fresh:
            self._sent[row.id] = None
            self._last = max(self._last or 0, row.id)
        for number in list(self._sent)[: -2 * BEHIND]:
            del self._sent[number]
        return [_event(row, self._last or row.id) for row in fresh]


def position(last_event_id: str, after: int | None) -> int | None:
    """Where a reader was: what its browser says (`Last-Event-ID`), else what its address says."""
    said = last_event_id if last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 19 else ""
    return int(said) if said else after


def newest(session: Session) -> int:
    """The id of the newest event, 0 when there is none."""
    return session.scalar(select(func.max(TicketEvent.id))) or 0


_COLUMNS = (TicketEvent.id, TicketEvent.ticket_id, TicketEvent.message_id, TicketEvent.type)


def _seen_by(principal: Principal) -> Any:
    query = select(*_COLUMNS).join(Ticket, Ticket.id == TicketEvent.ticket_id)
    return query.where(visible(principal)).order_by(TicketEvent.id)


def _these(principal: Principal, numbers: Iterable[int]) -> Any:
    return _seen_by(principal).where(TicketEvent.id.in_(numbers))


def _since(principal: Principal, last: int) -> Any:
    late = (TicketEvent.id > last - OVERLAP) & (TicketEvent.at > func.now() - text("interval '2 minutes'"))
    return _seen_by(principal).where((TicketEvent.id > last) | late).limit(BEHIND)


def _event(row: Row[Any], last: int) -> ServerSentEvent:
    data = {"id": row.id, "ticketId": row.ticket_id, "messageId": row.message_id, "type": row.type}
    return ServerSentEvent(event="ticket", data=data, id=str(last))
