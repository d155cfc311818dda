"""The two other doors for mail, each opened by a real Postfix or a real process: LMTP, and a pipe to `weerklank mail-in`."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.channels.mail.settings import MailSettings
from app.settings import Settings
from app.system import open_system
from app.worker import Worker
from tests.journey.client import Citizen
from tests.journey.hall import TownHall, environment, furnish, letter, open_account
from tests.servers import weerklank
from tests.servers.mail import MailServers
from tests.servers.outage import Postgres
from tests.servers.ports import free_port
from tests.servers.weerklank import COMMAND, run
from tests.until import until

ADDRESS = "loket@voorbeeldstad.example"
TEMPORARY, NO_USER = 75, 67


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("outage"))
    yield server
    server.stop()


@dataclass
class Office:
    """An installation whose mail comes by handing over."""

    hall: TownHall
    settings: Settings
    postgres: Postgres

    def items(self) -> int:
        return int(self.hall.one("SELECT count(*) FROM raw_item"))

    def mail_in(self, mail: bytes, recipient: str = ADDRESS) -> "subprocess.CompletedProcess[bytes]":
        arguments = ["mail-in", "--recipient", recipient, "--sender", "burger@burgers.example"]
        return run(arguments, environment(self.settings), mail)


@pytest.fixture
def office(postgres: Postgres, settings: Settings) -> Iterator[Office]:
    own = settings.model_copy(
        update={"database_url": SecretStr(postgres.make()), "lmtp_listen": f"127.0.0.1:{free_port()}"}
    )
    with open_system(own) as system:
        hall = furnish(system)
        open_account(system, "Loket", MailSettings(address=ADDRESS, display_name="Gemeente Voorbeeldstad"))
        yield Office(hall, own, postgres)


def hand_to_us(servers: MailServers, listen: str) -> None:
    """Let Postfix transport mail for `ADDRESS` straight to our LMTP listener."""
    config = servers.postfix._config
    transport = f"transport_maps=inline:{{{{{ADDRESS} = lmtp:inet:{listen}}}}}"
    subprocess.run(["postconf", "-c", config, "-e", transport], check=True)
    servers.postfix.restart()


def test_postfix_hands_mail_over_and_keeps_it_while_the_database_is_away(
    office: Office, own_mail_servers: MailServers
) -> None:
    assert office.settings.lmtp_listen is not None
    hand_to_us(own_mail_servers, office.settings.lmtp_listen)
    citizen = Citizen(own_mail_servers)
    with Worker(office.hall.system):
        citizen.write(ADDRESS, "Eerste", "Komt meteen aan.")
        office.hall.ticket_about("Eerste")

        office.postgres.stop()
        citizen.write(ADDRESS, "Tweede", "De database is er nu niet.")
        until(lambda: "451 4.3.0 Not stored" in own_mail_servers.postfix.log(), 20, 0.1, "Postfix heard: later")
        office.postgres.start()
        office.hall.ticket_about("Tweede", 30)

        citizen.write(f"loket+r-1-1-{'a' * 26}@voorbeeldstad.example", "Derde", "Met een nagemaakt kenmerk.")
        office.hall.ticket_about("Derde")
    assert office.hall.rows("SELECT state, count(*) FROM raw_item GROUP BY state") == [("ticketed", 3)]
    assert office.hall.balanced()


def test_an_address_that_is_not_ours_comes_back_to_its_sender(office: Office, own_mail_servers: MailServers) -> None:
    assert office.settings.lmtp_listen is not None
    hand_to_us(own_mail_servers, office.settings.lmtp_listen)
    office.hall.do("UPDATE account SET active = false")
    citizen = Citizen(own_mail_servers)
    with Worker(office.hall.system):
        citizen.write(ADDRESS, "Niemand thuis", "Is hier iemand?")
        own_mail_servers.arrived(citizen.box)
    assert "550" in own_mail_servers.inbox(citizen.box)[0].decode()
    assert office.items() == 0


def test_mail_in_ends_with_0_once_the_mail_is_stored_and_the_same_mail_is_stored_once(office: Office) -> None:
    mail = letter("burger@burgers.example", ADDRESS, "Door de pijp", "Deze mail komt van een MTA.").as_bytes()
    for _ in range(2):
        done = office.mail_in(mail)
        assert (done.returncode, done.stdout) == (0, b""), done.stderr
        assert office.items() == 1
    with Worker(office.hall.system):
        office.hall.ticket_about("Door de pijp")


def test_mail_in_ends_with_67_for_a_recipient_who_is_not_ours(office: Office) -> None:
    done = office.mail_in(b"Subject: x\r\n\r\ny\r\n", "iemand@elders.example")
    assert (done.returncode, office.items()) == (NO_USER, 0)
    assert b"no mailbox here" in done.stderr or b"belongs to no account" in done.stderr


def test_mail_in_ends_with_75_when_the_database_is_away_so_that_the_mta_tries_again(office: Office) -> None:
    office.postgres.stop()
    try:
        done = office.mail_in(b"Subject: x\r\n\r\ny\r\n")
    finally:
        office.postgres.start()
    assert done.returncode == TEMPORARY
    assert b"try again" in done.stderr
    until(lambda: office.hall.system.database.ready().ok)
    assert office.items() == 0


def test_mail_in_ends_with_75_when_the_store_of_large_mail_is_away(office: Office, tmp_path: Path) -> None:
    """A mail too large for the database goes to the blob store; here a file stands where the folder should be."""
    (tmp_path / "in-the-way").write_text("")
    settings = office.settings.model_copy(update={"blob_store": str(tmp_path / "in-the-way" / "blobs")})
    mail = letter("burger@burgers.example", ADDRESS, "Groot", "x\n" * 300_000).as_bytes()
    done = run(["mail-in", "--recipient", ADDRESS], environment(settings), mail)
    assert done.returncode == TEMPORARY, done.stderr
    assert office.items() == 0


def test_a_mail_of_50_megabytes_is_stored_whole_or_refused(office: Office) -> None:
    mail = letter("burger@burgers.example", ADDRESS, "Groot", "").as_bytes() + (b"x" * 70 + b"\n") * 740_000
    assert office.mail_in(mail).returncode == 0
    assert office.hall.one("SELECT size FROM raw_item") == len(mail)
    small = office.settings.model_copy(update={"max_mail_bytes": 1_000_000})
    refused = run(["mail-in", "--recipient", ADDRESS], environment(small), mail)
    assert refused.returncode == 69
    assert office.items() == 1


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_mail_in_that_is_ended_by_a_signal_never_says_that_the_mail_is_stored(
    office: Office, by: signal.Signals
) -> None:
    given = weerklank.environment(environment(office.settings))
    arguments = [str(COMMAND), "mail-in", "--recipient", ADDRESS]
    with subprocess.Popen(arguments, env=given, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as mail_in:
        assert mail_in.stdin is not None
        mail_in.stdin.write(b"Subject: half\r\n")
        mail_in.stdin.flush()
        until(lambda: _waits_for_input(mail_in.pid), 30, 0.02, "it reads the mail")
        mail_in.send_signal(by)
        assert mail_in.wait(20) == TEMPORARY
    assert office.items() == 0


@pytest.mark.parametrize("arguments", [[], ["--recipient"], ["--recipient", ADDRESS, "--colour", "blue"]])
def test_mail_in_ends_with_75_when_the_mta_was_told_the_wrong_arguments(office: Office, arguments: list[str]) -> None:
    done = run(["mail-in", *arguments], environment(office.settings), b"Subject: x\r\n\r\ny\r\n")
    assert done.returncode == TEMPORARY
    assert b"weerklank mail-in: " in done.stderr


def test_mail_in_ends_with_75_when_its_settings_are_wrong() -> None:
    done = run(["mail-in", "--recipient", ADDRESS], {"WEERKLANK_PORT": "0"}, b"Subject: x\r\n\r\ny\r\n")
    assert done.returncode == TEMPORARY
    assert b"WEERKLANK_PORT" in done.stderr


def test_mail_in_takes_mail_from_an_address_that_looks_like_an_option(office: Office) -> None:
    arguments = ["mail-in", "--sender=-jan@burgers.example", f"--recipient={ADDRESS}"]
    done = run(arguments, environment(office.settings), b"Subject: x\r\n\r\ny\r\n")
    assert (done.returncode, office.items()) == (0, 1), done.stderr


def test_mail_in_does_not_mind_an_account_of_another_kind_that_cannot_be_opened(office: Office) -> None:
    office.hall.do(
        "INSERT INTO account (organisation_id, kind, name, settings, public_key, language, receipts, active, version)"
        " SELECT organisation_id, 'social.mastodon', 'Kapot', 'x', 'k', 'nl', true, true, 1 FROM account LIMIT 1"
    )
    assert office.mail_in(b"Subject: x\r\n\r\ny\r\n", "iemand@elders.example").returncode == NO_USER
    assert office.mail_in(b"Subject: x\r\n\r\ny\r\n").returncode == 0
    office.hall.do("UPDATE account SET settings = 'x' WHERE kind = 'mail'")
    assert office.mail_in(b"Subject: z\r\n\r\ny\r\n").returncode == TEMPORARY


def test_mail_in_loads_neither_the_web_application_nor_the_worker_nor_another_channel() -> None:
    heavy = {"fastapi", "uvicorn", "procrastinate", "httpx", "jinja2", "babel", "app.channels.social", "app.desk"}
    program = f"import sys, app.mail_in; print(*({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def _waits_for_input(pid: int) -> bool:
    """Whether it has handlers of its own by now (bit 14 of the caught signals is SIGTERM) and sleeps in a read."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1) and "S (sleeping)" in status
