"""Staying signed in, and a connection that was lost, in a real Chromium."""

from datetime import timedelta
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect
from sqlalchemy import func, update

from app.models import Session as SessionRow
from tests.desk.conftest import Desk, Served, running
from tests.desk.test_browser import connected

WARNING = "#session-warning"


def test_two_minutes_before_the_silence_is_too_long_one_may_stay(served: Served, page: Page) -> None:
    idle = served.desk.state.settings.session_idle_minutes
    served.sign_in(page, served.desk.office.ada)
    page.clock.install()
    page.goto(f"{served.url}/desk")
    connected(page)
    page.clock.fast_forward((idle * 60 - 130) * 1000)
    expect(page.locator(WARNING)).to_be_hidden()
    page.clock.fast_forward(15_000)
    expect(page.locator(WARNING)).to_be_visible()
    with page.expect_response("**/desk/stay") as stayed:
        page.get_by_role("button", name="Ingelogd blijven").click()
    assert stayed.value.ok
    expect(page.locator(WARNING)).to_be_hidden()
    page.clock.fast_forward((idle * 60 - 130) * 1000)
    expect(page.locator(WARNING)).to_be_hidden()
    page.clock.fast_forward(15_000)
    expect(page.locator(WARNING)).to_be_visible()


def test_the_end_that_nothing_puts_off_is_told_as_such(served: Served, page: Page) -> None:
    with served.desk.database.unit_of_work() as session:
        session.execute(update(SessionRow).values(expires_at=func.now() + timedelta(minutes=10)))
    served.sign_in(page, served.desk.office.ada)
    page.clock.install()
    page.goto(f"{served.url}/desk")
    connected(page)
    page.clock.fast_forward(8 * 60_000 + 1_000)
    expect(page.locator(WARNING)).to_contain_text("opnieuw inloggen")
    expect(page.get_by_role("button", name="Ingelogd blijven")).to_be_hidden()
    page.get_by_role("button", name="In orde").click()
    expect(page.locator(WARNING)).to_be_hidden()


def test_what_happened_while_the_server_was_gone_appears_without_reloading(busy_desk: Desk, page: Page) -> None:
    with running(busy_desk) as first:
        first.sign_in(page, busy_desk.office.ada)
        page.goto(f"{first.url}/desk/unassigned")
        connected(page)
        page.evaluate("window.here = true")
    with busy_desk.database.unit_of_work() as session:
        busy_desk.office.arrives(session, "Kwam binnen in de stilte")
    with running(busy_desk, urlsplit(first.url).port):
        expect(page.get_by_role("link", name="Kwam binnen in de stilte")).to_be_visible(timeout=20_000)
        with busy_desk.database.unit_of_work() as session:
            busy_desk.office.arrives(session, "Kwam daarna")
        expect(page.get_by_role("link", name="Kwam daarna")).to_be_visible(timeout=10_000)
        assert page.evaluate("window.here") is True
