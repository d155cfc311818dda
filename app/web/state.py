"""What every request may use, made once by the command that starts the process and hung on the application."""

from dataclasses import dataclass
from typing import cast

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


def state_of(request: HTTPConnection) -> State:
    """The state that the application of this request was built with."""
    return cast(State, request.app.state.weerklank)
