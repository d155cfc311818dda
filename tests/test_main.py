"""The web application as a whole: what it serves on one open system, and that making it opens nothing."""

import socket
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app import main
from app.errors import Invalid
from app.settings import Settings
from app.system import System, open_system
from app.web.stream import Hub
from tests.servers.ports import free_port


@pytest.fixture
def system(database_settings: Settings) -> Iterator[System]:
    with open_system(database_settings) as opened:
        yield opened


@pytest.fixture
def client(system: System) -> TestClient:
    return TestClient(
        main.build(system, Hub(system.database)), base_url="http://127.0.0.1:8000", follow_redirects=False
    )


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/health", 200),
        ("/health/ready", 200),
        ("/api/v1/openapi.json", 200),
        ("/api/v1/tickets", 401),
        ("/desk", 303),
        ("/desk/sign-in", 200),
        ("/nergens", 404),
        ("/status/s-1-1-aaaaaaaaaaaaaaaaaaaaaaaaaa", 404),
        ("/sites/niemand/comments", 405),
    ],
)
def test_every_part_of_the_site_answers(client: TestClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


def test_what_is_not_there_is_a_problem_for_programs_and_a_page_for_people(client: TestClient) -> None:
    assert client.get("/api/v1/nergens").headers["content-type"] == "application/problem+json"
    assert client.get("/nergens", headers={"Accept": "text/html"}).headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("body", [b"1e999999", b'{"text": "\\ud800"}', b"{", b"\x00", b"[" * 100_000, b"null"])
@pytest.mark.parametrize("path", ["/sites/niemand/comments", "/hooks/niemand", "/api/v1/reactions"])
def test_no_body_makes_it_fail(client: TestClient, path: str, body: bytes) -> None:
    answer = client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500


def test_no_two_routes_have_the_same_address(system: System) -> None:
    app = main.build(system, Hub(system.database))
    seen = [(method, path) for path, methods in app.openapi()["paths"].items() for method in methods]
    assert len(seen) == len(set(seen))
    assert not [path for _, path in seen if path.startswith(("/desk", "/status", "/hooks"))], "those are no API"


def test_the_port_is_ours_from_the_start_and_said_when_it_is_not(settings: Settings) -> None:
    mine = settings.model_copy(update={"port": free_port()})
    with main.listening(mine), socket.create_connection((mine.host, mine.port), timeout=5):
        with pytest.raises(Invalid) as refused, main.listening(mine):
            pass
        (fault,) = refused.value.faults
        assert fault.field == "WEERKLANK_PORT"
        assert "Choose another port" in fault.fix


def test_an_address_that_this_machine_does_not_have_is_said(settings: Settings) -> None:
    with pytest.raises(Invalid), main.listening(settings.model_copy(update={"host": "192.0.2.1"})):
        pass


def test_an_answer_does_not_wait_for_the_readers_acknowledgement(settings: Settings) -> None:
    mine = settings.model_copy(update={"port": free_port()})
    with main.listening(mine) as opened, socket.create_connection((mine.host, mine.port), timeout=5):
        accepted, _ = opened.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
