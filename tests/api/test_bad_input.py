"""Bodies and addresses that make no sense: a clear error, never a 5xx, and nothing of it said back."""

import json

import pytest

from tests.api.conftest import World

JSON = {"Content-Type": "application/json"}
BODIES = {
    "infinite": b"1e999999",
    "infinite inside": b'{"name": 1e999999}',
    "not a number": b'{"name": NaN}',
    "malformed": b'{"name": ',
    "not utf-8": b'{"name": "\xff\xfe"}',
    "deep": b"[" * 100_000,
    "long number": b'{"name": ' + b"9" * 10_000 + b"}",
    "null": b"null",
    "list": b"[]",
    "empty": b"",
    "duplicate and unknown": b'{"name": "x", "name": 1, "GEHEIM": 1}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize("path", ["/teams", "/tickets/search", "/policies", "/reactions"])
def test_a_body_that_makes_no_sense_is_a_problem(world: World, path: str, body: bytes) -> None:
    answer = world.client.post(f"/api/v1{path}", content=body, headers={**world.admin.headers, **JSON})
    assert answer.status_code == 400, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "GEHEIM" not in answer.text


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", ""])
def test_another_content_type_is_415(world: World, kind: str) -> None:
    answer = world.client.post(
        "/api/v1/teams", content=b'{"name": "x"}', headers={**world.admin.headers, "Content-Type": kind}
    )
    assert answer.status_code == 415, answer.text


def test_a_body_that_is_too_large_is_413(world: World) -> None:
    large = b'{"name": "' + b"x" * 2_000_000 + b'"}'
    assert world.client.post("/api/v1/teams", content=large, headers={**world.admin.headers, **JSON}).status_code == 413
    parts = (b"x" * 100_000 for _ in range(30))
    assert world.client.post("/api/v1/teams", content=parts, headers={**world.admin.headers, **JSON}).status_code == 413


@pytest.mark.parametrize("path", ["/teams", "/agents"])
def test_hours_that_open_at_the_moment_of_closing_are_refused(world: World, path: str) -> None:
    name = {"name": "Nieuw", **({"email": "nieuw@voorbeeldstad.example"} if path == "/agents" else {})}
    refused = world.post(path, world.admin, {**name, "hours": {"mon": [["09:00", "09:00"]]}})
    assert refused.status_code == 400, refused.text
    assert refused.json()["errors"] == [
        {"field": "hours", "code": "value_error", "fix": "write 00:00-24:00 for a whole day"}
    ]
    night = {**name, "hours": {"fri": [["22:00", "06:00"]], "sun": []}}
    assert world.post(path, world.admin, night).json()["hours"] == night["hours"]


def test_nul_and_half_characters_are_stored_as_replacements(world: World) -> None:
    body = json.dumps({"name": "Team \x00\ud800 X"}).encode()
    answer = world.client.post("/api/v1/teams", content=body, headers={**world.admin.headers, **JSON})
    assert answer.status_code == 201, answer.text
    assert answer.json()["name"] == "Team �� X"


@pytest.mark.parametrize(
    "path",
    ["/tickets/0", "/tickets/-1", "/tickets/99999999999999999999", "/tickets/x", "/tickets/1e9", "/tickets?limit=0",
     "/tickets?after=99999999999999999999", "/tickets?status=gone", "/tickets?tag=%00", "/tickets?unknown=1", "/tickets/%00"],
)  # fmt: skip
def test_an_address_that_makes_no_sense_is_no_failure(world: World, path: str) -> None:
    answer = world.client.get(f"/api/v1{path}", headers=world.admin.headers)
    assert answer.status_code in (200, 400, 404), answer.text


@pytest.mark.parametrize("path", ["/teams/", "/nowhere", "/tickets/1/nowhere"])
def test_an_unknown_address_is_a_problem_too(world: World, path: str) -> None:
    answer = world.client.get(f"/api/v1{path}", headers=world.admin.headers)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_405_names_all_methods_of_an_address(world: World) -> None:
    answer = world.send("DELETE", "/teams", world.admin)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, POST"


def test_a_tag_is_refused_when_it_is_not_ours(world: World) -> None:
    number = world.ticket()
    for tag in ('W/"1"', "1", '"x"', '"1", "2"'):
        assert world.post(f"/tickets/{number}/take", world.agent, {}, If_Match=tag).status_code == 412
