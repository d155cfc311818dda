"""What every request may use, made once by the command that starts the process and hung on the application."""

import asyncio
from dataclasses import dataclass, field
from typing import cast

from sqlalchemy import QueuePool
from starlette.requests import HTTPConnection

from app.accounts.directory import Accounts
from app.settings import Settings
from app.storage.blobs import BlobStore
from app.storage.database import Database
from app.storage.keys import Keys
from app.web.stream import Hub


@dataclass(frozen=True, slots=True)
class State:
    """Importing `app.main` opens nothing: all of this is handed in."""

    settings: Settings
    database: Database
    keys: Keys
    accounts: Accounts
    blobs: BlobStore
    hub: Hub
    turns: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        # The pool has twice its size in connections, and a request needs two at most (its own, and one to look up an account
        # or to note that a session was used). More requests at once could each hold one and wait for another for ever.
        pool = self.database.engine.pool
        object.__setattr__(self, "turns", asyncio.Semaphore(pool.size() if isinstance(pool, QueuePool) else 1))


def state_of(request: HTTPConnection) -> State:
    """The state that the application of this request was built with."""
    return cast(State, request.app.state.weerklank)
