"""Nobody's name, address or words stand in an address of ours, and none of what is sent is ever logged."""

import logging
import types
from collections.abc import Iterator
from enum import Enum
from typing import Any, Union, get_args, get_origin

import pytest
import structlog
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from app import desk, main, public
from app.api import health
from app.api import routes as api
from app.api.described import BASE
from app.settings import Settings
from app.system import open_system
from app.web.stream import Hub
from tests.web import made

CANARY = "kanarie.burger@voorbeeld.example"
# What is no number, choice or yes-or-no, with why it may stand in an address all the same.
WORDS = {
    "key": "of a site or a poll, made here",
    "public_key": "of an account, made here",
    "token": "a secret link is its holder's key; it is never logged",
    "invitation": "a secret link, as above",
    "page": "the site's own id of a page",
    "page_key": "the site's own id of a page",
    "id": "the site's own id of a comment",
    "title": "of a page of the site",
    "url": "of a page of the site",
    "mark": "of a version of our own files",
    "name": "of one of our own files",
    "next": "one of our own addresses",
    "kind": "of a channel, a ticket or a row",
    "which": "the id of a row, or `new`",
    "word": "a tag: about what it is, never about whom",
    "tag": "as above",
    "language": "a code",
    "mode": "of the composer",
    "theme": "an id or `none`",
    "status": "a choice",
    "preview": "yes or no",
    "after": "where a page of a list ended: ids and moments",
    "campaign": "an id",
    "contact": "an id",
    "inline": "yes or no",
    "pictures": "yes or no",
    "spam": "yes or no",
}


def routes(router: Any, prefix: str = "") -> Iterator[tuple[str, APIRoute]]:
    """Every route of a router and of those that it includes, with its whole address."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield prefix + route.path, route
        elif hasattr(route, "original_router"):
            yield from routes(route.original_router, prefix)


def everywhere() -> list[tuple[str, APIRoute]]:
    found = [one for router in api.routers for one in routes(router, "" if router is health.router else BASE)]
    return [*found, *routes(desk.router), *routes(public.router)]


def parameters(dependant: Any) -> Iterator[Any]:
    yield from (*dependant.path_params, *dependant.query_params)
    for deeper in dependant.dependencies:
        yield from parameters(deeper)


def fields(parameter: Any) -> Iterator[tuple[str, Any]]:
    """A parameter, or where it is a model its fields."""
    kind = parameter.field_info.annotation
    if hasattr(kind, "model_fields"):
        yield from ((name, field.annotation) for name, field in kind.model_fields.items())
    else:
        yield parameter.alias, kind


def is_word(kind: Any) -> bool:
    if get_origin(kind) in (Union, types.UnionType, list):
        return any(is_word(part) for part in get_args(kind))
    return isinstance(kind, type) and issubclass(kind, str) and not issubclass(kind, Enum)


def test_what_stands_in_an_address_is_a_number_a_choice_or_a_word_of_ours() -> None:
    found = everywhere()
    assert len(found) > 150
    words = {
        name: path
        for path, route in found
        for parameter in parameters(route.dependant)
        for name, kind in fields(parameter)
        if is_word(kind)
    }
    assert {name: path for name, path in words.items() if name not in WORDS} == {}, "why may these stand in an address?"
    assert {name for name in WORDS if name not in words} == set(), "these stand in none any more"


def test_whatever_is_sent_wherever_nothing_of_it_is_logged(
    database_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "httpx")  # the client of this test, as quiet as `log.configure` makes it
    with open_system(database_settings) as system, structlog.testing.capture_logs() as said:
        with system.database.unit_of_work() as session:
            admin = made.person(session, "Bo Beheer")
        app = main.build(system, Hub(system.database))
        client = TestClient(
            app, base_url=system.settings.base_url, follow_redirects=False, raise_server_exceptions=False
        )
        answers: set[int] = set()
        for path, route in everywhere():
            if not path.endswith(("/events", "/events/stream")):
                answers |= {one for method in route.methods or () for one in tried(client, method, path, admin)}
    assert {400, 401, 403, 404} <= answers
    assert not {status for status in answers if status >= 500}
    logged = [*map(str, said), *(record.getMessage() for record in caplog.records if record.levelno > logging.DEBUG)]
    assert any("access.denied" in line or "token.refused" in line for line in logged)
    assert [line for line in logged if "kanarie" in line] == []


def tried(client: TestClient, method: str, path: str, admin: made.Person) -> list[int]:
    """The answers to a person's name in every place of a request: as nobody, and as somebody with a token and a session."""
    parts = path.replace("}", "{").split("{")
    address = "".join(CANARY if number % 2 else part for number, part in enumerate(parts))
    body, query = {"text": CANARY, "name": CANARY, "email": CANARY, "id": CANARY}, {"after": CANARY, "q": CANARY}
    bad = {"Authorization": f"Bearer {CANARY}", "Accept": "application/json"}
    good = {**admin.headers, "Cookie": f"weerklank={admin.cookie}", "Sec-Fetch-Site": "same-origin", "If-Match": "*"}
    sent: list[Any] = [{"json": body}, {"data": body}] if method in ("POST", "PUT", "PATCH") else [{}]
    return [
        client.request(method, address, params=query, headers=headers, **one).status_code
        for headers in (bad, good)
        for one in sent
    ]
