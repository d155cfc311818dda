"""An installation of its own for every test, with real mail servers and workers that are processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import Settings
from app.system import System, open_system
from tests.chaos.crew import Check, Crew
from tests.journey.hall import TownHall, furnish, mail_account
from tests.servers.mail import Mailbox, MailServers


@pytest.fixture
def system(database_settings: Settings) -> Iterator[System]:
    with open_system(database_settings, name="weerklank checker") as opened:
        yield opened


@pytest.fixture
def hall(system: System) -> TownHall:
    return furnish(system)


@pytest.fixture
def box(mail_servers: MailServers) -> Mailbox:
    return mail_servers.mailbox()


@pytest.fixture
def account(hall: TownHall, mail_servers: MailServers, box: Mailbox) -> int:
    return mail_account(hall.system, mail_servers, box)


@pytest.fixture
def crew(hall: TownHall, tmp_path: Path) -> Iterator[Crew]:
    with Crew(hall.system.settings, tmp_path / "crew") as started:
        yield started


@pytest.fixture
def check(hall: TownHall, mail_servers: MailServers) -> Check:
    return Check(hall, mail_servers)
