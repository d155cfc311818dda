"""Bring the schema up to date, from a checkout or an installed package, once however many processes start together."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Literal

from sqlalchemy import Connection, text
from sqlalchemy.schema import SchemaItem

from app import log
from app.storage import revision
from app.storage.database import Database

LOCK = 0x57454552  # "WEER", the key of the advisory lock that migrating processes share
WAIT = "10min"  # for another process that migrates
LOCK_TIMEOUT = "5s"  # for a table: behind a waiting ALTER TABLE everybody queues, so rather give up and be run again
STATEMENT_TIMEOUT = "10min"

Kind = Literal["schema", "table", "column", "index", "unique_constraint", "foreign_key_constraint"]


def upgrade(database: Database) -> None:
    """Apply every migration that is missing, each in its own transaction; does nothing when there is none.

    A kill half-way leaves whole migrations only (PostgreSQL's DDL is transactional): run it again.
    """
    if database.ready().migrated:
        return
    with database.engine.connect() as connection:
        with _alone(connection):
            before = _current(connection)
            _alembic("command").upgrade(configuration(connection), "head")
        log.event("database.migrated", before=before, after=_current(connection))


def check(database: Database) -> None:
    """Raise `alembic.util.CommandError` when the models and the schema differ, saying in what."""
    with database.engine.connect() as connection:
        _alembic("command").check(configuration(connection))


def configuration(connection: Connection | None = None) -> Any:
    """Alembic's configuration (an `alembic.config.Config`) without a file; `migrations/env.py` works on `connection`."""
    config = _alembic("config").Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(revision.folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def ours(item: SchemaItem, name: str | None, kind: Kind, reflected: bool, compare_to: SchemaItem | None) -> bool:
    """Alembic's `include_object`: everything except Procrastinate's tables, which have no models."""
    foreign = kind == "table" and reflected and compare_to is None and (name or "").startswith("procrastinate_")
    return not foreign


def _current(connection: Connection) -> str | None:
    with connection.begin():
        found = _alembic("runtime.migration").MigrationContext.configure(connection).get_current_revision()
        return found if found is None else str(found)


def _alembic(module: str) -> Any:
    # Lazy: 13 MB that a process whose schema is up to date, as at nearly every start, never needs.
    return import_module(f"alembic.{module}")


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    with connection.begin():
        connection.execute(text(f"SET lock_timeout = '{WAIT}'; SET statement_timeout = '{WAIT}'"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'; SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
    try:
        yield
    finally:
        connection.rollback()  # Alembic leaves its reading transaction open when there was nothing to do
        connection.invalidate()  # closes it: the lock goes, whatever happened, and the changed timeouts with it
