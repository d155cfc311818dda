"""What the API says about itself, against the NLGov API Design Rules."""

import re
from typing import Any

import pytest

from tests.api.conftest import World

Described = dict[str, Any]


@pytest.fixture(scope="module")
def described(world: World) -> Described:
    answer = world.client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["API-Version"] == answer.json()["info"]["version"]
    return dict(answer.json())


def operations(described: Described) -> list[tuple[str, str, Described]]:
    return [(path, method, op) for path, item in described["paths"].items() for method, op in item.items()]


def test_there_is_somebody_to_turn_to(described: Described) -> None:
    assert set(described["info"]["contact"]) == {"name", "email", "url"}
    assert described["servers"][0]["url"].endswith("/v1")


def test_paths_are_plural_kebab_case_without_a_slash_at_the_end(described: Described) -> None:
    for path in described["paths"]:
        assert re.fullmatch(r"(/([a-z]+(-[a-z]+)*|\{[a-z]+\}))+", path), path


def test_query_keys_and_fields_are_camel_case(described: Described) -> None:
    camel = re.compile(r"[a-z][A-Za-z0-9]*")
    for path, _method, operation in operations(described):
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query":
                assert camel.fullmatch(parameter["name"]), (path, parameter["name"])
    for name, schema in described["components"]["schemas"].items():
        for field in schema.get("properties", {}):
            assert camel.fullmatch(field), (name, field)


def test_invalid_input_is_400_and_every_error_is_a_problem(described: Described) -> None:
    for path, method, operation in operations(described):
        assert "422" not in operation["responses"], (path, method)
        assert "400" in operation["responses"]
        for status, response in operation["responses"].items():
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"], (path, method, status)


def test_every_operation_needs_a_token(described: Described) -> None:
    for path, method, operation in operations(described):
        assert operation.get("security"), (path, method)
