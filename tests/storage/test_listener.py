"""The listener: it recovers, it sweeps, and nothing deafens it."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from time import monotonic

import pytest
from sqlalchemy import text

from app.storage.database import Database
from app.storage.embedded import Embedded
from app.storage.listener import Listener
from app.storage.queue import wake
from tests.servers.postgresql import UNSAFE
from tests.until import until


@pytest.fixture
def fragile(tmp_path: Path) -> Iterator[tuple[Embedded, Database]]:
    """A server that a test may kill, and a database on it."""
    embedded = Embedded.start(tmp_path, UNSAFE)
    database = Database(embedded.url)
    yield embedded, database
    database.close()
    embedded.stop()


def tell(database: Database, payload: str) -> None:
    with database.unit_of_work() as session:
        wake(session, "tickets", payload)


def test_after_a_restart_of_the_database_it_sweeps_and_hears_again(fragile: tuple[Embedded, Database]) -> None:
    embedded, database = fragile
    heard: Queue[str] = Queue()
    listener = Listener(
        database.dsn, {"tickets": heard.put}, sweep=lambda: heard.put("swept"), sweep_seconds=60, back_off_seconds=0.05
    )
    with listener:
        assert heard.get(timeout=10) == "swept"
        tell(database, "before")
        assert heard.get(timeout=10) == "before"
        os.kill(embedded.pid, signal.SIGKILL)
        until(lambda: not listener.connected, saying="the loss is noticed")
        assert heard.get(timeout=20) == "swept"
        until(lambda: database.ready().reachable, saying="the pool is well again")
        tell(database, "after")
        assert heard.get(timeout=10) == "after"


def test_it_waits_for_a_database_that_is_not_there_yet(tmp_path_factory: pytest.TempPathFactory) -> None:
    heard: Queue[str] = Queue()
    data = tmp_path_factory.mktemp("pg")  # so short that the socket is in it, at the same place after a stop
    embedded = Embedded.start(data, UNSAFE)
    dsn = Database(embedded.url).dsn
    embedded.stop()
    with Listener(dsn, {}, sweep=lambda: heard.put("swept"), back_off_seconds=0.05) as listener:
        assert not listener.connected
        embedded = Embedded.start(data, UNSAFE)
        assert heard.get(timeout=10) == "swept"
        assert listener.connected
    embedded.stop()


def test_it_sweeps_again_and_again(database: Database) -> None:
    swept: Queue[float] = Queue()
    with Listener(database.dsn, {}, sweep=lambda: swept.put(monotonic()), sweep_seconds=0.05):
        times = [swept.get(timeout=10) for _ in range(4)]
    assert times[-1] - times[0] >= 0.1


def test_an_error_in_a_callback_stops_nothing(database: Database) -> None:
    heard: Queue[str] = Queue()

    def fragile_callback(payload: str) -> None:
        if payload == "wrong":
            raise RuntimeError
        heard.put(payload)

    with Listener(database.dsn, {"tickets": fragile_callback}, sweep_seconds=60) as listener:
        until(lambda: listener.connected)
        tell(database, "wrong")
        tell(database, "right")
        assert heard.get(timeout=10) == "right"


def test_it_closes_at_once_and_leaves_no_connection(database: Database) -> None:
    listener = Listener(database.dsn + "&application_name=listening", {"tickets": print}, sweep_seconds=600).start()
    until(lambda: listener.connected)
    began = monotonic()
    listener.close()
    listener.close()
    assert monotonic() - began < 1
    count = text("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'listening'")

    def gone() -> bool:
        with database.read_only() as session:
            return bool(session.scalar(count) == 0)

    until(gone)
