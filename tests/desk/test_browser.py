"""The desk in a real Chromium, with script."""

import re

from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select

from app.models import Delivery, Draft, Ticket
from tests.desk.conftest import Served
from tests.until import until
from tests.web.made import PASSWORD


def connected(page: Page) -> None:
    """Wait until the event stream is open."""
    page.wait_for_selector("body[data-connected]")


def test_from_signing_in_to_an_answer_on_its_way(served: Served, page: Page) -> None:
    page.goto(f"{served.url}/desk")
    page.get_by_label("E-mailadres").fill(served.desk.office.ada.email)
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    page.get_by_role("button", name="Inloggen").click()
    expect(page.get_by_role("heading", name="Mijn werk")).to_be_visible()
    page.get_by_role("link", name="Niet toegewezen").click()
    page.get_by_role("link", name="Straatnaambord is weg").click()
    page.get_by_role("button", name="Pakken").click()
    expect(page.locator("#side-owner")).to_contain_text("Ada Voorbeeld")
    page.get_by_label("Uw antwoord").fill("Wij hangen volgende week een nieuw bord op.")
    page.get_by_role("button", name="Versturen").click()
    expect(page.locator(".message.ours")).to_contain_text("nieuw bord")
    with served.desk.database.read_only() as session:
        assert session.scalar(select(Delivery.state)) == "waiting"


def test_a_new_ticket_appears_in_the_list_without_reloading(served: Served, page: Page) -> None:
    desk = served.desk
    served.sign_in(page, desk.office.ada)
    page.goto(f"{served.url}/desk/unassigned")
    connected(page)
    page.evaluate("window.here = true")
    with desk.database.unit_of_work() as session:
        desk.office.arrives(session, "Kapotte bank in het park")
    expect(page.get_by_role("link", name="Kapotte bank in het park")).to_be_visible(timeout=5_000)
    assert page.evaluate("window.here") is True
    expect(page.locator(".rail .count").nth(1)).to_contain_text("7")


def test_a_row_under_the_cursor_stays_where_it_is_until_the_cursor_leaves(served: Served, page: Page) -> None:
    desk = served.desk
    served.sign_in(page, desk.office.ada)
    page.goto(f"{served.url}/desk/unassigned")
    connected(page)
    row = page.locator(".tickets > li").nth(2)
    row.hover()
    before, subject = row.bounding_box(), row.locator(".subject").inner_text()
    with desk.database.unit_of_work() as session:
        desk.office.arrives(session, "Dringend: boom op de weg", priority="urgent", rank=0)
    expect(page.locator("#show-held")).to_be_visible(timeout=5_000)
    assert row.bounding_box() == before
    assert row.locator(".subject").inner_text() == subject
    page.mouse.move(5, 5)
    expect(page.get_by_role("link", name="Dringend: boom op de weg")).to_be_visible()


def test_a_new_reaction_appears_in_the_thread_and_typing_goes_on(served: Served, page: Page) -> None:
    desk, ticket = served.desk, served.desk.office.tickets[0]
    served.sign_in(page, desk.office.ada)
    page.goto(f"{served.url}/desk/tickets/{ticket}")
    connected(page)
    box = page.get_by_label("Uw antwoord")
    box.focus()
    page.keyboard.type("Ik zoek het uit.")
    top = box.bounding_box()
    with desk.database.unit_of_work() as session:
        desk.office.writes_again(session, ticket, "De lamp knippert nu ook nog.")
    expect(page.get_by_text("De lamp knippert nu ook nog.")).to_be_visible(timeout=5_000)
    expect(box).to_be_focused()
    expect(box).to_have_value("Ik zoek het uit.")
    assert top is not None
    now = box.bounding_box()
    assert now is not None
    assert abs(now["y"] - top["y"]) < 3
    expect(page.locator("#spoken")).to_have_text("Nieuwe reactie")


def test_the_send_guard_shows_what_is_new_and_keeps_the_text(served: Served, page: Page) -> None:
    desk, ticket = served.desk, served.desk.office.tickets[0]
    served.sign_in(page, desk.office.ada)
    page.route("**/desk/events*", lambda route: route.abort())  # a stale screen: nothing arrives by itself
    page.goto(f"{served.url}/desk/tickets/{ticket}")
    page.get_by_label("Uw antwoord").fill("Het is al gemaakt.")
    with desk.database.unit_of_work() as session:
        desk.office.writes_again(session, ticket, "Laat maar, het werkt weer!")
    page.get_by_role("button", name="Versturen").click()
    expect(page.locator("#missed")).to_contain_text("Laat maar, het werkt weer!")
    expect(page.get_by_label("Uw antwoord")).to_have_value("Het is al gemaakt.")
    page.get_by_role("button", name="Versturen").click()
    expect(page.locator(".message.ours")).to_contain_text("Het is al gemaakt.")


def test_an_answer_can_be_called_back_and_is_a_draft_again(served: Served, page: Page) -> None:
    desk, ticket = served.desk, served.desk.office.tickets[0]
    object.__setattr__(desk.state.settings, "undo_seconds", 30.0)
    served.sign_in(page, desk.office.ada)
    page.goto(f"{served.url}/desk/tickets/{ticket}")
    page.get_by_label("Uw antwoord").fill("Te snel verstuurd.")
    page.get_by_role("button", name="Versturen").click()
    expect(page.locator(".toast")).to_contain_text("Uw antwoord gaat uit over")
    page.locator(".toast").get_by_role("button", name="Ongedaan maken").click()
    expect(page.get_by_label("Uw antwoord")).to_have_value("Te snel verstuurd.")
    with desk.database.read_only() as session:
        assert session.scalar(select(Delivery.state)) == "cancelled"


def test_a_whole_ticket_takes_three_keys_and_one_more_calls_the_answer_back(served: Served, page: Page) -> None:
    """Besides the words themselves: n takes it, r opens the answer, Ctrl+Enter sends."""
    object.__setattr__(served.desk.state.settings, "undo_seconds", 60.0)
    served.sign_in(page, served.desk.office.ada)
    page.goto(f"{served.url}/desk")
    page.keyboard.press("n")
    page.wait_for_url(re.compile(r"/desk/tickets/\d+"))
    connected(page)
    page.keyboard.press("r")
    page.keyboard.type("Wij kijken ernaar.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message.ours")).to_contain_text("Wij kijken ernaar.")
    connected(page)
    page.keyboard.press("z")
    expect(page.get_by_label("Uw antwoord")).to_have_value("Wij kijken ernaar.")
    connected(page)
    page.evaluate("document.dispatchEvent(new CustomEvent('desk:renewed', { detail: { fresh: [] } }))")
    expect(page.locator(".for-reply [data-news]")).to_be_hidden()


def test_a_draft_is_saved_while_typing_and_is_there_after_reloading(served: Served, page: Page) -> None:
    desk, ticket = served.desk, served.desk.office.tickets[0]
    served.sign_in(page, desk.office.ada)
    page.goto(f"{served.url}/desk/tickets/{ticket}")
    page.get_by_label("Uw antwoord").fill("Half af")
    expect(page.locator(".for-reply [data-saved]")).to_have_text("Concept bewaard")
    page.reload()
    expect(page.get_by_label("Uw antwoord")).to_have_value("Half af")


def test_what_is_typed_while_the_server_is_away_survives_and_is_saved_later(served: Served, page: Page) -> None:
    desk, ticket = served.desk, served.desk.office.tickets[0]
    served.sign_in(page, desk.office.ada)
    page.goto(f"{served.url}/desk/tickets/{ticket}")
    page.context.set_offline(True)
    page.get_by_label("Uw antwoord").fill("Geschreven in de tunnel")
    expect(page.locator(".for-reply [data-saved]")).to_contain_text("In deze browser bewaard")
    page.context.set_offline(False)

    def saved() -> bool:
        with desk.database.read_only() as session:
            return session.scalar(select(Draft.text)) == "Geschreven in de tunnel"

    until(saved, saying="the draft reaches the server")


def test_what_one_could_not_save_is_not_there_for_who_signs_in_next(served: Served, page: Page) -> None:
    ticket = served.desk.office.tickets[0]
    box = page.get_by_label("Uw antwoord")
    served.sign_in(page, served.desk.office.ada)
    page.goto(f"{served.url}/desk/tickets/{ticket}")
    page.route("**/draft", lambda route: route.abort())
    box.fill("Half antwoord van Ada.")
    expect(page.locator(".for-reply [data-saved]")).to_contain_text("In deze browser bewaard")
    served.sign_in(page, served.desk.office.ben)
    page.goto(f"{served.url}/desk/tickets/{ticket}")
    expect(box).to_have_value("")
    served.sign_in(page, served.desk.office.ada)
    page.goto(f"{served.url}/desk/tickets/{ticket}")
    expect(box).to_have_value("Half antwoord van Ada.")


def test_a_newer_draft_from_another_computer_is_not_overwritten_by_what_this_browser_kept(
    served: Served, page: Page
) -> None:
    desk, ticket = served.desk, served.desk.office.tickets[0]
    box, state = page.get_by_label("Uw antwoord"), page.locator(".for-reply [data-saved]")
    served.sign_in(page, desk.office.ada)
    page.goto(f"{served.url}/desk/tickets/{ticket}")
    box.fill("Eerste zin.")
    expect(state).to_have_text("Concept bewaard")
    page.route("**/draft", lambda route: route.abort())
    box.fill("Eerste zin. In de trein geschreven.")
    expect(state).to_contain_text("In deze browser bewaard")
    elsewhere = desk.client(desk.office.ada).post(f"/desk/tickets/{ticket}/draft", data={"text": "Thuis herschreven."})
    assert elsewhere.status_code == 200
    page.reload()
    expect(box).to_have_value("Thuis herschreven.")
    page.unroute("**/draft")  # not before: what was kept is tried again every few seconds
    notice = page.locator(".for-reply [data-older]")
    expect(notice).to_contain_text("Eerste zin. In de trein geschreven.")
    notice.get_by_role("button", name="Aan het concept toevoegen").click()
    expect(notice).to_be_hidden()
    expect(box).to_be_focused()
    expect(box).to_have_value("Thuis herschreven.\n\nEerste zin. In de trein geschreven.")
    expect(state).to_have_text("Concept bewaard")
    page.reload()
    expect(box).to_have_value("Thuis herschreven.\n\nEerste zin. In de trein geschreven.")
    expect(notice).to_be_hidden()


def test_a_draft_that_arrived_without_an_answer_is_still_ones_own(served: Served, page: Page) -> None:
    ticket = served.desk.office.tickets[0]
    box, state = page.get_by_label("Uw antwoord"), page.locator(".for-reply [data-saved]")
    served.sign_in(page, served.desk.office.ada)
    page.goto(f"{served.url}/desk/tickets/{ticket}")

    def arrives_unanswered(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/draft", arrives_unanswered)
    box.fill("Eerste zin.")
    expect(state).to_contain_text("In deze browser bewaard")
    page.route("**/draft", lambda route: route.abort())
    box.fill("Eerste zin. Tweede zin.")
    page.wait_for_function("JSON.stringify(localStorage).includes('Tweede zin.')")
    page.reload()
    expect(box).to_have_value("Eerste zin. Tweede zin.")
    expect(page.locator(".for-reply [data-older]")).to_be_hidden()


def test_the_desk_can_be_walked_with_the_keyboard_alone(served: Served, page: Page) -> None:
    served.sign_in(page, served.desk.office.ada)
    page.goto(f"{served.url}/desk")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Naar de inhoud")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".tickets .subject").nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Gat in het fietspad")
    connected(page)
    page.keyboard.press("r")
    expect(page.get_by_label("Uw antwoord")).to_be_focused()
    page.keyboard.type("We komen eraan.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message.ours")).to_contain_text("We komen eraan.")
    connected(page)
    page.keyboard.press("n")
    expect(page.locator("#side-owner")).to_contain_text("Ada Voorbeeld")
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Gat in het fietspad")


def test_single_keys_do_nothing_when_switched_off(served: Served, page: Page) -> None:
    served.sign_in(page, served.desk.office.ada)
    page.goto(f"{served.url}/desk/me")
    page.get_by_label("Losse toetsen doen iets").uncheck()
    page.get_by_role("button", name="Bewaren").click()
    page.goto(f"{served.url}/desk")
    page.keyboard.press("j")
    expect(page.locator(".tickets .subject").first).not_to_be_focused()


def test_no_page_asks_for_anything_that_the_content_policy_forbids(served: Served, browser: Browser) -> None:
    context = browser.new_context(locale="nl-NL")
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    served.sign_in(page, served.desk.office.chief)
    office = served.desk.office
    for address in (
        "/desk",
        "/desk/tickets",
        f"/desk/tickets/{office.tickets[0]}",
        "/desk/accounts",
        "/desk/ledger",
        "/desk/me",
    ):
        page.goto(served.url + address)
        connected(page)
    context.close()
    assert said == []


def test_narrow_screens_need_no_sideways_scrolling(served: Served, browser: Browser) -> None:
    context = browser.new_context(locale="nl-NL", viewport={"width": 390, "height": 844})
    page = context.new_page()
    served.sign_in(page, served.desk.office.chief)
    office = served.desk.office
    ticket = f"/desk/tickets/{office.tickets[0]}"
    others = ("/desk/ledger", "/desk/accounts/new?kind=mail", "/desk/accounts", "/desk/organisation", "/desk/rules")
    for address in ("/desk", "/desk/unassigned", "/desk/tickets", ticket, *others):
        page.goto(served.url + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name=re.compile("Mijn werk"))).to_be_visible()
    context.close()


def test_the_whole_way_works_without_script(served: Served, browser: Browser) -> None:
    context = browser.new_context(locale="nl-NL", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served.url}/desk")
    page.get_by_label("E-mailadres").fill(served.desk.office.ben.email)
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    page.get_by_role("button", name="Inloggen").click()
    page.get_by_role("button", name="Pak het volgende ticket").click()
    page.get_by_label("Tekstblok").select_option("Groet")
    page.get_by_label("Uw antwoord").fill("Dank voor uw bericht.")
    page.get_by_role("button", name="Invoegen").click()
    expect(page.get_by_label("Uw antwoord")).to_have_value(
        re.compile("Dank voor uw bericht.\n\nMet vriendelijke groet")
    )
    page.get_by_role("button", name="Versturen").click()
    expect(page.locator(".message.ours")).to_contain_text("Dank voor uw bericht.")
    with served.desk.database.read_only() as session:
        owned = session.scalars(select(Ticket.agent_id).where(Ticket.agent_id == served.desk.office.ben.id)).all()
        assert len(owned) == 1
    context.close()
