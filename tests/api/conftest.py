"""The API with its people: an administrator, an agent in a team, and somebody from another team."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api.routes import routers
from app.channels.contract import Kind
from app.settings import Settings
from app.storage.database import Database
from app.storage.keys import Keys
from app.vocabulary import Role
from app.web.application import application
from tests.api.channel import KIND
from tests.web import made


@dataclass(frozen=True)
class People:
    admin: made.Person
    agent: made.Person
    stranger: made.Person
    team_id: int
    other_team_id: int


@pytest.fixture
def kinds() -> dict[str, Kind]:
    return {KIND.key: KIND}


@pytest.fixture
def app(database: Database, settings: Settings, keys: Keys, kinds: dict[str, Kind]) -> FastAPI:
    built = application(made.state(database, settings, keys, kinds))
    for router in routers:
        built.include_router(router)
    return built


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def people(database: Database) -> People:
    with database.unit_of_work() as session:
        team, other = made.team(session, "Groen"), made.team(session, "Wegen")
        return People(
            admin=made.person(session, "Bo Beheer", Role.ADMIN),
            agent=made.person(session, "Noor Groen", team_id=team),
            stranger=made.person(session, "Sam Wegen", team_id=other),
            team_id=team,
            other_team_id=other,
        )
