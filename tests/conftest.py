"""What every test may ask for: a real, migrated PostgreSQL, settings, keys, stored files, mail servers, a browser.

`session` is rolled back after the test and shares one database: quick, for everything that stays in one transaction.
`database` is the test's own database with real commits: for what crosses threads, processes or transactions.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import structlog
from hypothesis import settings as examples
from pydantic import SecretStr
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import Session

from app.settings import Settings
from app.storage import migrate
from app.storage.blobs import BlobStore, blob_store
from app.storage.database import Database
from app.storage.embedded import Embedded
from app.storage.keys import Keys
from tests.servers.postgresql import UNSAFE

pytest_plugins = ["tests.servers.fixtures"]

# Databases are made and thrown away by the hundred: a tenth of the time where their folder lies in memory.
MEMORY = Path("/dev/shm")
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 4 * 2**30:
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None

# By itself structlog draws an error with every variable in it, which takes seconds.
_PLAIN = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
structlog.configure(processors=[*structlog.get_config()["processors"][:-1], _PLAIN])

# What an example may cost is no matter of a test: a busy machine takes longer.
examples.register_profile("weerklank", examples.default, deadline=None)
examples.load_profile("weerklank")

SERVER = "TEST_DATABASE_URL"
DATABASE_FIXTURES = {"database", "empty_database", "session", "shared_database", "database_settings"}
ELSEWHERE = {"page", "browser", "mail_servers", "own_mail_servers"}

_numbers = count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the database and nothing slower, for the second run against PostgreSQL 15."""
    for item in items:
        used = set(getattr(item, "fixturenames", ()))
        if used & DATABASE_FIXTURES and not used & ELSEWHERE:
            item.add_marker("database")


@pytest.fixture(scope="session")
def database_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The SQLAlchemy address of a server on which databases may be made: the embedded one, or that of the environment."""
    if SERVER in os.environ:
        yield os.environ[SERVER]
        return
    embedded = Embedded.start(tmp_path_factory.mktemp("postgresql"), UNSAFE)
    try:
        yield embedded.url
    finally:
        embedded.stop()


@pytest.fixture(scope="session")
def template(database_server: str) -> Iterator[str]:
    """The name of a migrated database to clone. Nobody stays connected to it."""
    name = f"weerklank_template_{os.getpid()}"
    _administer(database_server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    database = _open(database_server, name)
    migrate.upgrade(database)
    database.close()
    yield name
    _administer(database_server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def shared_database(database_server: str, template: str) -> Iterator[Database]:
    """One migrated database for all tests that roll back; never commit to it."""
    yield from _clone(database_server, template)


@pytest.fixture
def database(database_server: str, template: str) -> Iterator[Database]:
    """A migrated database of the test's own, with real commits."""
    yield from _clone(database_server, template)


@pytest.fixture
def empty_database(database_server: str) -> Iterator[Database]:
    """A database of the test's own without any table."""
    yield from _clone(database_server, "template0")


@pytest.fixture
def session(shared_database: Database) -> Iterator[Session]:
    """A session that is rolled back after the test; a commit or an error in it ends a savepoint only."""
    with shared_database.engine.connect() as connection:
        transaction = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as opened:
            yield opened
        transaction.rollback()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data folder of the test's own, short waits and cheap passwords; no database is named."""
    return Settings(
        data=tmp_path / "data",
        database_url=None,
        public_url="http://127.0.0.1:8000",
        undo_seconds=0.2,
        lease_seconds=2,
        sweep_seconds=0.3,
        poll_seconds=1,
        back_off_seconds=0.1,
        password_cost="low",
    )


@pytest.fixture
def database_settings(settings: Settings, database: Database) -> Settings:
    """`settings` that name the database of `database`."""
    return settings.model_copy(update={"database_url": SecretStr(database.url.render_as_string(hide_password=False))})


@pytest.fixture(scope="session")
def keys() -> Keys:
    """Fixed keys, so that signatures in recorded expectations stay the same."""
    return Keys([b"k" * 32])


@pytest.fixture
def blobs(settings: Settings) -> BlobStore:
    """A store of files in the test's data folder."""
    return blob_store(settings)


def _administer(server: str, *statements: str) -> None:
    engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def _open(server: str, name: str) -> Database:
    return Database(
        make_url(server).set(database=name).render_as_string(hide_password=False), name="weerklank test", pool_size=5
    )


def _clone(server: str, template: str) -> Iterator[Database]:
    name = f"weerklank_test_{os.getpid()}_{next(_numbers)}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    database = _open(server, name)
    try:
        yield database
    finally:
        database.close()
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")
