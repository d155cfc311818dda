"""Rows that wait: woken by the commit, claimed once."""

from queue import Empty, Queue
from threading import Barrier, Thread

import pytest
from sqlalchemy import column, select, table, text, update

from app.storage.database import Database
from app.storage.listener import Listener
from app.storage.queue import claim_batch, wake

item = table("item", column("id"), column("state"))
waiting = select(item.c.id).where(item.c.state == "new").order_by(item.c.id)


@pytest.fixture
def heap(empty_database: Database) -> Database:
    with empty_database.unit_of_work() as session:
        session.execute(text("CREATE TABLE item (id int PRIMARY KEY, state text)"))
        session.execute(text("INSERT INTO item SELECT n, 'new' FROM generate_series(1, 40) n"))
    return empty_database


def test_two_claims_at_the_same_time_get_different_rows_and_neither_waits(heap: Database) -> None:
    with heap.unit_of_work() as one, heap.unit_of_work() as two:
        assert [row.id for row in claim_batch(one, waiting, 3)] == [1, 2, 3]
        assert [row.id for row in claim_batch(two, waiting, 3)] == [4, 5, 6]


def test_rows_of_a_claim_that_failed_are_claimed_again(heap: Database) -> None:
    with pytest.raises(ZeroDivisionError), heap.unit_of_work() as session:
        claim_batch(session, waiting, 3)
        _ = 1 / 0
    with heap.unit_of_work() as session:
        assert [row.id for row in claim_batch(session, waiting, 2)] == [1, 2]


def test_many_workers_do_every_row_once(heap: Database) -> None:
    done: Queue[int] = Queue()
    together = Barrier(4)

    def work() -> None:
        together.wait()
        while True:
            with heap.unit_of_work() as session:
                ids = [row.id for row in claim_batch(session, waiting, 3)]
                if not ids:
                    return
                session.execute(update(item).where(item.c.id.in_(ids)).values(state="done"))
            for number in ids:
                done.put(number)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done.queue) == list(range(1, 41))


def test_a_wake_up_arrives_with_the_commit_and_never_without_one(database: Database) -> None:
    heard: Queue[str] = Queue()
    with Listener(database.dsn, {"tickets": heard.put}, sweep=lambda: heard.put("swept"), sweep_seconds=60):
        assert heard.get(timeout=10) == "swept"
        with pytest.raises(ZeroDivisionError), database.unit_of_work() as session:
            wake(session, "tickets", "undone")
            _ = 1 / 0
        with database.unit_of_work() as session:
            wake(session, "tickets", "17")
            wake(session, "tickets", "17")
            wake(session, "elsewhere", "18")
            with pytest.raises(Empty):
                heard.get(timeout=0.1)
        assert heard.get(timeout=10) == "17"
        with pytest.raises(Empty):
            heard.get(timeout=0.1)


def test_a_wake_up_never_carries_content(database: Database) -> None:
    with pytest.raises(ValueError, match="ids"), database.unit_of_work() as session:
        wake(session, "tickets", "x" * 8000)
