"""Jobs: deferred with the caller's transaction, done by a worker that outlives its database's outages."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest
from procrastinate import JobContext
from sqlalchemy import text

from app.storage import migrate
from app.storage.database import Database
from app.storage.embedded import Embedded
from app.storage.jobs import defer, jobs, run_worker
from tests.servers.postgresql import UNSAFE
from tests.until import until

COUNT = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE 'test.%'")


@jobs.task(name="test.note", pass_context=True)
def note(context: JobContext, word: str) -> None:
    context.additional_context["heard"].put(word)


def _another(embedded: Embedded, before: int) -> bool:
    return embedded.pid not in (0, before)


def waiting(database: Database) -> int:
    with database.read_only() as session:
        return int(session.scalar(COUNT) or 0)


@contextmanager
def working(database: Database, heard: "Queue[str]") -> Iterator[None]:
    """A worker in a thread with a loop of its own, cancelled at the end as a process does when it stops."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(run_worker(database.dsn, {"heard": heard}, poll_seconds=0.5, back_off_seconds=0.05))

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        for left in asyncio.all_tasks(loop):  # as `asyncio.run` does; a pool that lost its database leaves some
            left.cancel()
            with suppress(asyncio.CancelledError):
                loop.run_until_complete(left)
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()

    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(30)  # a worker waits up to 8 seconds for its jobs and 5 for a connection
        assert not thread.is_alive()


def test_a_job_exists_when_and_only_when_its_transaction_commits(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.unit_of_work() as session:
        defer(session, note, word="undone")
        _ = 1 / 0
    assert waiting(database) == 0
    with database.unit_of_work() as session:
        assert defer(session, note, word="done")
        assert waiting(database) == 0
    assert waiting(database) == 1


def test_a_second_job_with_the_same_queueing_lock_is_left_out_and_the_transaction_goes_on(database: Database) -> None:
    with database.unit_of_work() as session:
        first = defer(session, note, {"queueing_lock": "once"}, word="a")
        second = defer(session, note, {"queueing_lock": "once"}, word="b")
        third = defer(session, note, word="c")
    assert (first is None, second is None, third is None) == (False, True, False)
    assert waiting(database) == 2


def test_a_worker_does_jobs_and_forgets_those_that_succeeded(database: Database) -> None:
    heard: Queue[str] = Queue()
    with working(database, heard):
        with database.unit_of_work() as session:
            defer(session, note, word="hallo")
        assert heard.get(timeout=10) == "hallo"
        until(lambda: waiting(database) == 0)


def test_a_worker_goes_on_after_the_database_was_killed(tmp_path: Path) -> None:
    embedded = Embedded.start(tmp_path, UNSAFE)
    database = Database(embedded.url)
    migrate.upgrade(database)
    heard: Queue[str] = Queue()
    with working(database, heard):
        for word in ("voor", "na"):
            with database.unit_of_work() as session:
                defer(session, note, word=word)
            assert heard.get(timeout=20) == word
            until(lambda: waiting(database) == 0)  # else it is done again, as it should be
            before = embedded.pid
            os.kill(before, signal.SIGKILL)
            until(partial(_another, embedded, before), saying="the server is back")
            until(lambda: database.ready().ok, saying="the pool is well again")
    database.close()
    embedded.stop()


def test_a_worker_ends_when_it_is_told_to_although_the_database_is_away(tmp_path: Path) -> None:
    embedded = Embedded.start(tmp_path, UNSAFE)
    database = Database(embedded.url)
    migrate.upgrade(database)
    heard: Queue[str] = Queue()
    with working(database, heard):
        with database.unit_of_work() as session:
            defer(session, note, word="hallo")
        assert heard.get(timeout=20) == "hallo"
        database.close()
        embedded.stop()


def test_a_job_of_a_killed_worker_is_done_again(database: Database) -> None:
    heard: Queue[str] = Queue()
    with database.unit_of_work() as session:
        job = defer(session, note, word="halverwege")
        gone = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        worker = session.scalar(text(gone))
        values = {"worker": worker, "job": job}
        session.execute(
            text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = :worker WHERE id = :job"), values
        )
    with database.unit_of_work() as session:
        defer(session, jobs.tasks["storage.tend_jobs"], timestamp=0)
    with working(database, heard):
        assert heard.get(timeout=20) == "halverwege"
