"""What goes wrong between two steps, and who was first: nothing is lost, nothing is there twice, the next item goes on."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from app.channels.contract import RawItem, Unreachable, Unreadable
from app.intake import complete, ledger, trouble
from app.intake.admit import admit_waiting
from app.intake.means import Means
from app.storage.blobs import Blob, BlobStore, FolderBlobs, Parts
from app.storage.database import Database
from tests.intake.conftest import House
from tests.intake.notes import comment, item, mail
from tests.tickets.statements import noting
from tests.until import until

CRASHES = range(1, 16)


def sound(house: House) -> None:
    """The ledger's sum holds, and every mail is one message."""
    with house.means.database.read_only() as session:
        assert all(line.difference == 0 for line in ledger.read(session))
    assert (
        house.rows("SELECT identity FROM message WHERE kind = 'reaction' GROUP BY identity HAVING count(*) > 1") == []
    )
    assert house.rows("SELECT id FROM ticket t WHERE NOT EXISTS (SELECT 1 FROM message WHERE ticket_id = t.id)") == []


def other_worker(house: House) -> Means:
    database = Database(house.means.database.url.render_as_string(hide_password=False), pool_size=2)
    return replace(house.means, database=database, owed=[])


@pytest.mark.parametrize("round_", range(5))
def test_two_workers_that_admit_one_mail_from_two_accounts_make_one_message_with_two_routes(
    house: House, round_: int
) -> None:
    house.journal(*(item(f"{n}", mail(n, f"b{n}@burger.example")) for n in range(6)))
    house.journal(*(item(f"{n}", mail(n, f"b{n}@burger.example")) for n in range(6)), account_id=house.second_id)
    workers, start = [house.means, other_worker(house)], Barrier(2)

    def work(means: Means) -> None:
        start.wait(5)
        while admit_waiting(means, 1):
            pass

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(work, workers))
    workers[1].database.close()
    assert house.one("SELECT count(*) FROM message") == 6
    assert house.one("SELECT count(*) FROM message_route") == 12
    assert sorted(state for state, _ in house.states()) == ["duplicate"] * 6 + ["ticketed"] * 6
    sound(house)


def test_two_workers_that_meet_a_new_sender_at_once_make_one_contact(house: House) -> None:
    house.journal(*(item(f"{n}", mail(n)) for n in range(12)))
    workers, start = [house.means, other_worker(house)], Barrier(2)

    def work(means: Means) -> None:
        start.wait(5)
        while admit_waiting(means, 1):
            pass

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(work, workers))
    workers[1].database.close()
    assert house.rows("SELECT (SELECT count(*) FROM contact), (SELECT count(*) FROM contact_address)") == [(1, 1)]
    assert house.one("SELECT count(*) FROM ticket") == 12
    sound(house)


class Killed(BaseException):
    """The worker's end, between two statements."""


def test_a_worker_that_dies_at_any_statement_leaves_nothing_half_done(house: House) -> None:
    """Every statement of the journey is one crash; the next worker finishes it, once."""
    engine = house.means.database.engine
    for crash in CRASHES:
        house.journal(item(f"{crash}", mail(crash, f"b{crash}@burger.example", attachments={"a.txt": f"{crash}"})))
        left = [crash]

        def dies(*_: object, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise Killed

        try:
            with noting(engine, dies):
                while admit_waiting(replace(house.means, owed=[])):
                    pass
            died = False
        except Killed:
            died = True
        if died:
            sound(house)
            house.do("UPDATE raw_item SET not_before = now() WHERE state = 'new'")
            house.admit()
        assert house.one("SELECT state FROM raw_item WHERE key = :k", k=str(crash)) == "ticketed"
        sound(house)
    assert house.one("SELECT count(*) FROM ticket") == len(CRASHES)
    assert house.one("SELECT count(*) FROM attachment") == len(CRASHES)


def test_a_database_that_goes_away_costs_an_item_no_try(house: House) -> None:
    house.journal(item("1", mail(1)), item("2", mail(2)))
    url = house.means.database.url

    def cut(connection: object, cursor: object, statement: str, *_: object) -> None:
        if "INSERT INTO ticket" in statement:
            with other.engine.connect() as killer:
                killer.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'weerklank victim' AND pid <> pg_backend_pid()"
                )

    other = Database(url.render_as_string(hide_password=False), name="killer", pool_size=1)
    victim = Database(url.render_as_string(hide_password=False), name="weerklank victim", pool_size=1)
    means = replace(house.means, database=victim, owed=[])
    event.listen(victim.engine, "before_cursor_execute", cut)
    try:
        with pytest.raises(DBAPIError):
            admit_waiting(means)
    finally:
        event.remove(victim.engine, "before_cursor_execute", cut)
    assert sorted(id_ for id_, _ in means.owed) == [1, 2]
    assert house.rows("SELECT state, tries FROM raw_item") == [("new", 1)] * 2
    until(lambda: admit_waiting(means) == 0 and house.states() == [("ticketed", "first")] * 2)
    victim.close()
    other.close()
    sound(house)


class FullStore:
    """A blob store on a disk that is full."""

    def __init__(self, real: BlobStore) -> None:
        self.real = real

    def put(self, content: bytes | Iterable[bytes], limit: int) -> Blob:
        raise OSError(28, "No space left on device")

    def stream(self, digest: str) -> Parts:
        return self.real.stream(digest)

    def exists(self, digest: str) -> bool:
        return self.real.exists(digest)

    def read(self, digest: str) -> bytes:
        return self.real.read(digest)


def test_a_full_disk_leaves_the_item_new_and_its_try_does_not_count(house: House) -> None:
    house.journal(item("1", mail(1, attachments={"a.txt": "a"})))
    full = replace(house.means, blobs=FullStore(house.means.blobs), owed=[])
    with pytest.raises(trouble.StoreAway):
        admit_waiting(full)
    assert house.states() == [("new", "")]
    mended = replace(full, blobs=house.means.blobs)
    until(lambda: admit_waiting(mended) == 0 and house.states() == [("ticketed", "first")])
    assert house.one("SELECT tries FROM raw_item") == 1


def test_one_file_that_cannot_be_read_holds_up_no_other_item(house: House, tmp_path: Path) -> None:
    """A damaged sector, a file with the wrong owner: the store works, but for this one."""
    house.journal(RawItem("1", b" " * 300_000), item("2", mail(2)))
    digest = house.one("SELECT blob FROM raw_item WHERE key = '1'")
    damaged = FolderBlobs(tmp_path)
    (tmp_path / digest[:2] / digest).mkdir(parents=True)
    means = replace(house.means, blobs=damaged, owed=[])
    for _ in range(2):
        with suppress(trouble.StoreAway):
            while admit_waiting(means):
                pass
    assert house.states() == [("new", ""), ("ticketed", "first")]
    with pytest.raises(trouble.StoreAway):
        until(lambda: admit_waiting(means) and False)


def test_a_statement_that_takes_too_long_is_tried_again_before_anybody_is_asked(house: House) -> None:
    house.journal(item("1", mail(1)))
    url = house.means.database.url.render_as_string(hide_password=False)
    hurried = Database(url, pool_size=1, timeout_ms=200)
    with house.means.database.unit_of_work() as session:
        session.execute(text("LOCK TABLE ticket"))
        admit_waiting(replace(house.means, database=hurried, owed=[]))
    hurried.close()
    assert house.states() == [("new", "too_slow")]
    house.do("UPDATE raw_item SET not_before = NULL")
    house.admit()
    assert house.states() == [("ticketed", "first")]


def test_a_file_that_is_gone_from_the_store_sets_one_item_aside(house: House) -> None:
    house.journal(RawItem("1", b" " * 300_000), item("2", mail(2)))
    house.do("UPDATE raw_item SET blob = repeat('0', 64) WHERE key = '1'")
    house.admit()
    assert house.states() == [("set_aside", "NotFound"), ("ticketed", "first")]


def test_an_account_that_cannot_be_opened_keeps_its_items_waiting(house: House) -> None:
    house.journal(item("1", mail(1)))
    house.journal(item("2", mail(2)), account_id=house.second_id)
    house.do("UPDATE account SET settings = 'x', version = 9 WHERE id = :a", a=house.account_id)
    house.admit()
    assert house.states() == [("new", "unreachable"), ("ticketed", "first")]
    assert house.one("SELECT tries FROM raw_item WHERE key = '1'") == 0


def test_two_things_that_point_at_each_other_do_not_wait_for_ever(house: House) -> None:
    house.journal(item("1", comment(1, parent_id="c2")), item("2", comment(2, parent_id="c1")))
    house.admit()
    assert house.states() == [("new", "parent_missing")] * 2
    house.do("UPDATE raw_item SET not_before = NULL, received_at = now() - interval '3 minutes'")
    house.admit()
    assert [state for state, _ in house.states()] == ["ticketed", "joined"]


@pytest.fixture
def completing(house: House) -> House:
    """The first account's items point to something that must be fetched."""
    house.do("UPDATE account SET kind = 'notes.completing', version = version + 1 WHERE id = :a", a=house.account_id)
    return house


def test_what_an_item_points_to_is_fetched_once_and_kept_beside_it(completing: House) -> None:
    fetched: list[str] = []

    def fetch(raw: RawItem) -> RawItem:
        fetched.append(raw.key)
        return replace(raw, completed={"recording": b"sound"})

    completing.other.completing = fetch
    completing.take(RawItem("1", b"{"))
    [[completed, body]] = completing.rows("SELECT completed, body FROM raw_item")
    assert completing.means.blobs.read(completed[complete.FILES]["recording"]) == b"sound"
    assert body == b"{", "the original stays untouched"
    completing.do("UPDATE raw_item SET state = 'new', tries = 0")
    completing.admit()
    assert fetched == ["1"]


def test_a_service_that_cannot_be_reached_now_is_asked_again_later(completing: House) -> None:
    def fetch(raw: RawItem) -> RawItem:
        raise Unreachable("away", retry_after=60)

    completing.other.completing = fetch
    completing.take(item("1", mail(1)))
    assert completing.states() == [("new", "unreachable")]
    assert completing.one("SELECT not_before > now() + interval '50 seconds' AND tries = 0 FROM raw_item")


def test_a_service_that_asks_an_item_to_wait_for_ever_is_asked_tomorrow(completing: House) -> None:
    def fetch(raw: RawItem) -> RawItem:
        raise Unreachable("away", retry_after=1e15)

    completing.other.completing = fetch
    completing.take(item("1", mail(1)))
    assert completing.one("SELECT not_before <= now() + interval '1 day' FROM raw_item")


def test_what_can_never_be_fetched_sets_the_item_aside(completing: House) -> None:
    def fetch(raw: RawItem) -> RawItem:
        raise Unreadable("the recording was deleted")

    completing.other.completing = fetch
    completing.take(item("1", mail(1)))
    assert completing.states() == [("set_aside", "the recording was deleted")]
