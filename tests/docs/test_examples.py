"""The examples of the documentation, run as they stand there, with the real curl against an installation that runs."""

import json
from typing import Any

import httpx

from tests.docs.pages import blocks, page, section
from tests.docs.running import Running, examples
from tests.web import raw

SITE_TOKEN = (
    'weerklank token create "x" --agent beheer@voorbeeldstad.example --scope tickets:read --scope accounts:write'
)


def test_every_example_of_the_api_does_what_it_says(office: Running) -> None:
    said = office.run(examples(page("api")))
    assert '"role":"admin"' in said
    assert '"reference":"WK-' in said
    assert "event: ticket" in said
    assert '"canUndo":' in said


def test_the_example_that_walks_a_list_finds_every_ticket_once(office: Running) -> None:
    (code,) = blocks(section(page("api"), "Lists"), "python")
    names: dict[str, Any] = {}
    exec(code, names)
    headers = {"Authorization": f"Bearer {office.token('tickets:read')}"}
    with httpx.Client(base_url=f"{office.url}/api/v1", headers=headers, timeout=20) as api:
        found = [ticket["id"] for ticket in names["every_ticket"](api, limit=2)]
        whole = [ticket["id"] for ticket in api.get("/tickets", params={"limit": 200}).json()["items"]]
    assert len(found) > 4
    assert found == whole


def test_every_example_of_the_rules_does_what_it_says(office: Running) -> None:
    before = (
        "API=$TOLD/api/v1\nTOKEN=$(weerklank token create x --agent beheer@voorbeeldstad.example "
        "--scope routing:read --scope routing:write)\n"
    )
    lines = [line for line in office.run(before + examples(page("routing"))).replace("}{", "}\n{").splitlines() if line]
    first, *_, restored = (json.loads(line) for line in lines)
    assert restored["inForceUntil"] is None
    assert restored["rules"] == first["items"][0]["rules"]


def test_more_headers_than_the_page_allows_are_refused(office: Running) -> None:
    assert "more than 200 headers" in section(page("api"), "Errors")
    request = raw.head("GET", "/api/v1/openapi.json", Connection="close")
    assert raw.sent(office.url, request[:-2] + b"X: y\r\n" * 150 + b"\r\n").status == 200
    assert raw.sent(office.url, request[:-2] + b"X: y\r\n" * 10_000 + b"\r\n").status == 431
