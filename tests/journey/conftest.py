"""The whole system, over a real Postfix and Dovecot: in this process with the real worker (`system`, `hall`, `worker`), or as the
demo in a process of its own, walked in a real Chromium (`office`, `clerk`, `lead`).
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from app.demo import town
from app.settings import Settings
from app.system import System, open_system
from app.worker import Worker
from tests.journey.client import Citizen
from tests.journey.hall import TownHall, environment, furnish, mail_account
from tests.journey.office import Office, signed_in
from tests.journey.website import Website
from tests.servers.mail import Mailbox, MailServers
from tests.servers.ports import free_port
from tests.servers.weerklank import running
from tests.until import until

LONG = 90  # seconds: a process and a database start first, on a machine that may be busy


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


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, browser: Browser, mail_servers: MailServers) -> Iterator[Office]:
    folder, port = tmp_path_factory.mktemp("own-channels"), free_port()
    settings = Settings(
        data=folder / "data", port=port, public_url=f"http://127.0.0.1:{port}", undo_seconds=0.2, poll_seconds=1,
        sweep_seconds=0.3, password_cost="low",
    )  # fmt: skip
    with running(["serve", "--demo"], environment(settings), folder / "serve") as program:
        until(lambda: "Weerklank:" in program.output or not program.alive, LONG, 0.1, "Weerklank serves")
        assert program.alive, program.log
        with open_system(settings, name="weerklank own channels") as system:
            box = mail_servers.mailbox()
            mail_account(system, mail_servers, box, name="Post van Voorbeeldstad")
            yield Office(settings.base_url, system, browser, box)
        assert program.stop(60) == 0, program.log


@pytest.fixture(scope="module")
def clerk(office: Office) -> Iterator[Page]:
    context = signed_in(office, town.CLERK)
    yield context.pages[0]
    context.close()


@pytest.fixture(scope="module")
def lead(office: Office) -> Iterator[Page]:
    """Whoever may make polls."""
    context = signed_in(office, town.ADMIN)
    yield context.pages[0]
    context.close()


@pytest.fixture
def website() -> Iterator[Website]:
    site = Website()
    yield site
    site.stop()
