"""The only way a route gets a database session.

`scope="function"` is the point: FastAPI by default runs what follows `yield` *after* the response is sent, so that a commit
that fails would already have answered 200 and the reaction would be lost. Here the commit comes first, and when it fails
the caller hears so.

A safe method (GET, HEAD) gets a session in which PostgreSQL itself refuses every change: looking never changes anything.
"""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from app.web.state import state_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def transaction(request: Request) -> Iterator[Session]:
    """One unit of work for the whole request, committed before the response is sent."""
    database = state_of(request).database
    with database.read_only() if request.method in SAFE else database.unit_of_work() as session:
        yield session


Transaction = Annotated[Session, Depends(transaction, scope="function")]
