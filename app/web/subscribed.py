"""A place at the hub for as long as a stream is open.

Why a dependency, and not a `finally` in the stream itself: what sends the events may be left standing in the middle of one,
and is then cleaned up whenever memory is. A dependency ends when the response does.
"""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from app.web.state import state_of
from app.web.stream import Subscription


async def subscribed(request: Request) -> AsyncIterator[Subscription]:
    """A queue for this stream, until it ends or its reader is gone."""
    hub = state_of(request).hub
    subscription = hub.subscribe()
    try:
        yield subscription
    finally:
        hub.unsubscribe(subscription)


Subscribed = Annotated[Subscription, Depends(subscribed)]
