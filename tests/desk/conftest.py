"""The office with a running server, and people signed in at it by client or by browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Thread

import pytest
import uvicorn
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page

from app import desk
from app.channels.registry import KINDS
from app.settings import Settings
from app.storage.database import Database
from app.storage.keys import Keys
from app.web import cookie
from app.web.application import application
from app.web.state import State
from app.web.stream import Hub
from tests.desk.office import Office, build, busy_day
from tests.servers.ports import free_port
from tests.until import until
from tests.web import made


@dataclass
class Desk:
    """A desk over a database of its own. `url` answers when `serving`."""

    state: State
    office: Office

    @property
    def database(self) -> Database:
        return self.state.database

    def client(self, person: made.Person | None = None) -> TestClient:
        """A browser without script; signed in as `person` when given."""
        app = application(self.state)
        app.include_router(desk.router)
        client = TestClient(app, base_url=self.state.settings.base_url, follow_redirects=False)
        client.headers["Sec-Fetch-Site"] = "same-origin"
        return person.at(client, self.state.settings) if person else client


@dataclass
class Served:
    """A desk that answers on a port, for real browsers."""

    desk: Desk
    url: str

    def sign_in(self, page: Page, person: made.Person) -> None:
        """Give the browser this person's session."""
        name = cookie.name(self.desk.state.settings)
        page.context.add_cookies([{"name": name, "value": person.cookie, "url": self.url}])


@pytest.fixture
def office_desk(database: Database, settings: Settings, keys: Keys) -> Desk:
    """The office, with nothing in its queues."""
    with database.unit_of_work() as session:
        office = build(session, keys)
    return Desk(made.state(database, settings, keys, {kind.key: kind for kind in KINDS}), office)


@pytest.fixture
def busy_desk(office_desk: Desk) -> Desk:
    """The office on a busy day."""
    with office_desk.database.unit_of_work() as session:
        busy_day(session, office_desk.office)
    return office_desk


@contextmanager
def running(desk_: Desk, port: int | None = None) -> Iterator[Served]:
    """Serve it on a port, a free one unless said, until the block ends."""
    port = port or free_port()
    settings = desk_.state.settings.model_copy(update={"port": port, "public_url": f"http://127.0.0.1:{port}"})
    made_ = Desk(replace(desk_.state, settings=settings, hub=Hub(desk_.database)), desk_.office)
    app = application(made_.state)
    app.include_router(desk.router)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", proxy_headers=False))
    made_.state.hub.start()
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started, saying="the desk answers")
    try:
        yield Served(made_, f"http://127.0.0.1:{port}")
    finally:
        made_.state.hub.close()
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture
def served(busy_desk: Desk) -> Iterator[Served]:
    """The busy desk on a port."""
    with running(busy_desk) as server:
        yield server


@pytest.fixture
def english(browser: Browser) -> Iterator[Page]:
    """A page in English, 1280 pixels wide."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900}, bypass_csp=True)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()
