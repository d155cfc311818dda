"""Live updates of the desk: which tickets changed, by id, from where this browser last was."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy.orm import Session

from app.identity import sessions
from app.identity.principal import Principal
from app.web import cookie
from app.web.principal import CurrentAgent
from app.web.state import state_of
from app.web.stream import follow, position
from app.web.subscribed import Subscribed

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/events", response_class=EventSourceResponse)
async def events(
    request: Request,
    me: CurrentAgent,
    place: Subscribed,
    after: int | None = None,
    last_event_id: Annotated[str, Header()] = "",
) -> AsyncIterator[ServerSentEvent]:
    """A stream of `ticket` events that `me` may see; after a lost connection it goes on from `Last-Event-ID`."""
    state, token = state_of(request), cookie.read(request) or ""

    def who(session: Session) -> Principal | None:
        known = sessions.find(session, token, state.settings.session_idle_minutes)
        return known.principal if known is not None else None

    async for event in follow(state.database, place, who, position(last_event_id, after)):
        yield event
