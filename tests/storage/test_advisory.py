"""Locks that end with their connection."""

from collections.abc import Iterator
from queue import Queue
from threading import Thread

import pytest
from sqlalchemy import text

from app.storage.advisory import Advisory, key
from app.storage.database import Database
from tests.until import until

Names = frozenset[str]


@pytest.fixture
def lost() -> "Queue[Names]":
    return Queue()


@pytest.fixture
def locks(database: Database, lost: "Queue[Names]") -> Iterator[Advisory]:
    with Advisory(database.dsn, lost.put) as opened:
        yield opened


def cut(database: Database) -> None:
    """End every connection that holds an advisory lock."""
    ending = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = "
    with database.unit_of_work() as session:
        session.execute(text(ending + "(SELECT oid FROM pg_database WHERE datname = current_database())"))


def test_a_lock_is_held_by_one_at_a_time(database: Database, locks: Advisory) -> None:
    with Advisory(database.dsn, print) as other:
        assert locks.try_lock("listen:1")
        assert locks.try_lock("listen:1")
        assert not other.try_lock("listen:1")
        assert other.try_lock("listen:2")
        locks.unlock("listen:1")
        assert other.try_lock("listen:1")
        assert other.held == {"listen:1", "listen:2"}
    until(lambda: locks.try_lock("listen:2"), saying="closing gives the locks up")


def test_a_lost_connection_is_told_at_once_with_the_names_that_are_gone(
    database: Database, locks: Advisory, lost: "Queue[Names]"
) -> None:
    assert locks.try_lock("listen:1")
    assert locks.try_lock("listen:2")
    cut(database)
    assert lost.get(timeout=2) == {"listen:1", "listen:2"}
    assert locks.held == frozenset()
    assert locks.try_lock("listen:1")


def test_closing_tells_nobody(database: Database, lost: "Queue[Names]") -> None:
    locks = Advisory(database.dsn, lost.put)
    assert locks.try_lock("listen:1")
    locks.close()
    locks.close()
    assert lost.empty()
    assert not locks.try_lock("listen:1")


def test_while_the_database_is_away_nobody_gets_a_lock_and_nothing_raises(lost: "Queue[Names]") -> None:
    with Advisory("postgresql://nobody@127.0.0.1:1/nothing", lost.put) as locks:
        assert not locks.try_lock("listen:1")
    assert lost.empty()


def test_threads_share_the_connection(locks: Advisory) -> None:
    threads = [Thread(target=locks.try_lock, args=(f"listen:{n}",)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(locks.held) == 20


def test_names_become_numbers_that_postgresql_takes() -> None:
    numbers = {key(f"listen:{n}") for n in range(1000)}
    assert len(numbers) == 1000
    assert all(-(2**63) <= number < 2**63 for number in numbers)
