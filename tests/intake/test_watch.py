"""Reading accounts, each by one worker: locks, changes, and a broken one that delays nobody."""

from collections import Counter
from collections.abc import Callable, Iterator
from threading import Event, Lock

import pytest
from sqlalchemy import text

from app.accounts.change import update_account
from app.accounts.directory import AccountRow
from app.channels.contract import Unreachable
from app.intake.watch import Watch
from tests.intake.conftest import House
from tests.until import until


class Reads:
    """What was read, and what each account's reading does."""

    def __init__(self) -> None:
        self.mutex = Lock()
        self.times: Counter[int] = Counter()
        self.under_way: Counter[int] = Counter()
        self.most: Counter[int] = Counter()
        self.rest: float | None = None
        self.stop: dict[int, Callable[[], bool]] = {}
        self.doing: dict[int, Callable[[], object]] = {}

    def __call__(self, row: AccountRow, stop: Callable[[], bool]) -> float | None:
        self.stop[row.id] = stop
        with self.mutex:
            self.times[row.id] += 1
            self.under_way[row.id] += 1
            self.most[row.id] = max(self.most[row.id], self.under_way[row.id])
        try:
            self.doing.get(row.id, lambda: None)()
        finally:
            with self.mutex:
                self.under_way[row.id] -= 1
        return self.rest


@pytest.fixture
def reads() -> Reads:
    return Reads()


@pytest.fixture
def watching(house: House) -> Iterator[Callable[[Reads], Watch]]:
    """Makes watches, as many as there are workers, and closes them."""
    made: list[Watch] = []
    release = Event()

    def make(reads: Reads, poll: float = 0.05) -> Watch:
        watch = Watch(house.means.accounts, house.means.database.dsn, reads, poll=poll, back_off=0.05)
        made.append(watch)
        watch.refresh()
        return watch

    yield make
    release.set()
    for watch in made:
        watch.close()


Make = Callable[[Reads], Watch]


def test_every_account_that_can_be_pulled_is_read_again_and_again(house: House, reads: Reads, watching: Make) -> None:
    watch = watching(reads)
    assert set(watch.reading) == {house.account_id, house.second_id}
    until(lambda: all(reads.times[a] > 2 for a in (house.account_id, house.second_id)))


def test_two_workers_never_read_an_account_at_the_same_time(house: House, reads: Reads, watching: Make) -> None:
    gate = Event()
    reads.doing[house.account_id] = lambda: gate.wait(0.02)
    watching(reads)
    watching(reads)
    until(lambda: reads.times[house.account_id] > 10)
    assert reads.most[house.account_id] == 1


def test_when_a_worker_ends_another_takes_its_accounts_over(house: House, watching: Make) -> None:
    first, second = Reads(), Reads()
    leaving = watching(first)
    until(lambda: first.times[house.account_id] > 0)
    staying = watching(second)
    assert set(staying.reading) == set(leaving.reading)
    leaving.close()
    until(lambda: second.times[house.account_id] > 0)


def test_a_broken_account_delays_nobody_and_is_tried_again(house: House, reads: Reads, watching: Make) -> None:
    def broken() -> None:
        raise RuntimeError("a fault in the channel")

    reads.doing[house.account_id] = broken
    watching(reads)
    until(lambda: reads.times[house.second_id] > 3)
    until(lambda: reads.times[house.account_id] > 2, saying="it is tried again")
    reads.doing[house.account_id] = lambda: _raise(Unreachable("away"))
    before = reads.times[house.account_id]
    until(lambda: reads.times[house.account_id] > before + 2)


def _raise(error: Exception) -> None:
    raise error


def test_a_silent_service_delays_nobody(house: House, reads: Reads, watching: Make) -> None:
    gate = Event()
    reads.doing[house.account_id] = lambda: gate.wait(20)
    watching(reads)
    until(lambda: reads.times[house.second_id] > 5)
    assert reads.times[house.account_id] == 1
    gate.set()


def test_a_changed_account_is_read_with_its_new_settings(house: House, reads: Reads, watching: Make) -> None:
    watch = watching(reads)
    version = watch.reading[house.account_id]
    with house.means.database.unit_of_work() as session:
        update_account(session, house.means.keys, house.account_id, name="Een andere naam")
    watch.refresh()
    assert watch.reading[house.account_id] == version + 1
    before = reads.times[house.account_id]
    until(lambda: reads.times[house.account_id] > before)


def test_a_stopped_account_is_read_no_more(house: House, reads: Reads, watching: Make) -> None:
    watch = watching(reads)
    with house.means.database.unit_of_work() as session:
        update_account(session, house.means.keys, house.account_id, active=False)
    watch.refresh()
    assert set(watch.reading) == {house.second_id}
    before, other = reads.times[house.account_id], reads.times[house.second_id]
    until(lambda: reads.times[house.second_id] > other + 3)
    assert reads.times[house.account_id] == before


def test_a_wake_up_is_read_at_once_and_not_at_the_next_poll(house: House, reads: Reads, watching: Make) -> None:
    watch = watching(reads, poll=60)  # type: ignore[call-arg]
    until(lambda: reads.times[house.account_id] == 1)
    watch.wake(house.account_id)
    until(lambda: reads.times[house.account_id] == 2, 5)
    watch.wake(987_654)  # somebody else's account: nothing happens


def test_reading_goes_on_after_the_database_ended_the_connection_with_the_locks(
    house: House, reads: Reads, watching: Make
) -> None:
    watching(reads)
    until(lambda: reads.times[house.account_id] > 0)
    with house.means.database.unit_of_work() as session:
        ended = session.execute(text("""
            SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """)).all()  # fmt: skip
    assert ended
    before = reads.times[house.account_id]
    until(lambda: reads.times[house.account_id] > before + 2, 10)


def test_it_stops_within_seconds_and_reads_nothing_more(house: House, reads: Reads, watching: Make) -> None:
    watch = watching(reads)
    until(lambda: reads.times[house.account_id] > 0)
    watch.close()
    before = dict(reads.times)
    watch.refresh()
    assert watch.reading == {}
    assert dict(reads.times) == before


def test_reading_that_is_under_way_ends_at_the_next_page_once_the_lock_is_gone(
    house: House, reads: Reads, watching: Make
) -> None:
    """A large mailbox takes minutes; meanwhile another worker may have begun with it."""
    gate = Event()
    reads.doing[house.account_id] = lambda: gate.wait(20)
    watch = watching(reads)
    until(lambda: reads.under_way[house.account_id] == 1)
    assert not reads.stop[house.account_id]()
    with house.means.database.unit_of_work() as session:
        session.execute(text("""
            SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """))  # fmt: skip
    until(reads.stop[house.account_id], saying="told to stop")
    gate.set()
    reads.doing.clear()
    until(lambda: not reads.stop[house.account_id](), saying="it is ours again")
    watch.close()
    assert reads.stop[house.account_id]()


def test_a_service_that_asks_us_to_stay_away_for_ever_does_not_end_the_reading(
    house: House, reads: Reads, watching: Make
) -> None:
    reads.rest = 1e12
    watch = watching(reads)
    until(lambda: reads.times[house.account_id] == 1)
    watch.wake(house.account_id)
    until(lambda: reads.times[house.account_id] == 2)
