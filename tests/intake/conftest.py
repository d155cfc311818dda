"""An account of the notes channel in a real database, and what intake works with."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import create_engine, insert, make_url, text

from app.accounts import change
from app.accounts.directory import Accounts
from app.channels.contract import RawItem
from app.intake.admit import admit_waiting
from app.intake.journal import Journalled, journal
from app.intake.means import Means
from app.intake.stow import stow
from app.models import Base, Organisation
from app.storage.blobs import BlobStore
from app.storage.database import Database
from app.storage.keys import Keys
from tests.intake.notes import NotesSettings, OtherSide, kinds


@dataclass
class House:
    """One installation: what intake works with, its accounts, and short ways to ask what is in the database."""

    means: Means
    other: OtherSide
    account_id: int
    second_id: int

    def journal(self, *items: RawItem, account_id: int | None = None, cursor: str | None = None) -> Journalled:
        stowed = stow(self.means.blobs, items)
        with self.means.database.unit_of_work() as session:
            return journal(session, account_id or self.account_id, stowed, cursor)

    def admit(self) -> None:
        """Until nothing waits."""
        while admit_waiting(self.means):
            pass

    def take(self, *items: RawItem, account_id: int | None = None) -> None:
        """Journal and admit."""
        self.journal(*items, account_id=account_id)
        self.admit()

    def rows(self, query: str, **values: Any) -> list[Any]:
        with self.means.database.unit_of_work() as session:
            return [tuple(row) for row in session.execute(text(query), values)]

    def one(self, query: str, **values: Any) -> Any:
        """The only column of the only row."""
        [[value]] = self.rows(query, **values)
        return value

    def states(self) -> list[tuple[str, str]]:
        return self.rows("SELECT state, reason FROM raw_item ORDER BY id")

    def do(self, statement: str, **values: Any) -> None:
        with self.means.database.unit_of_work() as session:
            session.execute(text(statement), values)


@pytest.fixture(scope="session")
def intake_database(database_server: str, template: str) -> Iterator[Database]:
    """One database for all tests of intake, with real commits; `house` empties it. A clone per test took ten times as long."""
    server = create_engine(make_url(database_server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    name = f"weerklank_intake_{os.getpid()}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    database = Database(make_url(database_server).set(database=name).render_as_string(hide_password=False), pool_size=5)
    yield database
    database.close()
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def other() -> OtherSide:
    return OtherSide()


@pytest.fixture
def house(intake_database: Database, keys: Keys, blobs: BlobStore, other: OtherSide) -> House:
    """Two active accounts of the notes channel, without receipts, in an empty database."""
    database = intake_database
    _empty(database)
    with database.unit_of_work() as session:
        organisation = session.execute(
            insert(Organisation).values(name="Gemeente Voorbeeldstad").returning(Organisation.id)
        ).scalar_one()
        make: Callable[[str], int] = lambda name: change.create(  # noqa: E731
            session, keys, organisation_id=organisation, kind="notes.plain", name=name,
            settings=NotesSettings(address=f"{name}@voorbeeldstad.example"), receipts=False,
        )  # fmt: skip
        ids = make("info"), make("beheer")
    accounts = Accounts(database, keys, kinds(other), "http://127.0.0.1:8000")
    return House(Means(database, accounts, keys, blobs, lease_seconds=5.0), other, *ids)


def _empty(database: Database) -> None:
    """Row by row and number one again: truncating forty tables, which are nearly empty, takes ten times as long."""
    with database.unit_of_work() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
        session.execute(text("SELECT setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences"))
