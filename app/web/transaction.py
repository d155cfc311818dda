"""The only way a route gets a database session.

`scope="function"` is the point: FastAPI by default runs what follows `yield` *after* the response is sent, so that a commit
that fails would already have answered 200 and the reaction would be lost. Here the commit comes first, and when it fails
the caller hears so.

A safe method (GET, HEAD) gets a session in which PostgreSQL itself refuses every change: looking never changes anything.
"""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session

from app.web.state import state_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


async def turn(request: Request) -> AsyncIterator[None]:
    """Wait until there are connections enough for one more request. The body has been read by now."""
    async with state_of(request).turns:
        yield


Turn = Annotated[None, Depends(turn, scope="function")]


async def transaction(request: Request, _turn: Turn) -> AsyncIterator[Session]:
    """One unit of work for the whole request, committed before the response is sent.

    It begins on the event loop, since nothing is opened before the first statement, and ends in a thread: handing a request
    to a thread costs 0.15 ms of processor time.
    """
    database = state_of(request).database
    work = database.read_only() if request.method in SAFE else database.unit_of_work()
    session = work.__enter__()
    try:
        yield session
    except BaseException as error:
        if not await run_in_threadpool(work.__exit__, type(error), error, error.__traceback__):
            raise
    else:
        await run_in_threadpool(work.__exit__, None, None, None)


Transaction = Annotated[Session, Depends(transaction, scope="function")]
