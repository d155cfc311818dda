"""Over real sockets: bodies without a length, an answer that follows its commit, and more clients than connections."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fastapi import FastAPI, Request
from sqlalchemy import select, text
from starlette.responses import Response

from app.identity.principal import SYSTEM
from app.models import Theme
from app.settings import Settings
from app.storage.database import Database
from app.storage.keys import Keys
from app.web.application import application
from app.web.idempotency import Made, OnceOnly
from app.web.principal import CurrentAgent
from app.web.state import state_of
from app.web.strict import Given, Told
from app.web.transaction import Transaction
from tests.web import made
from tests.web.server import serving


class Key(Given):
    key: str


class Number(Told):
    id: int


def routes(app: FastAPI) -> None:
    @app.post("/api/themes", status_code=201)
    def add(session: Transaction, body: Key) -> str:
        session.add(Theme(key=body.key, name_nl="x", name_en="x"))
        return "made"

    @app.get("/api/two-connections")
    def two(request: Request, session: Transaction) -> int:
        session.execute(text("SELECT pg_sleep(0.05)"))
        with state_of(request).database.read_only() as other:
            return int(other.execute(text("SELECT 1")).scalar_one())

    @app.post("/api/once")
    def once(session: Transaction, body: Key, do_once: OnceOnly) -> Response:
        def make() -> Made:
            session.execute(text("SELECT pg_sleep(0.1)"))  # long enough for the others to come in
            theme = Theme(key=body.key, name_nl="x", name_en="x")
            session.add(theme)
            session.flush()
            return Made(Number(id=theme.id), "/api/themes/1")

        return do_once(SYSTEM, body, make)

    @app.post("/desk/anything")
    def anything(me: CurrentAgent) -> str:
        return me.name


@pytest.fixture
def url(database: Database, settings: Settings, keys: Keys) -> Iterator[str]:
    app = application(made.state(database, settings.model_copy(update={"max_body_bytes": 4096}), keys))
    routes(app)
    with serving(app) as address:
        yield address


def test_a_body_without_a_length_is_cut_off(url: str) -> None:
    chunks = (b"x" * 1000 for _ in range(1000))
    with httpx.Client() as client:
        try:
            answer = client.post(f"{url}/api/themes", content=chunks, headers={"Content-Type": "application/json"})
        except httpx.WriteError:
            return  # the server hung up in the middle of it, which is fine too
        assert answer.status_code == 413


def test_what_was_answered_is_there_for_everybody(url: str, database: Database) -> None:
    with httpx.Client() as client:
        for number in range(20):
            assert client.post(f"{url}/api/themes", json={"key": f"k{number}"}).status_code == 201
            with database.read_only() as session:
                assert session.scalar(select(Theme.id).where(Theme.key == f"k{number}")) is not None


def test_more_clients_than_connections_all_get_their_answer(url: str) -> None:
    def ask(_: int) -> int:
        with httpx.Client(timeout=20) as client:
            return client.get(f"{url}/api/two-connections").status_code

    with ThreadPoolExecutor(30) as pool:
        assert set(pool.map(ask, range(60))) == {200}


def test_the_same_key_at_the_same_moment_is_done_once(url: str, database: Database) -> None:
    def ask(_: int) -> tuple[int, str]:
        with httpx.Client(timeout=20) as client:
            answer = client.post(f"{url}/api/once", json={"key": "one"}, headers={"Idempotency-Key": "k"})
            return answer.status_code, answer.text

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(ask, range(4)))
    assert len(answers) == 1
    assert answers.pop()[0] == 201
    with database.read_only() as session:
        assert len(session.scalars(select(Theme.id)).all()) == 1


def test_a_person_without_a_session_is_not_let_in(url: str) -> None:
    with httpx.Client() as client:
        assert client.post(f"{url}/desk/anything", headers={"Origin": url}).status_code == 401
