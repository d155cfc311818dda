"""The worker's loops: they wake up, sleep, outlive faults, find what waited, and end cleanly."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
from pydantic import SecretStr
from sqlalchemy.exc import OperationalError

from app.channels.contract import HandedOver, Refused
from app.channels.mail.settings import MailSettings
from app.settings import Settings
from app.system import System, open_system
from app.worker import Loop, Worker, store_mail
from tests.journey.hall import TownHall, furnish, letter, open_account
from tests.servers.outage import Postgres
from tests.until import until

ADDRESS = "loket@voorbeeldstad.example"


class Steps:
    """A loop's work: does what it is told, counts how often it was asked."""

    def __init__(self, *results: int | Exception) -> None:
        self.results = list(results)
        self.asked = 0

    def __call__(self) -> int:
        self.asked += 1
        result = self.results.pop(0) if self.results else 0
        if isinstance(result, Exception):
            raise result
        return result


@pytest.fixture
def looping() -> Iterator[Callable[..., Loop]]:
    made: list[Loop] = []

    def start(step: Callable[[], int], **options: float) -> Loop:
        loop = Loop("proef", step, back_off=0.02, **options)  # type: ignore[arg-type]
        made.append(loop)
        loop.start()
        return loop

    yield start
    for loop in made:
        loop.stop()


Start = Callable[..., Loop]


def test_a_loop_goes_on_until_nothing_is_left_and_then_sleeps(looping: Start) -> None:
    steps = Steps(5, 5, 1, 0)
    looping(steps)
    until(lambda: steps.asked == 4)
    loop_sleeps = Event().wait(0.1)
    assert not loop_sleeps
    assert steps.asked == 4


def test_a_wake_up_is_never_lost(looping: Start) -> None:
    steps = Steps()
    loop = looping(steps)
    until(lambda: steps.asked == 1)
    for number in range(2, 6):
        loop.wake("topic")
        until(lambda number=number: steps.asked >= number)  # type: ignore[misc]


def test_a_loop_outlives_a_fault_and_a_database_that_is_away(looping: Start) -> None:
    away = OperationalError("SELECT", {}, Exception("gone"))
    steps = Steps(RuntimeError("a fault"), away, away, 3, 0)
    looping(steps)
    until(lambda: steps.asked >= 5, saying="it tries again by itself, without a wake-up")


def test_an_idle_loop_looks_by_itself_where_nobody_wakes_it(looping: Start) -> None:
    steps = Steps()
    looping(steps, idle=0.02)
    until(lambda: steps.asked > 4)


def test_a_loop_that_fails_all_the_time_still_stops_at_once(looping: Start) -> None:
    class Broken:
        asked = 0

        def __call__(self) -> int:
            self.asked += 1
            raise RuntimeError

    broken = Broken()
    loop = looping(broken)
    until(lambda: broken.asked > 2)
    began = monotonic()
    loop.stop()
    assert monotonic() - began < 1


@pytest.fixture
def system(database_settings: Settings) -> Iterator[System]:
    quiet = database_settings.model_copy(update={"sweep_seconds": 600, "poll_seconds": 600})
    with open_system(quiet) as opened:
        yield opened


def installed(system: System) -> TownHall:
    hall = furnish(system)
    open_account(system, "Loket", MailSettings(address=ADDRESS))
    return hall


def hand_in(system: System, subject: str) -> None:
    mail = letter("burger@burgers.example", ADDRESS, subject, "Een vraag.").as_bytes()
    store_mail(system, HandedOver(mail, "burger@burgers.example", ADDRESS, "pipe"))


def test_an_arrival_is_a_routed_ticket_at_once_by_wake_ups_alone(system: System) -> None:
    """The sweep here comes once in ten minutes."""
    hall = installed(system)
    with Worker(system):
        hand_in(system, "Eerste")
        hall.ticket_about("Eerste")
        took = []
        for number in range(5):
            began = monotonic()
            hand_in(system, f"Nummer {number}")
            hall.ticket_about(f"Nummer {number}", 5)
            took.append(monotonic() - began)
    assert min(took) < 0.5, "milliseconds on an idle machine"


def test_what_waited_before_the_worker_started_is_done_first(system: System) -> None:
    hall = installed(system)
    hand_in(system, "Van gisteren")
    with Worker(system):
        hall.ticket_about("Van gisteren", 5)


def test_a_worker_shows_that_it_lives_and_is_not_missed_once_it_ended(system: System) -> None:
    hall = installed(system)
    with Worker(system) as worker:
        until(lambda: hall.one("SELECT count(*) FROM worker_beat WHERE name = :n", n=worker.name) == 1)
    assert hall.one("SELECT count(*) FROM worker_beat") == 0


def test_it_stops_within_seconds_and_leaves_no_thread(system: System) -> None:
    hall = installed(system)
    before = set(threading.enumerate())
    worker = Worker(system).start()
    hand_in(system, "Nog even")
    hall.ticket_about("Nog even")
    began = monotonic()
    worker.stop()
    assert monotonic() - began < 5
    assert [thread for thread in threading.enumerate() if thread not in before] == []


def test_mail_for_nobody_here_is_refused_and_not_kept(system: System) -> None:
    hall = installed(system)
    with pytest.raises(Refused):
        store_mail(system, HandedOver(b"Subject: x\r\n\r\ny", "a@b.example", "iemand@elders.example", "pipe"))
    assert hall.rows("SELECT id FROM raw_item") == []


def test_it_recovers_by_itself_after_the_database_was_away(settings: Settings, tmp_path: Path) -> None:
    postgres = Postgres(tmp_path / "outage")
    own = settings.model_copy(update={"database_url": SecretStr(postgres.make())})
    try:
        with open_system(own) as system:
            hall = installed(system)
            with Worker(system):
                hand_in(system, "Voor")
                hall.ticket_about("Voor")
                postgres.stop()
                assert not system.database.ready().reachable
                postgres.start()
                until(lambda: system.database.ready().ok)
                hand_in(system, "Na")
                hall.ticket_about("Na", 30)
            assert hall.balanced()
    finally:
        postgres.stop()


def test_it_stops_cleanly_while_the_database_is_away(settings: Settings, tmp_path: Path) -> None:
    postgres = Postgres(tmp_path / "outage")
    own = settings.model_copy(update={"database_url": SecretStr(postgres.make())})
    with open_system(own) as system:
        installed(system)
        before = set(threading.enumerate())
        worker = Worker(system).start()
        postgres.stop()
        began = monotonic()
        worker.stop()
        assert monotonic() - began < 15
        assert [thread for thread in threading.enumerate() if thread not in before] == []
