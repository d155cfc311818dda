"""The demo, running, as it is walked in a real Chromium: who sits at the desk, who visits, and what stands in its database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import text

from app.demo import town
from app.system import System
from tests.servers.mail import Mailbox
from tests.until import until


@dataclass(frozen=True)
class Office:
    """The running demo with a mailbox of its own, and what stands in its database."""

    url: str
    system: System
    browser: Browser
    box: Mailbox

    def ticket_with(self, words: str) -> int:
        """The ticket whose first reaction has these words, once it is there and routed."""
        query = text(
            "SELECT t.id FROM ticket t JOIN message m ON m.ticket_id = t.id "
            "WHERE m.kind = 'reaction' AND m.text LIKE '%' || :words || '%' AND t.team_id IS NOT NULL ORDER BY t.id DESC LIMIT 1"
        )

        def found() -> int:
            with self.system.database.read_only() as session:
                return session.scalar(query, {"words": words}) or 0

        return until(found, 30, 0.1, f"a ticket that says {words!r}")

    @contextmanager
    def visitor(self, address: str = "") -> Iterator[Page]:
        """Somebody's browser, with nothing in it; at `address` when one is given."""
        context = self.browser.new_context(locale="nl-NL", viewport={"width": 1280, "height": 900})
        context.set_default_timeout(20_000)
        try:
            page = context.new_page()
            if address:
                page.goto(address)
            yield page
        finally:
            context.close()


def signed_in(office: Office, email: str) -> BrowserContext:
    context = office.browser.new_context(locale="nl-NL", viewport={"width": 1280, "height": 900}, bypass_csp=True)
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(f"{office.url}/desk")
    page.get_by_label("E-mailadres").fill(email)
    page.get_by_label("Wachtwoord").fill(town.PASSWORD)
    page.get_by_role("button", name="Inloggen").click()
    expect(page.get_by_role("heading", name="Mijn werk")).to_be_visible(timeout=20_000)
    return context


def answers(office: Office, clerk: Page, ticket: int, words: str) -> None:
    """The clerk answers at the desk, and sees that it went out."""
    clerk.goto(f"{office.url}/desk/tickets/{ticket}")
    clerk.get_by_label("Uw antwoord").fill(words)
    clerk.get_by_role("button", name="Versturen").click()
    expect(clerk.locator(".message.ours").last).to_contain_text(words)
    expect(clerk.locator(".message.ours .delivery").last).to_contain_text("Verstuurd", timeout=20_000)
