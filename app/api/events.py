"""Events: what happened, read from a point on, or heard live."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy.orm import Session

from app.api import pages
from app.api.asked import EventsRead, Limit
from app.api.schemas.tickets import Event
from app.identity import tokens
from app.identity.principal import Principal
from app.tickets import events
from app.vocabulary import Scope
from app.web.principal import SignInNeeded, refused, scheme
from app.web.state import state_of
from app.web.stream import Who, follow, position
from app.web.strict import LARGEST
from app.web.subscribed import Subscribed
from app.web.transaction import Transaction

router = APIRouter(tags=["events"])
TicketFilter = Annotated[int | None, Query(ge=1, le=LARGEST, alias="ticketId")]
After = Annotated[int, Query(ge=0, le=LARGEST, description="The id of the last event that was read.")]


@router.get("/events")
def list_events(
    session: Transaction, me: EventsRead, ticket_id: TicketFilter = None, after: After = 0, limit: Limit = 100
) -> pages.Page[Event]:
    """Events after `after`, of one ticket with `ticketId`. Whoever asks again with the id of the last one misses nothing."""
    found = events.after(session, me, after, limit + 1, ticket_id=ticket_id)
    return pages.cut(found, limit, Event)


async def _program(request: Request) -> Who:
    """Whose token this is, asked anew at every event, so that one that is revoked hears nothing more."""
    scheme, _sep, token = request.headers.get("authorization", "").partition(" ")
    state = state_of(request)

    def who(session: Session) -> Principal | None:
        known = tokens.find(session, token) if scheme.lower() == "bearer" else None
        return known.principal if known else None

    def first() -> Principal | None:
        with state.database.read_only() as session:
            return who(session)

    principal = await run_in_threadpool(first)
    if principal is None:
        raise await run_in_threadpool(refused, request) if token else SignInNeeded
    principal.requires(Scope.EVENTS_READ)
    return who


@router.get("/events/stream", response_class=EventSourceResponse, dependencies=[Depends(scheme)])
async def stream(
    request: Request,
    who: Annotated[Who, Depends(_program)],
    place: Subscribed,
    after: Annotated[int | None, Query(ge=0, le=LARGEST)] = None,
    last_event_id: Annotated[str, Header()] = "",
) -> AsyncIterator[ServerSentEvent]:
    """Events as they happen (`text/event-stream`), from `after` or `Last-Event-ID` on. At least once, ids only."""
    async for event in follow(state_of(request).database, place, who, position(last_event_id, after)):
        yield event
