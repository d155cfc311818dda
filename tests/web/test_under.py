"""Many routes under one beginning: answered by the right one, and asked about nothing else."""

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from app.web.under import Under


@pytest.fixture
def client() -> TestClient:
    part = APIRouter()
    part.add_api_route("/desk/things", lambda: "all", methods=["GET"])
    part.add_api_route("/desk/things", lambda: "made", methods=["POST"])
    part.add_api_route("/desk/things/{number}", lambda number: number, methods=["GET"])
    part.add_api_route("/elsewhere", lambda: "never", methods=["GET"])
    under = Under("/desk")
    under.take_in(part)
    app = FastAPI()
    app.include_router(under)
    return TestClient(app)


def test_an_address_is_answered_by_the_route_that_takes_its_method(client: TestClient) -> None:
    answers = client.get("/desk/things"), client.post("/desk/things"), client.get("/desk/things/7")
    assert [answer.json() for answer in answers] == ["all", "made", "7"]


def test_a_method_that_no_route_takes_is_told_as_such(client: TestClient) -> None:
    assert client.put("/desk/things").status_code == 405
    assert client.post("/desk/things/7").status_code == 405


def test_what_begins_otherwise_is_not_asked_for(client: TestClient) -> None:
    assert client.get("/elsewhere").status_code == 404
    assert client.get("/desk/nothing").status_code == 404


def test_a_part_that_is_included_keeps_its_own_prefix() -> None:
    part = APIRouter(prefix="/things")
    part.add_api_route("/{number}", lambda number: number, methods=["GET"])
    under = Under("/api", prefix="/api")
    under.include_router(part)
    app = FastAPI()
    app.include_router(under)
    assert TestClient(app).get("/api/things/7").json() == "7"
