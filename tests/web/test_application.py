"""The stack that every request passes: transaction, errors, headers, checks."""

from typing import Annotated

import pytest
from fastapi import FastAPI, Form, Query, Request
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from app.errors import Conflict, Fault, Invalid
from app.models import Theme
from app.settings import Settings
from app.storage.database import Database
from app.storage.keys import Keys
from app.web.application import application
from app.web.principal import CurrentAgent
from app.web.strict import Given
from app.web.text import Text
from app.web.transaction import Transaction
from tests.web import made


class Sent(Given):
    name: str
    count: int


def routes(app: FastAPI) -> None:  # noqa: C901  (a list, not a decision)
    @app.get("/desk/me")
    def me(agent: CurrentAgent) -> str:
        return agent.name

    @app.post("/desk/themes")
    def add(agent: CurrentAgent, session: Transaction, key: Annotated[Text, Form()]) -> str:
        session.add(Theme(key=key, name_nl=key, name_en=key))
        return agent.name

    @app.post("/api/themes")
    def bare(session: Transaction, key: str) -> str:
        session.add(Theme(key=key, name_nl=key, name_en=key))
        return "made"

    @app.post("/api/too-late")
    def too_late(session: Transaction) -> str:
        # A constraint that is only checked at the commit, after the route has returned.
        session.execute(text("CREATE TABLE late (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)"))
        session.execute(text("INSERT INTO late VALUES (1), (1)"))
        return "made"

    @app.get("/api/changes-something")
    def changing(session: Transaction) -> str:
        session.execute(text("INSERT INTO theme (key, name_nl, name_en, active) VALUES ('x', 'x', 'x', true)"))
        return "made"

    @app.post("/api/sent")
    def sent(body: Sent) -> Sent:
        return body

    @app.put("/api/sent")
    def put(body: Sent) -> Sent:
        return body

    @app.get("/api/search")
    def search(q: Annotated[str, Query()], session: Transaction) -> list[str]:
        return list(session.scalars(select(Theme.key).where(Theme.key == q)))

    @app.get("/api/invalid")
    def invalid() -> None:
        raise Invalid("mixed", "Correct both.", [Fault("a", "x", "one"), Fault("b", "y", "two")])

    @app.get("/desk/conflict")
    def conflict() -> None:
        raise Conflict("taken", "Choose another.")

    @app.get("/api/bug")
    @app.get("/desk/bug")
    def bug() -> None:
        raise RuntimeError("a secret in an exception")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"public_url": "http://testserver", "max_body_bytes": 2048})


@pytest.fixture
def client(database: Database, settings: Settings, keys: Keys) -> TestClient:
    app = application(made.state(database, settings, keys))
    routes(app)
    return TestClient(app)


@pytest.fixture
def person(database: Database) -> made.Person:
    with database.unit_of_work() as session:
        return made.person(session, "Noor Voorbeeld")


def test_a_commit_that_fails_is_not_a_200(client: TestClient) -> None:
    answer = client.post("/api/too-late")
    assert answer.status_code == 409
    assert answer.json()["code"] == "taken"


def test_what_a_route_did_is_committed_when_the_answer_comes(client: TestClient, database: Database) -> None:
    assert client.post("/api/themes?key=afval").status_code == 200
    with database.read_only() as session:
        assert session.scalar(select(Theme.key)) == "afval"


def test_a_get_cannot_change_anything(client: TestClient, database: Database) -> None:
    assert client.get("/api/changes-something").status_code == 500
    with database.read_only() as session:
        assert session.scalars(select(Theme.key)).all() == []


def test_every_answer_names_the_api_version_and_forbids_frames_and_caches(client: TestClient) -> None:
    for path in ("/api/invalid", "/nowhere", "/api/bug", "/desk/conflict"):
        headers = client.get(path).headers
        assert headers["API-Version"] == "1.0.0"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Strict-Transport-Security" not in headers


def test_https_is_pinned_where_it_is_used(database: Database, settings: Settings, keys: Keys) -> None:
    secure = settings.model_copy(update={"public_url": "https://weerklank.voorbeeldstad.example"})
    client = TestClient(application(made.state(database, secure, keys)))
    assert client.get("/nowhere").headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_all_faults_are_told_at_once(client: TestClient) -> None:
    answer = client.get("/api/invalid")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [e["field"] for e in answer.json()["errors"]] == ["a", "b"]


def test_invalid_input_is_400_with_every_field_and_never_echoes_it(client: TestClient) -> None:
    answer = client.post("/api/sent", json={"name": 5, "count": "GEHEIM"})
    assert answer.status_code == 400
    assert {e["field"] for e in answer.json()["errors"]} == {"name", "count"}
    assert "GEHEIM" not in answer.text


@pytest.mark.parametrize(
    "body",
    [b"1e999999", b'{"name": "x", "count": 1e999999}', b'{"name": "x", "count": NaN}', b"{", b"\xff", b"[" * 900, b"9" * 1900,
     b'{"name": null}', b"null"],
)  # fmt: skip
def test_a_body_that_makes_no_sense_is_400(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/sent", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_half_a_surrogate_pair_and_a_nul_are_replaced(client: TestClient) -> None:
    for sent in (b"\\ud800", b"\\u0000"):
        body = b'{"name": "' + sent + b'", "count": 1}'
        answer = client.post("/api/sent", content=body, headers={"Content-Type": "application/json"})
        assert answer.json() == {"name": "\ufffd", "count": 1}


def test_a_body_that_is_too_large_is_413(client: TestClient) -> None:
    answer = client.post("/api/sent", content=b"x" * 3000, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


def test_a_body_without_a_length_is_cut_off_too(client: TestClient) -> None:
    answer = client.post(
        "/api/sent", content=(b"x" * 1000 for _ in range(10)), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413


def test_a_nul_in_an_address_is_replaced(client: TestClient) -> None:
    assert client.get("/api/search?q=a%00b").json() == []
    assert client.get("/api/sea%00rch").status_code == 404


def test_405_names_every_method_of_the_path(client: TestClient) -> None:
    answer = client.delete("/api/sent")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST, PUT"


def test_a_bug_tells_an_incident_and_nothing_else(client: TestClient) -> None:
    answer = client.get("/api/bug")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert len(answer.json()["incident"]) == 12


def test_people_get_a_page_in_their_language(client: TestClient) -> None:
    english = client.get("/desk/conflict", headers={"Accept": "text/html", "Accept-Language": "en-GB,nl;q=0.5"})
    assert english.status_code == 409
    assert "Choose another." in english.text
    assert 'lang="en"' in english.text
    dutch = client.get("/desk/bug", headers={"Accept": "text/html"})
    assert 'lang="nl"' in dutch.text
    assert "secret" not in dutch.text


def test_an_agent_is_known_by_their_cookie(client: TestClient, person: made.Person, settings: Settings) -> None:
    assert person.at(client, settings).get("/desk/me").json() == "Noor Voorbeeld"


def test_a_visitor_is_led_to_the_sign_in_page(client: TestClient) -> None:
    answer = client.get("/desk/me?x=1", headers={"Accept": "text/html"}, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/desk/sign-in?next=/desk/me%3Fx%3D1"
    assert client.get("/desk/me", headers={"Accept": "application/json"}).status_code == 401


def test_a_post_from_another_site_is_refused(client: TestClient, person: made.Person, settings: Settings) -> None:
    person.at(client, settings)
    for foreign in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        assert client.post("/desk/themes", data={"key": "x"}, headers=foreign).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "http://testserver"}, 200),
        ({"Origin": "https://testserver"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, 403),
        ({}, 403),
    ],
)
def test_the_origin_of_a_post_decides(
    client: TestClient, person: made.Person, settings: Settings, headers: dict[str, str], status: int
) -> None:
    person.at(client, settings)
    del client.headers["Sec-Fetch-Site"]
    assert client.post("/desk/themes", data={"key": "x"}, headers=headers).status_code == status


def test_the_sign_in_form_is_checked_without_a_cookie_too(client: TestClient) -> None:
    assert client.post("/desk/sign-in", headers={"Origin": "https://evil.example"}).status_code == 403


def test_a_nul_in_a_form_is_replaced(
    client: TestClient, person: made.Person, settings: Settings, database: Database
) -> None:
    assert person.at(client, settings).post("/desk/themes", data={"key": "a\0b"}).status_code == 200
    with database.read_only() as session:
        assert session.scalar(select(Theme.key)) == "a�b"


def test_a_database_that_is_away_is_503(settings: Settings, keys: Keys) -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/none")
    app = application(made.state(nowhere, settings, keys))
    routes(app)
    answer = TestClient(app).post("/api/themes?key=x")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "127.0.0.1" not in answer.text


def test_forwarded_headers_of_a_stranger_change_nothing(database: Database, settings: Settings, keys: Keys) -> None:
    app = application(made.state(database, settings, keys))

    @app.get("/who")
    def who(request: Request) -> list[str]:
        return [request.client.host if request.client else "", request.url.scheme]

    forged = {"X-Forwarded-For": "9.9.9.9", "X-Forwarded-Proto": "https"}
    stranger = TestClient(app, client=("203.0.113.5", 1))
    assert stranger.get("/who", headers=forged).json() == ["203.0.113.5", "http"]
    proxy = TestClient(app, client=("127.0.0.1", 1))
    assert proxy.get("/who", headers=forged).json() == ["9.9.9.9", "https"]


def test_head_is_get_without_its_body(client: TestClient) -> None:
    told, asked = client.get("/api/search?q=x"), client.head("/api/search?q=x")
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["Content-Length"] == told.headers["Content-Length"]
    assert asked.headers["Content-Security-Policy"]
    assert client.head("/api/nowhere").status_code == 404
    assert client.head("/api/sent").status_code == 405
    assert client.head("/api/changes-something").status_code == 500  # looking changes nothing, whichever way
