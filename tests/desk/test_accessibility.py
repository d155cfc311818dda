"""axe finds nothing on any page or state, in Dutch and in English; and what axe cannot see: focus, headings, targets."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from app.models import Agent, Ticket
from tests.desk.conftest import Served
from tests.desk.office import aside
from tests.servers.browser import axe_violations, lost_stops

PAGES = (
    "/desk", "/desk/queues/{streets}", "/desk/unassigned", "/desk/tickets", "/desk/tickets/{first}",
    "/desk/tickets/{first}?mode=note", "/desk/tickets/{first}/hand-over", "/desk/attention", "/desk/set-aside", "/desk/ledger",
    "/desk/accounts", "/desk/accounts/new?kind=mail", "/desk/accounts/{mailbox}", "/desk/search", "/desk/me", "/desk/rules",
    "/desk/templates", "/desk/templates/new", "/desk/organisation", "/desk/organisation/teams/{streets}",
    "/desk/organisation/agents/new", "/desk/organisation/themes/new",
)  # fmt: skip


@pytest.fixture
def full(served: Served) -> Served:
    """The busy desk with something set aside as well."""
    with served.desk.database.unit_of_work() as session:
        aside(session, served.desk.office)
    return served


def speak(served: Served, language: str) -> None:
    with served.desk.database.unit_of_work() as session:
        session.execute(update(Agent).values(language=language))


def addresses(served: Served) -> list[str]:
    office = served.desk.office
    return [
        served.url + a.format(streets=office.streets, first=office.tickets[0], mailbox=office.mailbox) for a in PAGES
    ]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_axe_finds_nothing_on_any_page(full: Served, page: Page, axe: str, language: str) -> None:
    speak(full, language)
    page.goto(f"{full.url}/desk/sign-in")
    found = axe_violations(page, axe)
    full.sign_in(page, full.desk.office.chief)
    for address in addresses(full):
        page.goto(address)
        found += [f"{address} {what}" for what in axe_violations(page, axe)]
    assert found == []


def test_axe_finds_nothing_in_states_that_one_comes_to(full: Served, page: Page, axe: str) -> None:
    full.sign_in(page, full.desk.office.chief)
    ticket = f"{full.url}/desk/tickets/{full.desk.office.tickets[0]}"
    found: list[str] = []
    page.goto(f"{full.url}/desk")
    page.keyboard.press("?")
    page.wait_for_selector("#keys:popover-open")
    found += axe_violations(page, axe)
    page.goto(ticket)
    page.get_by_role("button", name="Versturen").click()  # an empty answer
    page.wait_for_selector("#reply-problem")
    assert page.get_by_label("Uw antwoord").get_attribute("aria-invalid") == "true"
    found += axe_violations(page, axe)
    page.goto(f"{full.url}/desk/accounts/new?kind=mail")
    page.locator("#setting_address").fill("geen adres")
    page.locator("#name").fill("Proef")
    page.get_by_role("button", name="Bewaren").click()
    page.wait_for_selector("#setting_address-error")
    assert "setting_address-error" in (page.locator("#setting_address").get_attribute("aria-describedby") or "")
    found += axe_violations(page, axe)
    page.goto(f"{full.url}/desk/me?said=saved")
    found += axe_violations(page, axe)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{full.url}/desk/unassigned")
    page.get_by_role("button", name="Menu").click()
    found += axe_violations(page, axe)
    assert found == []


def test_every_tab_stop_shows_where_it_is_and_there_is_no_trap(full: Served, page: Page) -> None:
    full.sign_in(page, full.desk.office.chief)
    for address in addresses(full)[:6]:
        page.goto(address)
        assert page.locator("h1").count() == 1, address
        assert lost_stops(page) == [], address


def test_targets_are_large_enough_to_hit(full: Served, page: Page) -> None:
    full.sign_in(page, full.desk.office.chief)
    small = """() => [...document.querySelectorAll('button, select, input:not([type=hidden]), summary, .rail a, .chip[href]')]
      .filter((el) => { const b = el.getBoundingClientRect(); return b.width && (b.width < 24 || b.height < 24) && !el.matches('.modes input, input[type=radio], input[type=checkbox]'); })
      .map((el) => el.outerHTML.slice(0, 90))"""  # noqa: E501
    for address in addresses(full):
        page.goto(address)
        assert page.evaluate(small) == [], address


def test_a_list_of_many_rows_is_as_accessible(full: Served, page: Page, axe: str) -> None:
    with full.desk.database.unit_of_work() as session:
        for number in range(60):
            full.desk.office.arrives(session, f"Vraag nummer {number}", "Een korte vraag.")
        session.execute(update(Ticket).where(Ticket.id % 3 == 0).values(priority="high"))
    full.sign_in(page, full.desk.office.ada)
    page.goto(f"{full.url}/desk/unassigned")
    expect(page.locator(".tickets > li")).to_have_count(50)
    assert axe_violations(page, axe) == []
    page.get_by_role("link", name="Meer tonen").click()
    expect(page.locator(".tickets > li")).to_have_count(16)
