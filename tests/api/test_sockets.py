"""The API over real sockets: readers and writers that leave, bodies that never end, and what no client library would send."""

import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy import func, select, update

from app.models import RawItem as RawItemRow
from app.models import Team, Throttle
from app.tickets import events
from app.vocabulary import EventType
from app.web import throttle
from tests.api.conftest import World
from tests.until import until
from tests.web import raw
from tests.web.server import serving

JSON = "application/json"


@pytest.fixture(scope="module")
def url(world: World) -> Iterator[str]:
    with serving(world.app) as address:
        yield address


def create(world: World, body: bytes, **headers: str) -> bytes:
    """A request that makes a team of `body`."""
    given = {"Content_Type": JSON, "Content_Length": str(len(body)), "Connection": "close", **headers}
    return raw.head("POST", "/api/v1/teams", **world.admin.headers, **given) + body


def teams(world: World) -> int:
    with world.database.read_only() as session:
        return session.scalar(select(func.count()).select_from(Team)) or 0


def alive(url: str, world: World) -> bool:
    """Whether more requests than there are connections still get their answer."""
    with httpx.Client(base_url=url, headers=world.admin.headers, timeout=20) as client:
        return {client.get("/api/v1/teams").status_code for _ in range(30)} == {200}


@pytest.fixture
def calm(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that happens meanwhile may be logged as going wrong, by us or by the server itself."""
    with structlog.testing.capture_logs() as ours:
        yield
    assert [entry for entry in ours if entry["log_level"] != "info"] == []
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.usefixtures("calm")
def test_a_writer_that_leaves_in_the_middle_of_its_words_leaves_nothing_behind(url: str, world: World) -> None:
    before = teams(world)
    for _ in range(15):
        with raw.connect(url) as connection:
            connection.sendall(create(world, b'{"name": "Half', Content_Length="1000"))
    assert alive(url, world)
    assert teams(world) == before


@pytest.mark.usefixtures("calm")
def test_a_reader_that_leaves_in_the_middle_of_a_file_is_no_trouble(url: str, world: World) -> None:
    ticket = world.ticket(team_id=world.team)
    draft = world.send("PUT", f"/tickets/{ticket}/draft", world.agent, {"text": "x"}, If_None_Match="*").json()["id"]
    files = {"file": ("groot", b"x" * 15_000_000)}
    made = world.client.post(f"/api/v1/drafts/{draft}/attachments", headers=world.agent.headers, files=files)
    for _ in range(15):
        with raw.connect(url) as connection:
            connection.sendall(raw.head("GET", made.headers["Location"], **world.agent.headers))
            assert b"200 OK" in connection.recv(1000)
    assert alive(url, world)


@pytest.mark.usefixtures("calm")
def test_a_listener_that_leaves_is_forgotten(url: str, world: World) -> None:
    ticket = world.ticket(team_id=world.team)
    with world.database.unit_of_work() as session:
        for _ in range(400):  # enough to be in the middle of telling them
            events.record(session, ticket, EventType.NOTED)
    for _ in range(15):
        with raw.connect(url) as connection:
            connection.sendall(raw.head("GET", "/api/v1/events/stream?after=0", **world.agent.headers))
            raw.heard(connection, b"event: ticket")
    until(lambda: not world.state.hub.listening)
    assert alive(url, world)


@pytest.mark.usefixtures("calm")
def test_a_stream_that_is_only_asked_whether_it_is_there_ends_at_once(url: str, world: World) -> None:
    asked = raw.head("HEAD", "/api/v1/events/stream", Connection="close", **world.agent.headers)
    said = raw.sent(url, asked)
    assert (said.status, said.body) == (200, b"")
    assert said.headers["content-type"].startswith("text/event-stream")
    until(lambda: not world.state.hub.listening)


def test_a_body_that_never_ends_is_refused_while_it_comes(url: str, world: World) -> None:
    start = create(world, b"", Content_Length="", Transfer_Encoding="chunked").replace(b"Content-Length: \r\n", b"")
    part = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    with raw.connect(url) as connection:
        connection.sendall(start)
        try:
            for _ in range(1000):  # 65 MB, where one is allowed
                connection.sendall(part)
        except OSError:
            pass
        else:
            pytest.fail("it read all of it")
        said = raw.answer(connection)
    assert said.status in (413, 0)  # 0: our own words were still under way when it hung up
    assert alive(url, world)


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_sent(url: str, world: World) -> None:
    said = raw.sent(url, create(world, b"", Content_Length="50000000"))
    assert (said.status, said.headers["content-type"]) == (413, "application/problem+json")
    assert json.loads(said.body)["code"] == "too_large"


def test_ten_thousand_headers_are_refused_and_the_next_request_is_answered(url: str, world: World) -> None:
    many = "".join(f"X-{number}: {'y' * 100}\r\n" for number in range(10_000)).encode()
    request = raw.head("GET", "/api/v1/teams", Connection="close", **world.admin.headers)
    small = b"X: y\r\n" * 300
    one = b"X: " + b"y" * 70_000 + b"\r\n"
    for headers in (many, small, one):
        assert raw.sent(url, request[:-2] + headers + b"\r\n").status == 431
    assert alive(url, world)


def test_a_header_that_never_ends_is_cut_off(url: str, world: World) -> None:
    with raw.connect(url) as connection:
        connection.sendall(raw.head("GET", "/api/v1/teams")[:-2] + b"X: ")
        try:
            for _ in range(1000):  # 65 MB
                connection.sendall(b"y" * 0x10000)
        except OSError:
            pass
        else:
            pytest.fail("it read all of it")
    assert alive(url, world)


def test_many_requests_over_one_connection_are_not_counted_together(url: str, world: World) -> None:
    with httpx.Client(base_url=url, headers={**world.admin.headers, "X-Long": "y" * 20_000}, timeout=20) as client:
        assert {client.get("/api/v1/teams").status_code for _ in range(10)} == {200}
        assert client.post("/api/v1/teams/1/nowhere", json={"x": "y" * 200_000}).status_code == 404
        assert client.get("/api/v1/teams").status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"1e999999", 400),
        (b'{"name": 1e999999}', 400),
        (b'{"name": "Half \\ud800 teken"}', 201),
        (b'{"name": "Een \\u0000 nul"}', 201),
        (b'{"name": "\xff\xfe"}', 400),
        (b"{", 400),
        (b"", 400),
    ],
)
def test_words_that_cannot_be_are_refused_or_mended(url: str, world: World, body: bytes, status: int) -> None:
    said = raw.sent(url, create(world, body))
    assert said.status == status, said.body
    if status == 201:
        assert "\ufffd" in json.loads(said.body)["name"]
    else:
        assert said.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "é"]
)
def test_another_kind_of_content_is_415(url: str, world: World, kind: str) -> None:
    said = raw.sent(url, create(world, b'{"name": "x"}', Content_Type=kind))
    assert (said.status, json.loads(said.body)["code"]) == (415, "content_type")


def test_a_nul_in_an_address_and_bytes_that_are_no_request_do_not_stop_it(url: str, world: World) -> None:
    for path in ("/api/v1/teams/%00", "/api/v1/tickets?tag=%00", "/api/v1/%ED%A0%80"):
        said = raw.sent(url, raw.head("GET", path, Connection="close", **world.admin.headers))
        assert said.status in (200, 400, 404), path
    assert raw.sent(url, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 600).status in (400, 0)
    assert alive(url, world)


@pytest.mark.parametrize("what", ["account", "team", "draft", "ticket", "members"])
def test_of_many_changes_from_one_version_at_one_moment_one_is_made(url: str, world: World, what: str) -> None:
    ticket = world.ticket(team_id=world.team)
    draft = world.send("PUT", f"/tickets/{ticket}/draft", world.admin, {"text": "x"}, If_None_Match="*").json()["id"]
    cases: dict[str, tuple[str, str, str, dict[str, Any]]] = {
        "account": (f"/accounts/{world.account}", "PATCH", f"/accounts/{world.account}", {"name": "Balie {n}"}),
        "team": (f"/teams/{world.team}", "PATCH", f"/teams/{world.team}", {"name": "Groen {n}"}),
        "draft": (f"/drafts/{draft}", "PUT", f"/tickets/{ticket}/draft", {"text": "Versie {n}"}),
        "ticket": (f"/tickets/{ticket}", "POST", f"/tickets/{ticket}/tags", {"tag": "woord {n}"}),
        "members": (f"/teams/{world.team}/members", "PUT", f"/teams/{world.team}/members/{{n}}", {"lead": False}),
    }
    read, method, write, body = cases[what]
    seen = world.get(read, world.admin).headers["ETag"]
    people = [world.admin.id, world.stranger.id]

    def change(number: int) -> int:
        sent = {name: value.format(n=number) if isinstance(value, str) else value for name, value in body.items()}
        path = write.format(n=people[number % 2])
        with httpx.Client(base_url=f"{url}/api/v1", headers=world.admin.headers, timeout=20) as client:
            return client.request(method, path, json=sent, headers={"If-Match": seen}).status_code

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(change, range(6)))
    assert answers[1:] == [412] * 5
    assert answers[0] in (200, 204)


def test_a_token_that_is_none_is_counted_and_nothing_is_stored(url: str, world: World) -> None:
    def posted(token: str) -> raw.Raw:
        body = b'{"id": "1", "page": "p", "text": "x"}'
        given = {"Authorization": f"Bearer {token}", "Content_Type": JSON, "Content_Length": str(len(body))}
        return raw.sent(url, raw.head("POST", "/api/v1/reactions", Connection="close", **given) + body)

    with structlog.testing.capture_logs() as said:
        assert posted("wk_" + "x" * 43).status == 401
        assert posted("geen-token").status == 401
    assert [entry["event"] for entry in said].count("token.refused") == 2
    assert "geen-token" not in str(said)
    with world.database.unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(RawItemRow)) == 0
        session.execute(update(Throttle).values(count=throttle.WRONG_TOKENS_AN_HOUR))
    late = posted("wk_" + "x" * 43)
    assert (late.status, json.loads(late.body)["code"]) == (429, "too_many")
    assert int(late.headers["retry-after"]) > 0
    assert alive(url, world)  # whoever has a token of ours is not held up
