"""The database as the rest of Weerklank sees it: sessions within one unit of work, and nothing else that commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from select import POLLIN, poll
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import URL, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from app.settings import Settings
from app.storage import revision
from app.storage.embedded import Embedded

# Milliseconds; PostgreSQL ends what takes longer. A transaction that waits for something outside is a bug, so a short leash.
LIMITS = {"statement_timeout": 30_000, "lock_timeout": 10_000, "idle_in_transaction_session_timeout": 60_000}
# A peer that vanished without a word (a host without power, a forgotten NAT entry) is noticed in half a minute on both sides
# instead of in two hours: until the server notices, it keeps a dead worker's locks, and nobody reads that worker's mailboxes.
KEEP_ALIVE = {
    "tcp_keepalives_idle": 15,
    "tcp_keepalives_interval": 5,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the database answers, and whether its schema has everything that this code needs."""

    reachable: bool
    migrated: bool

    @property
    def ok(self) -> bool:
        """Whether work can be done."""
        return self.reachable and self.migrated


class Database:
    """A pool of connections to one PostgreSQL database. Opens nothing until it is used."""

    def __init__(
        self, url: str, *, name: str = "weerklank", pool_size: int = 10, timeout_ms: int | None = None
    ) -> None:
        """`url` is a SQLAlchemy or libpq address; `name` shows in pg_stat_activity; `timeout_ms` limits one statement."""
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self._name = name
        limits = {**LIMITS, **({"statement_timeout": timeout_ms} if timeout_ms is not None else {})}
        self.engine = create_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=10,
            pool_recycle=1800,
            hide_parameters=True,  # an error's text must not repeat citizens' words
            json_serializer=_to_json,
            json_deserializer=from_json,
            connect_args=_connect_args(self.url, name, limits),
        )
        event.listen(self.engine, "checkout", _refuse_closed)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        looking = {"postgresql_readonly": True}
        self._read_only = sessionmaker(self.engine.execution_options(**looking), expire_on_commit=False)
        repeatable = self.engine.execution_options(**looking, isolation_level="REPEATABLE READ")
        self._snapshot = sessionmaker(repeatable, expire_on_commit=False)

    @property
    def dsn(self) -> str:
        """The address for a raw psycopg connection (LISTEN, advisory locks, jobs), with the password in it."""
        arguments = _connect_args(self.url, self._name, {})
        plain = self.url.set(drivername="postgresql").update_query_dict({k: str(v) for k, v in arguments.items()})
        address, mark, query = plain.render_as_string(hide_password=False).partition("?")
        return f"{address}{mark}{query.replace('+', '%20')}"  # libpq reads no + as a space

    @contextmanager
    def unit_of_work(self) -> Iterator[Session]:
        """A session whose changes are committed together at the end, or not at all. The only commit there is."""
        with self._sessions() as session:
            yield session
            session.commit()

    @contextmanager
    def read_only(self, *, snapshot: bool = False) -> Iterator[Session]:
        """A session in which PostgreSQL refuses changes; with `snapshot` every statement sees one and the same moment."""
        with (self._snapshot if snapshot else self._read_only)() as session:
            yield session
            # Nothing to keep; but at a rollback psycopg forgets every statement that it has prepared, and PostgreSQL would
            # plan each of them anew at every page.
            session.commit()

    def ready(self) -> Readiness:
        """Ask the database; never raises. A schema newer than the code counts as migrated (a deployment under way)."""
        try:
            with self.read_only() as session:
                if session.scalar(text("SELECT to_regclass('alembic_version')")) is None:
                    return Readiness(reachable=True, migrated=False)
                found = session.scalar(text("SELECT max(version_num) FROM alembic_version"))
                return Readiness(reachable=True, migrated=revision.covers(found))
        except (DBAPIError, PoolTimeout):
            return Readiness(reachable=False, migrated=False)

    def close(self) -> None:
        """Close the connections that are not in use."""
        self.engine.dispose()


@contextmanager
def open_database(settings: Settings, *, name: str = "weerklank", pool_size: int = 10) -> Iterator[Database]:
    """The database of these settings: the server they name, else the embedded one of the data folder."""
    if settings.database_url is not None:
        database = Database(settings.database_url.get_secret_value(), name=name, pool_size=pool_size)
        try:
            yield database
        finally:
            database.close()
        return
    embedded = Embedded.start(settings.data)
    try:
        database = Database(embedded.url, name=name, pool_size=pool_size)
        try:
            yield database
        finally:
            database.close()
    finally:
        embedded.stop()


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:
    """Let the pool open another connection where the server has ended this one: its farewell waits in the socket.

    To an idle connection a server says nothing else that matters. Asking it whether it is still there (`pool_pre_ping`) would
    be one more round trip for each transaction, a third of what a small one costs; and a server that vanished without a
    farewell is noticed by the keep-alives, which end the connection.
    """
    if not connection.closed:
        waiting = poll()
        waiting.register(connection.fileno(), POLLIN)
        if not waiting.poll(0):
            return
    raise DisconnectionError("the server has closed this connection")


def _to_json(value: Any) -> str:
    return to_json(value).decode()


def _connect_args(url: URL, name: str, limits: dict[str, int]) -> dict[str, str | int]:
    ours = {**limits, **KEEP_ALIVE, "TimeZone": "UTC"}
    options = " ".join(f"-c {key}={value}" for key, value in ours.items())
    given = url.query.get("options")
    return {
        "application_name": name,
        "connect_timeout": 5,
        "options": f"{options} {given}" if isinstance(given, str) else options,
        **{key.replace("tcp_keepalives", "keepalives"): value for key, value in KEEP_ALIVE.items()},
    }
