"""What every Weerklank process is made of, opened from its settings in the right order and closed in the other.

The one place that knows the registry: which channel families exist is decided here and handed down, so that everything
else knows channels by their contract alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.accounts.directory import Accounts
from app.channels.registry import KINDS
from app.settings import Settings
from app.storage import migrate
from app.storage.blobs import BlobStore, blob_store
from app.storage.database import Database, open_database
from app.storage.keys import Keys, load_keys


@dataclass(frozen=True, slots=True)
class System:
    """The parts that outlive a request or a job."""

    settings: Settings
    database: Database
    keys: Keys
    accounts: Accounts
    blobs: BlobStore


@contextmanager
def open_system(settings: Settings, *, name: str = "weerklank", migrated: bool = False) -> Iterator[System]:
    """Open the database (embedded unless one is named), keys, accounts and files.

    `migrated` brings the schema up to date first, as `weerklank serve` does; processes that run beside others leave that
    to `weerklank migrate`. `name` shows in PostgreSQL's list of connections.
    """
    with open_database(settings, name=name) as database:
        if migrated:
            migrate.upgrade(database)
        keys = load_keys(settings)
        accounts = Accounts(database, keys, {kind.key: kind for kind in KINDS}, settings.base_url)
        yield System(settings, database, keys, accounts, blob_store(settings))
