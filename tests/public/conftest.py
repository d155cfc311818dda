"""A municipality with a website whose comments come to it, and everything from the form to the answer without a network."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from threading import Thread
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import insert, select, update

from app import desk, public
from app.accounts import change
from app.channels.comments import stamp
from app.channels.comments.settings import FormSettings
from app.channels.registry import KINDS
from app.clock import now
from app.delivery.deliver import deliver_waiting
from app.identity import staff, tokens
from app.identity.principal import Principal
from app.identity.sessions import find
from app.models import Message, Site, Theme, Ticket
from app.settings import Settings
from app.storage.database import Database
from app.storage.keys import Keys
from app.tickets.moderate import moderate
from app.tickets.reply import reply
from app.vocabulary import Role, Scope, Verdict
from app.web.application import application
from app.web.state import State
from tests.servers.ports import free_port
from tests.until import until
from tests.web import made

SITE = "voorbeeldstad"
PAGE = "afval-2026"
TITLE = "De groene bak: elke twee weken"
ORIGIN = "https://www.voorbeeldstad.example"
_numbers = count(1)


@dataclass
class Town:
    """`url` is where it is reached; `clerk` may answer everything."""

    state: State
    app: FastAPI
    account: int
    site: int
    team: int
    clerk: made.Person

    @property
    def database(self) -> Database:
        return self.state.database

    @property
    def url(self) -> str:
        return self.state.settings.base_url

    def client(self, **headers: str) -> TestClient:
        """Somebody's browser, or a program, without script."""
        client = TestClient(self.app, base_url=self.url, follow_redirects=False)
        client.headers.update(headers)
        return client

    def fields(self, **more: Any) -> dict[str, Any]:
        """What the element sends, written slowly enough."""
        channel: Any = self.state.accounts.channel(self.account)
        past = channel.stamp(PAGE) if more.pop("fast", False) else self.stamp()
        return {
            "id": f"browser-{next(_numbers)}", "page": PAGE, "page_title": TITLE, "page_url": f"{ORIGIN}/afval",
            "text": "Waarom wordt de groene bak niet meer elke week geleegd?", "name": "Een bewoner", "stamp": past, **more,
        }  # fmt: skip

    def stamp(self) -> str:
        """The stamp of a form that was handed out long ago."""
        return stamp.make("form-secret", PAGE, now().replace(year=2025))

    def comments(self, **more: Any) -> dict[str, Any]:
        """Leave a comment; what the element hears."""
        answer = self.client().post(f"/sites/{SITE}/comments", json=self.fields(**more))
        assert answer.status_code == 201, answer.text
        said: dict[str, Any] = answer.json()
        return said

    def ticket(self, receipt: dict[str, Any]) -> int:
        """The number in a receipt."""
        return int(receipt["reference"].split("-")[1])

    def published(self, **query: Any) -> dict[str, Any]:
        """What the page of the site shows."""
        answer = self.client().get(f"/sites/{SITE}/published", params={"page": PAGE, **query})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def status(self, receipt: dict[str, Any], language: str = "nl") -> str:
        """The private page's text."""
        path = receipt["status_url"].removeprefix(self.url)
        answer = self.client().get(f"{path}?lang={language}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def principal(self, person: made.Person | None = None) -> Principal:
        with self.database.read_only() as session:
            known = find(session, (person or self.clerk).cookie, 60)
        assert known is not None
        return known.principal

    def answers(self, ticket_id: int, text: str = "Omdat de bak na een week meestal half leeg is.", **more: Any) -> int:
        """A colleague answers, and the worker's delivery runs; the message's id."""
        with self.database.unit_of_work() as session:
            newest = session.scalar(
                select(Message.id).where(Message.ticket_id == ticket_id).order_by(Message.id.desc()).limit(1)
            )
            replied = reply(
                session, self.principal(), ticket_id, text=text, seen_message_id=newest or 0,
                limits=self.state.accounts.channel(self.account).limits, undo_seconds=0, **more,
            )  # fmt: skip
        self.delivers()
        return replied.message_id

    def delivers(self) -> None:
        """Everything that is due."""
        state = self.state
        while deliver_waiting(state.database, state.accounts, state.keys, state.blobs, state.settings, "test"):
            continue

    def first_message(self, ticket_id: int) -> int:
        with self.database.read_only() as session:
            return (
                session.scalars(select(Message.id).where(Message.ticket_id == ticket_id).order_by(Message.id)).first()
                or 0
            )

    def decides(self, ticket_id: int, verdict: Verdict, reason: str = "", *, elsewhere: bool = False) -> None:
        """A colleague decides about the first comment of a ticket."""
        with self.database.unit_of_work() as session:
            moderate(session, self.principal(), self.first_message(ticket_id), verdict, reason, elsewhere=elsewhere)
        self.delivers()

    def site_token(self) -> str:
        """A token for the site's own server."""
        with self.database.unit_of_work() as session:
            return tokens.issue(session, "website", [Scope.REACTIONS_CREATE], site_id=self.site).token

    def configure(self, **settings: Any) -> None:
        """Change the form's settings."""
        before = self.state.accounts.settings(self.account, "comments.form")
        with self.database.unit_of_work() as session:
            change.update_account(session, self.state.keys, self.account, settings=before.model_copy(update=settings))

    def change_site(self, **values: Any) -> None:
        with self.database.unit_of_work() as session:
            session.execute(update(Site).where(Site.id == self.site).values(**values))

    def head(self, ticket_id: int) -> Any:
        with self.database.read_only() as session:
            return session.execute(
                select(Ticket.status, Ticket.agent_id, Ticket.token_round).where(Ticket.id == ticket_id)
            ).one()


def build(database: Database, settings: Settings, keys: Keys) -> Town:
    """Everything that stands in the database before the first comment."""
    with database.unit_of_work() as session:
        organisation = made.organisation(session)
        team = staff.create_team(session, organisation_id=organisation, name="Afval en straten")
        theme = session.execute(
            insert(Theme).values(key="afval", name_nl="Afval", name_en="Waste", team_id=team).returning(Theme.id)
        ).scalar_one()
        account = change.create(
            session, keys, organisation_id=organisation, kind="comments.form", name="Reacties", theme_id=theme,
            settings=FormSettings(form_secret=SecretStr("form-secret"), webhook_secret=SecretStr("webhook-secret")),
        )  # fmt: skip
        row = {"account_id": account, "key": SITE, "name": "voorbeeldstad.example", "origins": [ORIGIN]}
        site = session.execute(insert(Site).values(row).returning(Site.id)).scalar_one()
        clerk = made.person(session, "Ada Voorbeeld", Role.ADMIN, team_id=team)
    state = made.state(database, settings, keys, {kind.key: kind for kind in KINDS})
    return Town(state, citizens_pages(state), account, site, team, clerk)


def citizens_pages(state: State) -> FastAPI:
    """The application with the pages of citizens and of colleagues."""
    app = application(state)
    app.include_router(public.router)
    app.include_router(desk.router)
    return app


@pytest.fixture
def town(database: Database, settings: Settings, keys: Keys) -> Town:
    return build(database, settings, keys)


@contextmanager
def running(town: Town) -> Iterator[Town]:
    """Serve it on a free port, whose address is then the site's own origin too."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = town.state.settings.model_copy(update={"port": port, "public_url": url})
    state = replace(town.state, settings=settings)
    served = replace(town, state=state, app=citizens_pages(state))
    config = uvicorn.Config(served.app, host="127.0.0.1", port=port, log_level="warning", proxy_headers=False)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started, saying="the town answers")
    try:
        yield served
    finally:
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture
def served(town: Town) -> Iterator[Town]:
    with running(town) as found:
        yield found
