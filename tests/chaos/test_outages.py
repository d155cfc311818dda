"""The database, the mail server or the disk goes away under load: work stops, nothing is lost, and it goes on by itself."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.settings import Settings
from app.storage.advisory import key
from app.storage.embedded import Embedded
from app.system import System, open_system
from app.worker import Worker
from tests.chaos.bustle import Bustle, chance_of
from tests.chaos.crew import Check, Crew
from tests.chaos.test_rounds import SEED, let_be
from tests.journey.client import Citizen
from tests.journey.hall import TownHall, furnish, letter, mail_account
from tests.servers.mail import Mailbox, MailServers
from tests.servers.outage import Postgres
from tests.storage.test_chaos import small_disk
from tests.until import until

RECOVERS = 30
"""Seconds within which work must go on once what was away is back."""


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("outage"))
    yield server
    server.stop()


@pytest.fixture
def system(postgres: Postgres, settings: Settings) -> Iterator[System]:
    """As elsewhere, on a server that can be stopped."""
    own = settings.model_copy(update={"database_url": SecretStr(postgres.make())})
    with open_system(own, name="weerklank checker") as opened:
        yield opened


def goes_on(hall: TownHall, servers: MailServers, box: Mailbox, check: Check) -> None:
    """A mail that is written now is a ticket soon."""
    mail = Citizen(servers).write(box, "Gaat het weer?", "Een mail na de storing.")
    check.sent.append(mail["Message-ID"])
    hall.ticket_about("Gaat het weer?", RECOVERS)


def outages(times: int, postgres: Postgres, crew: Crew, check: Check, servers: MailServers, box: Mailbox) -> None:
    chance = chance_of(SEED)
    workers = [crew.start(), crew.start()]
    with Bustle(check, servers, box) as bustle:
        for _ in range(times):
            let_be(chance.uniform(0.5, 2))
            if chance.random() < 0.4:
                postgres.kill_backends()
                continue
            postgres.stop(chance.choice((signal.SIGQUIT, signal.SIGINT)))
            let_be(chance.uniform(0.2, 3))
            postgres.start()
    goes_on(check.hall, servers, box, check)
    until(lambda: len(check.sent) <= check.hall.one("SELECT count(*) FROM raw_item"), 60, 0.1, "all mail has been read")
    check.finished(90)
    assert not any(crew.died(pid) for pid in workers), crew.log[-3000:]
    assert [crew.stop(pid) for pid in workers] == [0, 0]
    check.nothing_lost_nothing_twice()
    print(f"{len(check.sent)} mails, {bustle.troubles} troubles, deliveries: {dict(check.answers_once())}")


def test_a_database_that_crashes_under_load_loses_and_doubles_nothing(
    postgres: Postgres, hall: TownHall, crew: Crew, check: Check, mail_servers: MailServers, box: Mailbox, account: int
) -> None:
    outages(3, postgres, crew, check, mail_servers, box)


@pytest.mark.chaos
def test_a_database_that_crashes_again_and_again_loses_and_doubles_nothing(
    postgres: Postgres, hall: TownHall, crew: Crew, check: Check, mail_servers: MailServers, box: Mailbox, account: int
) -> None:
    outages(20, postgres, crew, check, mail_servers, box)


@pytest.mark.chaos
def test_a_database_that_hangs_is_no_reason_to_hang(
    postgres: Postgres, hall: TownHall, crew: Crew, check: Check, mail_servers: MailServers, box: Mailbox, account: int
) -> None:
    """It takes no new connection for a while, as when its machine is overloaded; the old ones go on."""
    worker = crew.start()
    with Bustle(check, mail_servers, box):
        postgres.freeze()
        let_be(6)
        postgres.thaw()
    goes_on(hall, mail_servers, box, check)
    check.finished(60)
    assert crew.stop(worker) == 0
    check.nothing_lost_nothing_twice()


def patient(system: System) -> System:
    """The same system with a poll so rare that only IDLE can bring a mail in time."""
    return replace(system, settings=system.settings.model_copy(update={"poll_seconds": 300}))


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_a_mail_server_that_restarts_during_idle_is_heard_again(
    hall: TownHall, own_mail_servers: MailServers, ending: str
) -> None:
    servers, box = own_mail_servers, own_mail_servers.mailbox()
    mail_account(hall.system, servers, box)
    citizen = Citizen(servers)
    with Worker(patient(hall.system)):
        citizen.write(box, "Voor", "Voor de herstart.")
        hall.ticket_about("Voor")
        servers.dovecot.kill() if ending == "kill" else servers.dovecot.stop()
        citizen.write(box, "Tijdens", "Postfix houdt deze even vast.")
        until(
            lambda: hall.one("SELECT failing_since IS NOT NULL FROM account_state"), 20, saying="the account is failing"
        )
        servers.dovecot.start()
        servers.postfix.flush()
        hall.ticket_about("Tijdens", RECOVERS)
        citizen.write(box, "Na", "Na de herstart.")
        hall.ticket_about("Na", 15)
        until(
            lambda: hall.one("SELECT failing_since IS NULL FROM account_state"), 15, saying="the account is well again"
        )
    assert hall.one("SELECT count(*) FROM raw_item") == 3
    assert hall.balanced()


def readers(hall: TownHall, account: int) -> list[int]:
    """The backends that hold the advisory lock of an account."""
    query = """
        SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
            AND classid = (CAST(:key AS bigint) >> 32) & 4294967295 AND objid = CAST(:key AS bigint) & 4294967295
    """
    return [pid for (pid,) in hall.rows(query, key=key(f"account:{account}"))]


def test_two_workers_read_a_mailbox_once_and_the_other_takes_over_from_a_killed_one(
    hall: TownHall, crew: Crew, check: Check, mail_servers: MailServers, box: Mailbox, account: int
) -> None:
    first = crew.start()
    until(lambda: readers(hall, account), 20, saying="the first worker reads")
    (holder,) = readers(hall, account)
    second = crew.start()
    citizen = Citizen(mail_servers)
    for number in range(3):
        check.sent.append(citizen.write(box, f"Nummer {number}", "Wie leest dit?")["Message-ID"])
        hall.ticket_about(f"Nummer {number}")
    assert readers(hall, account) == [holder]
    assert hall.one("SELECT repeated FROM account_state") == 0, "nobody else reads along"
    crew.kill(first)
    goes_on(hall, mail_servers, box, check)
    (other,) = readers(hall, account)
    assert other != holder
    assert crew.stop(second) == 0
    check.nothing_lost_nothing_twice()


def test_a_mail_that_kills_its_worker_three_times_is_set_aside_and_the_next_one_goes_on(
    hall: TownHall, crew: Crew, check: Check, mail_servers: MailServers, box: Mailbox, account: int
) -> None:
    citizen = Citizen(mail_servers)
    poison = letter(citizen.address, box.address, "Giftig", "Wie dit leest, sterft.", {"X-Poison": "yes"})
    mail_servers.send(poison, citizen.address, box.address)
    check.sent.append(citizen.write(box, "Daarna", "Deze mail kan er niets aan doen.")["Message-ID"])
    deaths = 0
    worker = crew.start()
    while not hall.rows("SELECT id FROM raw_item WHERE state = 'set_aside'"):
        if crew.died(worker):
            deaths += 1
            assert crew.bury(worker) == -signal.SIGKILL
            assert deaths <= 4, crew.log[-3000:]
            worker = crew.start()
        let_be(0.05)
    hall.ticket_about("Daarna")
    check.finished(20)
    assert hall.rows("SELECT reason, tries FROM raw_item WHERE state = 'set_aside'") == [("killed_its_worker", 4)]
    assert deaths == 3
    assert crew.stop(worker) == 0
    check.nothing_lost_nothing_twice()


def test_mail_with_files_waits_while_the_store_is_full_and_goes_on_with_space(
    hall: TownHall, mail_servers: MailServers, box: Mailbox, account: int, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "store", "2m") as disk:
        settings = hall.system.settings.model_copy(update={"blob_store": str(disk / "blobs")})
        (disk / "ballast").write_bytes(b"x" * 2_000_000)
        with open_system(settings) as system, Worker(system):
            citizen = Citizen(mail_servers)
            mail = letter(citizen.address, box.address, "Foto", "Zie de foto.")
            picture = b"\x89PNG\r\n\x1a\n" + os.urandom(150_000)
            mail.add_attachment(picture, maintype="image", subtype="png", filename="foto.png")
            mail_servers.send(mail, citizen.address, box.address)
            until(lambda: hall.one("SELECT seen FROM account_state") == 1, 20, saying="the mail itself is stored")
            let_be(2)  # several tries to keep the file
            assert hall.one("SELECT count(*) FROM ticket") == 0
            (disk / "ballast").unlink()
            hall.ticket_about("Foto", RECOVERS)
    assert hall.rows("SELECT state, tries FROM raw_item") == [("ticketed", 1)]
    assert hall.one("SELECT size FROM attachment") == len(picture)
    assert hall.balanced()


@pytest.mark.chaos
def test_a_database_whose_disk_is_full_refuses_work_and_space_lets_it_go_on(
    settings: Settings, mail_servers: MailServers, tmp_path: Path
) -> None:
    """The embedded server dies when its log cannot grow, and even connecting fails; its watcher starts it again."""
    with small_disk(tmp_path / "disk", "200m") as disk, living_on(disk / "data", settings) as system:
        hall = furnish(system)
        check, box = Check(hall, mail_servers), mail_servers.mailbox()
        mail_account(system, mail_servers, box)
        with Worker(system), Bustle(check, mail_servers, box, size=60_000):
            until(lambda: len(check.sent) > 5, 20)
            fill(disk / "ballast")
            until(lambda: refuses(system), 120, 0.1, "the disk is full")
            let_be(5)
            (disk / "ballast").unlink()
            until(lambda: system.database.ready().ok, 60, 0.1, "the database is back")
            goes_on(hall, mail_servers, box, check)
        with Worker(system):
            check.finished(90)
        check.nothing_lost_nothing_twice()
        check.answers_once()


@contextmanager
def living_on(data: Path, settings: Settings) -> Iterator[System]:
    """An installation with a database of its own in this folder, of which little is kept in reserve."""
    embedded = Embedded.start(data, {"max_wal_size": "48MB", "min_wal_size": "32MB"})
    try:
        own = settings.model_copy(update={"data": data, "database_url": SecretStr(embedded.url)})
        with open_system(own, migrated=True) as system:
            yield system
    finally:
        embedded.stop()


def refuses(system: System) -> bool:
    """Whether nothing can be written: a megabyte is tried, and taken back."""
    try:
        with system.database.engine.connect() as connection:
            connection.execute(
                text("CREATE TABLE tried AS SELECT repeat(md5(n::text), 30) FROM generate_series(1, 1000) n")
            )
            connection.rollback()
    except (DBAPIError, PoolTimeout):
        return True
    return False


def fill(ballast: Path) -> None:
    """Take all the space there is."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 65_536)
        except OSError:
            return
