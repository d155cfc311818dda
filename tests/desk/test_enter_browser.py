"""Cards of an evening typed in one after the other in a real Chromium, with the keyboard alone; and axe on these pages."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update

from app import clock
from app.models import Agent, CallBack, Contact, Ticket, TicketTag
from tests.desk.conftest import Served
from tests.servers.browser import axe_violations

CARDS = 12  # forty in a row, as forms, are in test_enter.py


def by_tag(served: Served, tag: str) -> int:
    with served.desk.database.read_only() as session:
        return session.scalar(select(func.count()).select_from(TicketTag).where(TicketTag.tag == tag)) or 0


def test_cards_in_a_row_without_the_mouse(served: Served, page: Page) -> None:
    served.sign_in(page, served.desk.office.ada)
    page.goto(f"{served.url}/desk/enter?way=meeting&meeting=buurtavond")
    for number in range(1, CARDS + 1):
        expect(page.locator("#text")).to_be_focused()
        page.keyboard.insert_text(f"Kaart {number}: meer bomen in de straat")
        if number % 2:
            page.keyboard.press("Control+Enter")
        else:
            page.keyboard.press("Tab")
            page.keyboard.insert_text(f"Bewoner {number}")
            page.keyboard.press("Enter")
        expect(page.locator("#notices")).to_contain_text(f"Nummer {number} in deze reeks.")
    assert by_tag(served, "buurtavond") == CARDS
    with served.desk.database.read_only() as session:
        assert session.scalar(select(Contact.name).where(Contact.name == f"Bewoner {CARDS}"))


def test_pressing_twice_enters_once(served: Served, page: Page) -> None:
    served.sign_in(page, served.desk.office.ada)
    page.goto(f"{served.url}/desk/enter?way=meeting&meeting=eens")
    page.keyboard.insert_text("Een kaart")
    page.evaluate(
        "const f = document.querySelector('form[data-cards]'), b = f.querySelector('[data-next]');"
        "f.requestSubmit(b); f.requestSubmit(b);"
    )
    expect(page.locator("#notices")).to_contain_text("Nummer 1 in deze reeks.")
    assert by_tag(served, "eens") == 1


def test_a_number_is_looked_up_by_pressing_enter_in_it(served: Served, page: Page) -> None:
    served.sign_in(page, served.desk.office.ada)
    page.goto(f"{served.url}/desk/enter")
    expect(page.locator("#phone")).to_be_focused()
    page.keyboard.insert_text("06 12345678")
    page.keyboard.press("Enter")
    expect(page.locator("#notices")).to_contain_text("Nog niemand heeft dit nummer")
    expect(page.locator("#phone")).to_have_value("06 12345678")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_axe_finds_nothing_on_these_pages(served: Served, page: Page, axe: str, language: str) -> None:
    with served.desk.database.unit_of_work() as session:
        session.execute(update(Agent).values(language=language))
        first = session.scalars(select(Ticket.id).order_by(Ticket.id).limit(1)).one()
        session.add(CallBack(ticket_id=first, at=clock.now() - timedelta(hours=1), agent_id=served.desk.office.ada.id))
    served.sign_in(page, served.desk.office.chief)
    found: list[str] = []
    for address in (
        "enter",
        "enter?way=letter",
        "enter?way=counter",
        "enter?way=meeting",
        "call-backs",
        f"tickets/{first}/call",
    ):
        page.goto(f"{served.url}/desk/{address}")
        found += [f"{address} {what}" for what in axe_violations(page, axe)]
    page.goto(f"{served.url}/desk/enter")
    page.locator("button[value=open]").click()
    expect(page.locator("#text-error")).to_be_visible()
    found += [f"refused {what}" for what in axe_violations(page, axe)]
    assert found == []
