"""The whole system in this process: a real database, a real Postfix and Dovecot, and the real worker."""

from collections.abc import Iterator

import pytest

from app.settings import Settings
from app.system import System, open_system
from app.worker import Worker
from tests.journey.client import Citizen
from tests.journey.hall import TownHall, furnish, mail_account
from tests.servers.mail import Mailbox, MailServers


@pytest.fixture
def system(database_settings: Settings) -> Iterator[System]:
    """Mailboxes are polled once in a minute only: what arrives sooner came because the server said so."""
    settings = database_settings.model_copy(update={"poll_seconds": 60})
    with open_system(settings, name="weerklank journey") as opened:
        yield opened


@pytest.fixture
def hall(system: System) -> TownHall:
    return furnish(system)


@pytest.fixture
def box(hall: TownHall, mail_servers: MailServers) -> Mailbox:
    """The town's mailbox, configured as an account."""
    box = mail_servers.mailbox()
    mail_account(hall.system, mail_servers, box)
    return box


@pytest.fixture
def worker(hall: TownHall) -> Iterator[Worker]:
    with Worker(hall.system) as running:
        yield running


@pytest.fixture
def citizen(mail_servers: MailServers) -> Citizen:
    return Citizen(mail_servers)
