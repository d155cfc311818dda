"""Schemathesis walks the whole of openapi.json: whatever is sent, nothing answers 5xx or otherwise than it says it does."""

from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from app.api.described import BASE, description
from app.api.routes import routers
from tests.api.conftest import World

# Live for ever, or would take everybody's rights away in the middle of the walk.
LEFT_OUT = ("/events/stream", "/agents/{agent}/password", "/access-tokens/{token}")
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]


def operations() -> list[tuple[str, str]]:
    app = FastAPI()
    for router in routers:
        app.include_router(router)
    paths = description(app)["paths"]
    return [(path, method.upper()) for path, item in paths.items() for method in item if path not in LEFT_OUT]


@pytest.fixture(scope="module")
def schema(world: World) -> Any:
    return schemathesis.openapi.from_asgi(f"{BASE}/openapi.json", world.app)


@pytest.mark.parametrize(("path", "method"), operations())
def test_nothing_that_is_sent_makes_it_fail(schema: Any, world: World, path: str, method: str) -> None:
    headers = {**world.admin.headers, **({"If-Match": "*"} if method != "GET" else {})}

    @settings(max_examples=6, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=schema[path][method].as_strategy())
    def walk(case: Any) -> None:
        case.validate_response(case.call(headers=headers), checks=CHECKS)

    walk()
