"""Citizens' pages in a real browser: the rules of axe on each, small screens, no script, and on a strict website elsewhere."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from app.vocabulary import Verdict
from tests.public.conftest import PAGE, SITE, TITLE, Town
from tests.servers.browser import axe_violations

FORM = f"/sites/{SITE}/pages/{PAGE}/form?title={TITLE}"


def pages(town: Town) -> dict[str, str]:
    answered, hidden = town.comments(), town.comments(text="Met een naam erin.")
    town.answers(town.ticket(answered))
    town.decides(town.ticket(hidden), Verdict.HIDE, "Er staat een naam in.")
    token = answered["status_url"].rpartition("/")[2]
    return {
        "start": "/", "statement": "/accessibility", "form": FORM, "example": "/example", "unknown": "/status/x",
        "receipt": f"/sites/{SITE}/receipts/{token}", "answered": f"/status/{token}", "added": f"/status/{token}?sent=1",
        "hidden": hidden["status_url"].removeprefix(town.url),
    }  # fmt: skip


def test_axe_finds_nothing_on_any_page_in_either_language(served: Town, page: Page, axe: str) -> None:
    found = {}
    for name, address in pages(served).items():
        for language in ("nl", "en"):
            page.goto(f"{served.url}{address}{'&' if '?' in address else '?'}lang={language}")
            if name == "example":
                expect(page.locator("weerklank-comments .answer")).to_be_visible()
            found[name, language] = axe_violations(page, axe)
            assert page.locator("h1").count() == 1
    assert {key: value for key, value in found.items() if value} == {}


def test_nothing_is_wider_than_a_small_screen(served: Town, page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 600})
    for name, address in pages(served).items():
        page.goto(served.url + address)
        if name == "example":
            expect(page.locator("weerklank-comments .answer")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name


@pytest.fixture
def without_script(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="nl-NL", java_script_enabled=False)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def test_without_script_a_comment_goes_the_whole_way(served: Town, without_script: Page) -> None:
    page = without_script
    page.goto(f"{served.url}/example?lang=nl")
    page.get_by_role("link", name="Reageer op deze pagina").click()
    page.get_by_label("Uw e-mailadres").fill("geen adres")
    page.get_by_label("Uw reactie").fill("Zonder script.")
    page.get_by_role("button", name="Verstuur mijn reactie").click()
    expect(page.get_by_role("alert")).to_contain_text("geen e-mailadres")
    expect(page.get_by_label("Uw reactie")).to_have_value("Zonder script.")
    page.get_by_label("Uw e-mailadres").fill("")
    page.get_by_role("button", name="Verstuur mijn reactie").click()
    expect(page.get_by_role("heading", name="Wij hebben uw reactie ontvangen")).to_be_visible()
    page.get_by_role("link", name="Open mijn statuspagina").click()
    expect(page.get_by_text("Zonder script.")).to_be_visible()
    page.get_by_label("Uw aanvulling").fill("Nog iets.")
    page.get_by_role("button", name="Versturen").click()
    expect(page.get_by_text("Nog iets.")).to_be_visible()


class Website(ThreadingHTTPServer):
    """Somebody's website, with a policy that allows Weerklank's address and nothing else."""

    def __init__(self, weerklank: str) -> None:
        super().__init__(("127.0.0.1", 0), Article)
        self.weerklank = weerklank

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.server_port}"


class Article(BaseHTTPRequestHandler):
    server: Website

    def do_GET(self) -> None:
        ours = self.server.weerklank
        policy = f"default-src 'none'; script-src {ours}; connect-src {ours}; frame-src {ours}"
        text = (
            f"<!doctype html><html lang=en><title>Elsewhere</title><h1>Elsewhere</h1>"
            f'<script type="module" src="{ours}/embed/weerklank-comments.js"></script>'
            f'<weerklank-comments site="{SITE}" page="{PAGE}" lang="en"></weerklank-comments>'
            f'<iframe title="Form" src="{ours}{FORM}"></iframe>'
        )
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keeps the test's output clean."""


@pytest.fixture
def website(served: Town) -> Iterator[Website]:
    server = Website(served.url)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_the_element_and_the_frame_work_on_a_strict_website_of_the_site(
    served: Town, website: Website, browser: Browser
) -> None:
    served.change_site(origins=[website.origin])
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    page.goto(website.origin)
    expect(page.locator("weerklank-comments #text-hint")).to_contain_text("At most 5,000 characters")
    assert page.locator("weerklank-comments .form").evaluate("form => getComputedStyle(form).borderTopWidth") == "1px"
    expect(page.frame_locator("iframe").get_by_role("heading", name="Leave a comment")).to_be_visible()
    page.evaluate("stamp => { document.querySelector('weerklank-comments').stamp = stamp }", served.stamp())
    page.locator("weerklank-comments #text").fill("From elsewhere.")
    page.locator("weerklank-comments button[type=submit]").click()
    expect(page.locator("weerklank-comments .reference")).to_contain_text("WK-")
    assert served.published()["count"] == 1
    assert [text for text in refused if "favicon" not in text] == []
    context.close()


def test_another_website_can_neither_post_nor_frame(served: Town, website: Website, browser: Browser) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(website.origin)
    expect(page.frame_locator("iframe").get_by_role("heading", name="Leave a comment")).to_have_count(0)
    page.locator("weerklank-comments #text").fill("From elsewhere.")
    page.locator("weerklank-comments button[type=submit]").click()
    expect(page.locator("weerklank-comments .notice")).to_be_visible()
    assert served.published()["count"] == 0
    context.close()
