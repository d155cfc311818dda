import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from app.api import described
from app.api.policies import NewPolicy
from app.api.routes import routers
from app.channels.comments import outbound
from app.channels.comments.form import FormChannel
from app.channels.comments.settings import FormSettings
from app.channels.contract import AccountConfig, Moderation, OutgoingMessage, Sent, Subject, Thread
from app.clock import now
from app.vocabulary import Scope, Verdict, Visibility
from app.web.headers import API_VERSION
from app.web.problems import problem_of
from tests.docs.pages import blocks, coded, page, rows, section

PAGE = page("api")
SECRET = "geheim-van-de-site"
BODY = '{"id": "1", "text": "Ja, elke week. 🌳"}'.encode()


@pytest.fixture(scope="module")
def paths() -> set[str]:
    app = FastAPI()
    for router in routers:
        app.include_router(router)
    return set(described.description(app)["paths"])


def test_the_scopes_are_all_told(paths: set[str]) -> None:
    told = [name for row in rows(section(PAGE, "Tokens and scopes")) for name in coded(row[0])]
    assert sorted(told) == sorted(Scope)


def test_every_resource_is_told_and_exists(paths: set[str]) -> None:
    told = {name for row in rows(section(PAGE, "The resources")) for name in coded(row[0]) if name.startswith("/")}
    assert told == {"/" + path.split("/")[1] for path in paths}


def test_every_list_tells_by_what_it_is_narrowed() -> None:
    told = {name: set(coded(row[1])) for row in rows(section(PAGE, "Lists")) for name in coded(row[0])}
    app = FastAPI()
    for router in routers:
        app.include_router(router)
    found: dict[str, set[str]] = {}
    for path, item in described.description(app)["paths"].items():
        parameters = item.get("get", {}).get("parameters", [])
        names = {one["name"] for one in parameters if one["in"] == "query"}
        if path != "/events/stream" and (narrowed := names - ({"limit"} if "messages" in path else {"limit", "after"})):
            found[path] = narrowed
    assert told == found


def test_the_error_is_the_one_that_is_given() -> None:
    (example,) = blocks(section(PAGE, "Errors"), "json")
    with pytest.raises(ValidationError) as caught:
        NewPolicy.model_validate({})
    errors = [{**error, "loc": ("body", *error["loc"])} for error in caught.value.errors()]
    assert json.loads(example) == problem_of(RequestValidationError(errors)).document()


def test_the_version_is_the_one_that_every_answer_carries() -> None:
    assert f"`API-Version` is {API_VERSION}." in PAGE


def test_the_verification_in_python_accepts_what_we_send() -> None:
    assert is_genuine()(SECRET, outbound.signature(SECRET, BODY, now()), BODY)


@pytest.mark.parametrize(
    ("secret", "body", "age"),
    [("een ander", BODY, 0), (SECRET, BODY + b" ", 0), (SECRET, BODY, 301), (SECRET, BODY, -301)],
    ids=["other secret", "changed body", "too old", "from the future"],
)
def test_the_verification_in_python_refuses_what_is_not_ours(secret: str, body: bytes, age: int) -> None:
    header = outbound.signature(SECRET, BODY, now() - timedelta(seconds=age))
    assert not is_genuine()(secret, header, body)


@pytest.mark.parametrize("header", ["", "t=,v1=", "v1=ab", "t=²,v1=é", "t=1,t=2,v1", "," * 100])
def test_the_verification_in_python_refuses_a_header_that_is_none(header: str) -> None:
    assert not is_genuine()(SECRET, header, BODY)


def test_the_verification_in_php_accepts_what_we_send() -> None:
    if shutil.which("php") is None:
        pytest.skip("php is missing: apt-get install php-cli")
    (code,) = blocks(PAGE, "php")
    header = outbound.signature(SECRET, BODY, now())
    asked = f"echo is_genuine({json.dumps(SECRET)}, {json.dumps(header)}, stream_get_contents(STDIN)) ? 'yes' : 'no';"
    for body, wanted in ((BODY, "yes"), (BODY + b" ", "no")):
        ran = subprocess.run(["php", "-r", code.removeprefix("<?php") + "\n" + asked], input=body, capture_output=True)
        assert ran.stdout.decode() == wanted


def test_every_webhook_has_the_fields_that_the_table_names() -> None:
    told = {name: set(coded(row[1])) for row in rows(section(PAGE, "Webhooks that we send")) for name in coded(row[0])}
    told["answer.amended"] = told["answer.published"]
    assert {event.pop("type"): set(event) - {"id", "sent_at"} for event in _everything_told()} == told


def is_genuine() -> Callable[[str, str, bytes], bool]:
    (code,) = blocks(section(PAGE, "Webhooks that we send"), "python")
    names: dict[str, Any] = {}
    exec(code, names)
    found: Callable[[str, str, bytes], bool] = names["is_genuine"]
    return found


def _everything_told() -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []

    def post(url: str, headers: Any, body: bytes) -> int:
        told.append(json.loads(body))
        return 204

    settings = FormSettings(webhook_url="https://www.voorbeeldstad.example/hook")
    channel = FormChannel(AccountConfig(1, "site", settings, "https://weerklank.voorbeeldstad.example"), post=post)
    subject = Subject("node/12")
    message = OutgoingMessage(
        "wk1.a", None, "Ja.", visibility=Visibility.PUBLIC, thread=Thread(parent_id="site:c1", subject=subject)
    )
    channel.send(message)
    channel.amend(Sent("wk1.a"), message)
    channel.retract(Sent("wk1.a"))
    for verdict in Verdict:
        channel.moderate(Moderation("site:c1", verdict, "Zo is het.", subject))
    channel.check()
    return told
