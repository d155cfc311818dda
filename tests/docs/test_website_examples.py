"""docs/integrations/website.md followed to the letter: by curl, by a site's server, and in a browser on a page of the site."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.docs.pages import blocks, page, section
from tests.docs.running import SITE, TOLD, Running, examples
from tests.until import until

PAGE = page("integrations/website")


class Website:
    """The organisation's own site: its pages with the code of the documentation, and the program that listens there."""

    def __init__(self, office: Running) -> None:
        self.office, self.published, self.key = office, list[dict[str, Any]](), ""
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def html(self) -> bytes:
        (code,) = blocks(section(PAGE, "The element"), "html")
        code = code.replace(TOLD, self.office.url).replace("KEY", self.key)
        return f'<!doctype html><html lang="nl"><title>Afval</title><body>{code}</body></html>'.encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        (genuine,) = blocks(section(page("api"), "Webhooks that we send"), "python")
        (listening,) = blocks(section(PAGE, "Your own server"), "python")
        names: dict[str, Any] = {"publish": self.published.append}
        exec(genuine, names)
        exec(listening, names)

        def get(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.send_header("content-type", "text/html; charset=utf-8")
            handler.end_headers()
            handler.wfile.write(self.html())

        def silent(_: BaseHTTPRequestHandler, *__: object) -> None:
            """Keeps the test's output clean."""

        return type("Handler", (names["Hook"],), {"do_GET": get, "log_message": silent})


@pytest.fixture(scope="module")
def website(office: Running) -> Iterator[Website]:
    site = Website(office)
    thread = Thread(target=site.server.serve_forever, daemon=True)
    thread.start()
    said = office.run(examples(PAGE) + 'echo "the key is $KEY"', site.url)
    site.key = said.rsplit("the key is ", 1)[1].strip()
    yield site
    site.server.shutdown()
    site.server.server_close()
    thread.join(5)


@pytest.fixture(scope="module")
def api(office: Running) -> Iterator[httpx.Client]:
    scopes = ("tickets:read", "tickets:write", "accounts:read", "accounts:write", "reactions:create")
    headers = {"Authorization": f"Bearer {office.token(*scopes)}"}
    with httpx.Client(base_url=f"{office.url}/api/v1", headers=headers, timeout=20) as client:
        yield client


def published(website: Website) -> list[dict[str, Any]]:
    address = f"{website.office.url}/sites/{website.key}/published"
    comments: list[dict[str, Any]] = (
        httpx.get(address, params={"page": "node/12"}).raise_for_status().json()["comments"]
    )
    return comments


def told(website: Website, kind: str) -> list[dict[str, Any]]:
    return [event for event in website.published if event["type"] == kind]


def test_the_check_of_the_account_reached_the_program_that_listens(website: Website) -> None:
    assert len(told(website, "check")) == 1


def test_a_push_that_is_not_ours_is_refused_by_the_program_that_listens(website: Website) -> None:
    forged = httpx.post(
        f"{website.url}/weerklank", content=b'{"id": "1"}', headers={"weerklank-signature": "t=1,v1=00"}
    )
    assert forged.status_code == 401
    assert {"id": "1"} not in website.published


def test_what_the_sites_server_posted_is_published_edited_and_withdrawn_and_its_answer_is_told(
    website: Website, api: httpx.Client
) -> None:
    until(lambda: [c["text"] for c in published(website)] == ["Komt de bak ook in mei en juni?"], seconds=30)
    (outcome,) = api.get("/reactions", params={"id": "c-1"}).json()
    body = {"text": "Ja, in beide maanden.", "seenMessageId": outcome["messageId"]}
    answer = api.post(f"/tickets/{outcome['ticketId']}/replies", json=body)
    assert answer.status_code == 201, answer.text
    until(lambda: told(website, "answer.published"), seconds=30)
    (event,) = told(website, "answer.published")
    assert (event["comment"], event["page"], event["text"]) == ("c-1", "node/12", "Ja, in beide maanden.")
    until(
        lambda: [a["text"] for c in published(website) for a in c["answers"]] == ["Ja, in beide maanden."], seconds=30
    )


def test_a_page_that_is_closed_takes_no_more(website: Website) -> None:
    address = f"{website.office.url}/sites/{website.key}"
    body = {"id": "x", "page": "node/3", "text": "Mag ik nog?"}
    assert httpx.post(f"{address}/comments", json=body, headers={"Origin": website.url}).status_code == 409


def test_a_visitor_of_the_page_comments_with_the_element_and_sees_the_answer(
    website: Website, api: httpx.Client, page: Page
) -> None:
    account = next(a for a in api.get("/accounts").json()["items"] if a["name"] == SITE.removeprefix("https://"))
    settings = api.get(f"/accounts/{account['id']}/settings").json()["settings"]
    quick = {"settings": {**settings, "min_seconds": 0}}  # nobody waits three seconds here
    changed = api.patch(f"/accounts/{account['id']}", json=quick, headers={"If-Match": "*"})
    assert changed.status_code == 200, changed.text
    page.goto(website.url)
    page.get_by_label("Uw reactie").fill("En in juli?")
    page.get_by_role("button", name="Verstuur mijn reactie").click()
    reference = page.locator("weerklank-comments .reference").inner_text()
    expect(page.get_by_role("listitem").filter(has_text="En in juli?")).to_be_visible(timeout=30_000)
    ticket = int(reference.split("-")[1])
    seen = api.get(f"/tickets/{ticket}/messages").json()[-1]["id"]
    assert api.post(f"/tickets/{ticket}/replies", json={"text": "Ook dan.", "seenMessageId": seen}).status_code == 201
    expect(page.locator("weerklank-comments .answer").filter(has_text="Ook dan.")).to_be_visible(timeout=60_000)


def test_who_has_no_script_finds_the_form_behind_the_link(website: Website) -> None:
    link = website.html().decode().partition('<a href="')[2].partition('"')[0]
    answer = httpx.get(link)
    assert answer.status_code == 200
    assert "Afval in 2026" in answer.text
