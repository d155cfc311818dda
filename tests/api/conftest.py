"""The API over one database per test file, with its people and an account; tests make what else they need."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from app.accounts import change
from app.api.routes import routers
from app.models import Theme
from app.settings import Settings
from app.storage.database import Database
from app.storage.keys import Keys
from app.tickets import create
from app.vocabulary import Role
from app.web.application import application
from app.web.state import State
from tests.api.channel import KIND, PaperSettings
from tests.conftest import _clone as clone
from tests.web import made

_numbers = count(1)


@dataclass
class World:
    """`agent` belongs to team `team`, `lead` leads it, `stranger` belongs to `other_team`."""

    app: FastAPI
    client: TestClient
    state: State
    database: Database
    admin: made.Person
    lead: made.Person
    agent: made.Person
    stranger: made.Person
    team: int
    other_team: int
    account: int
    theme: int

    def ticket(self, text_: str = "De boom is om.", **columns: Any) -> int:
        """A ticket with one reaction from a contact with an address."""
        number = next(_numbers)
        with self.database.unit_of_work() as session:
            now = session.scalar(select(text("now()")))
            contact = session.execute(
                text("INSERT INTO contact (name, kind, language) VALUES (:n, 'person', '') RETURNING id"),
                {"n": f"Burger {number}"},
            ).scalar_one()
            address = session.execute(
                text("INSERT INTO contact_address (contact_id, kind, address, handle, url) "
                     "VALUES (:c, 'email', :a, '', '') RETURNING id"),
                {"c": contact, "a": f"burger{number}@voorbeeld.example"},
            ).scalar_one()  # fmt: skip
            opened = create.open_ticket(
                session,
                create.NewTicket(account_id=self.account, contact_id=contact, received_at=now, **columns),
                create.NewMessage(
                    account_id=self.account,
                    contact_id=contact,
                    address_id=address,
                    external_id=f"letter-{number}",
                    text=text_,
                    received_at=now,
                ),
            )
            return opened.ticket_id

    def get(self, path: str, who: made.Person, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", headers=who.headers, params=query)

    def send(self, method: str, path: str, who: made.Person, body: Any = None, **headers: str) -> Any:
        sent = {**who.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.client.request(method, f"/api/v1{path}", headers=sent, json=body)

    def post(self, path: str, who: made.Person, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, who, body, **headers)

    def version(self, ticket: int) -> str:
        return str(self.get(f"/tickets/{ticket}", self.admin).headers["ETag"])


@pytest.fixture(scope="module")
def module_database(database_server: str, template: str) -> Iterator[Database]:
    yield from clone(database_server, template)


@pytest.fixture(scope="module")
def world(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("api")
    settings = Settings(
        data=folder, database_url=None, public_url="http://testserver", password_cost="low", undo_seconds=60
    )
    keys = Keys([b"k" * 32])
    state = made.state(module_database, settings, keys, {KIND.key: KIND})
    app = application(state)
    for router in routers:
        app.include_router(router)
    with module_database.unit_of_work() as session:
        team, other = made.team(session, "Groen"), made.team(session, "Wegen")
        theme = Theme(key="groen", name_nl="Groen", name_en="Green", team_id=team)
        session.add(theme)
        people: dict[str, made.Person] = {
            "admin": made.person(session, "Bo Beheer", Role.ADMIN),
            "lead": made.person(session, "Lee Groen", Role.LEAD, team_id=team, lead=True),
            "agent": made.person(session, "Noor Groen", team_id=team),
            "stranger": made.person(session, "Sam Wegen", team_id=other),
        }
        account = change.create(
            session,
            keys,
            organisation_id=made.organisation(session),
            kind=KIND.key,
            name="Balie",
            settings=PaperSettings(office="Stadhuis"),
        )
        session.flush()
        number = theme.id
    with TestClient(app, raise_server_exceptions=False) as client:
        yield World(
            app, client, state, module_database, team=team, other_team=other, account=account, theme=number, **people
        )
