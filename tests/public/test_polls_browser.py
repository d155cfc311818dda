"""Make, vote, close, result: by a colleague and by citizens in a real browser, by keyboard and without script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import update

from app.models import Agent
from app.polls.poll import listed
from app.web import cookie
from tests.public.conftest import Town
from tests.public.polling import Voter, closes, invites, makes, votes
from tests.servers.browser import axe_violations, lost_stops


@pytest.fixture
def plain(browser: Browser) -> Iterator[BrowserContext]:
    """A browser without script."""
    context = browser.new_context(locale="nl-NL", java_script_enabled=False)
    yield context
    context.close()


def sign_in(page: Page, town: Town) -> None:
    name = cookie.name(town.state.settings)
    page.context.add_cookies([{"name": name, "value": town.clerk.cookie, "url": town.url}])


def test_make_vote_close_result(served: Town, page: Page, plain: BrowserContext, axe: str) -> None:
    problems: list[str] = []
    sign_in(page, served)
    page.goto(f"{served.url}/desk")
    page.get_by_role("link", name="Peilingen").click()
    page.get_by_role("link", name="Nieuwe peiling").click()
    page.get_by_label("Titel in het Nederlands").fill("Het park")
    page.get_by_label("Titel in het Engels").fill("The park")
    page.get_by_label("Vraag in het Nederlands").fill("Welke kleur krijgt de bank?")
    page.get_by_label("Vraag in het Engels").fill("Which colour will the bench have?")
    page.get_by_label("Antwoorden in het Nederlands").fill("Rood\nGroen")
    page.get_by_label("Antwoorden in het Engels").fill("Red")
    page.get_by_role("button", name="Vraag toevoegen").click()
    second = page.get_by_role("region", name="Vraag 2")
    second.get_by_label("Vraag in het Nederlands").fill("Wat wilt u nog kwijt?")
    second.get_by_label("Vraag in het Engels").fill("Anything else?")
    second.get_by_label("Hoe men antwoordt").select_option("In eigen woorden")
    page.get_by_label("Titel in het Nederlands").press("Enter")  # the same as the button that saves
    expect(page.get_by_role("alert").first).to_contain_text("evenveel antwoorden")
    problems += axe_violations(page, axe)
    page.get_by_label("Antwoorden in het Engels").first.fill("Red\nGreen")
    page.get_by_role("button", name="Concept bewaren").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Het park")
    problems += axe_violations(page, axe)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Bekijken zoals kiezers haar zien").click()
    expect(opened.value.get_by_role("button", name="Verstuur mijn stem")).to_be_disabled()
    problems += axe_violations(opened.value, axe)
    page.get_by_role("button", name="Publiceren").click()
    address = page.get_by_role("link", name=f"{served.url}/polls/").get_attribute("href")
    assert address

    citizen = plain.new_page()  # by keyboard alone, and without script
    citizen.goto(address)
    citizen.get_by_label("Rood").focus()
    citizen.keyboard.press("ArrowDown")
    citizen.keyboard.press("Tab")
    citizen.keyboard.type("Graag ook een prullenbak.")
    for _ in range(3):
        citizen.keyboard.press("Tab")
    expect(citizen.get_by_role("button", name="Verstuur mijn stem")).to_be_focused()
    citizen.keyboard.press("Enter")
    expect(citizen.get_by_role("heading", name="Dank u wel voor uw stem")).to_be_visible()
    expect(citizen.get_by_role("link", name="/status/")).to_be_visible()

    page.reload()
    expect(page.get_by_text("tot de sluiting is de uitslag verborgen")).to_be_visible()
    problems += axe_violations(page, axe)
    page.get_by_text("Stemmen sluiten").click()
    problems += axe_violations(page, axe)
    page.get_by_role("button", name="Nu sluiten").click()
    expect(page.get_by_role("row", name="Groen")).to_contain_text("100%")
    page.get_by_label("Antwoord aan iedereen, in het Nederlands").fill("De bank wordt groen.")
    page.get_by_label("Antwoord aan iedereen, in het Engels").fill("The bench will be green.")
    page.get_by_role("button", name="Antwoord bewaren").click()
    citizen.goto(address)
    expect(citizen.get_by_text("De bank wordt groen.")).to_be_visible()
    expect(citizen.get_by_text("Niet representatief")).to_be_visible()
    expect(citizen.get_by_role("row", name="Groen")).to_contain_text("1 (100%)")
    assert problems == []


@pytest.mark.parametrize("language", ["nl", "en"])
def test_axe_finds_nothing_on_any_page_of_a_poll(served: Town, page: Page, axe: str, language: str) -> None:
    park, closed = (
        makes(served, intro_nl="Over het park.", intro_en="About the park."),
        makes(served, invited_only=True),
    )
    [token] = invites(served, closed)
    found: list[str] = []
    page.goto(f"{served.url}/polls/{park.key}?lang={language}")
    found += axe_violations(page, axe)
    page.locator("#email").fill("geen adres")
    page.locator("form .button").click()
    expect(page.locator("#faults")).to_be_focused()
    found += axe_violations(page, axe)
    page.locator("#email").fill("bewoner@voorbeeld.example")
    page.locator("#q1-o1").check()
    page.locator("#q4").fill("Dag")
    page.locator("form .button").click()
    page.wait_for_url("**/thanks/**")
    found += axe_violations(page, axe)
    page.goto(f"{served.url}/polls/{closed.key}?lang={language}")
    found += axe_violations(page, axe)
    Voter(served, closed, token).votes({"q1": "o1", "q3": "2"})
    closes(served, park)
    closes(served, closed)
    for key in (park.key, closed.key):
        page.goto(f"{served.url}/polls/{key}?lang={language}")
        found += axe_violations(page, axe)
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert found == []


def test_the_element_shows_a_poll_on_another_page_as_high_as_it_is(served: Town, page: Page) -> None:
    park = makes(served, origins=[served.url])
    host = f"""<!doctype html><html lang="nl"><script type="module" src="{served.url}/embed/weerklank-poll.js"></script>
      <weerklank-poll poll="{park.key}" label="Het park"><a href="{served.url}/polls/{park.key}">Stem</a></weerklank-poll>"""
    page.route(f"{served.url}/elders", lambda route: route.fulfill(body=host, content_type="text/html"))
    page.goto(f"{served.url}/elders")
    frame = page.frame_locator("iframe[title='Het park']")
    frame.get_by_label("Groen").check()
    page.wait_for_function("Number(document.querySelector('iframe').height) > 700")
    frame.get_by_role("button", name="Verstuur mijn stem").click()
    expect(frame.get_by_role("heading", name="Dank u wel voor uw stem")).to_be_visible()
    page.wait_for_function("Number(document.querySelector('iframe').height) < 500")
    expect(page.locator("iframe")).to_be_in_viewport()
    assert votes(served) == [("", False)]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_axe_finds_nothing_on_the_desks_pages_and_nothing_is_wider_than_a_telephone(
    served: Town, page: Page, axe: str, language: str
) -> None:
    paths = pages_of_the_desk(served)
    with served.database.unit_of_work() as session:
        session.execute(update(Agent).values(language=language))
    sign_in(page, served)
    found: list[str] = []
    for path in paths:
        page.goto(f"{served.url}/desk/polls{path}")
        assert page.locator("h1").count() == 1
        for closed in page.locator("details").all():
            closed.evaluate("details => details.open = true")
        found += [f"{path} {what}" for what in axe_violations(page, axe)]
        page.set_viewport_size({"width": 390, "height": 844})
        found += [f"{path} on a telephone: {what}" for what in axe_violations(page, axe)]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.evaluate(
            "[...document.querySelectorAll('.table-frame')].every(f => f.scrollWidth <= f.clientWidth)"
        ), path
        page.set_viewport_size({"width": 1280, "height": 900})
    expect(page.get_by_text("Niet representatief" if language == "nl" else "Not representative")).to_be_visible()
    page.goto(f"{served.url}/desk/polls{paths[4]}")
    page.locator("#how_many").press("Enter")
    expect(page.locator("#links")).to_be_visible()
    found += axe_violations(page, axe)
    assert found == []


def pages_of_the_desk(town: Town) -> list[str]:
    """The list, the form, a draft, its form, an open poll and a closed one with a vote set apart."""
    draft, park, closed = makes(town, published=False), makes(town, origins=[town.url]), makes(town)
    voter = Voter(town, closed)
    voter.votes({"q1": "o1", "q3": "2", "q4": "Graag een kraan."})
    voter.votes({"q1": "o1"})
    closes(town, closed)
    return ["", "/new", f"/{draft.id}", f"/{draft.id}/edit", f"/{park.id}", f"/{closed.id}"]


def test_the_focus_is_always_seen_and_never_caught(served: Town, page: Page) -> None:
    paths = [f"/desk/polls{path}" for path in pages_of_the_desk(served)]
    with served.database.read_only() as session:
        keys = [row.key for row in listed(session) if row.published_at]
    sign_in(page, served)
    for path in (*paths, *(f"/polls/{key}?lang=nl" for key in keys)):
        page.goto(f"{served.url}{path}")
        assert lost_stops(page) == [], path


def test_a_poll_is_made_by_keyboard_alone_and_without_script(served: Town, plain: BrowserContext) -> None:
    page = plain.new_page()
    sign_in(page, served)
    page.goto(f"{served.url}/desk/polls/new")
    page.locator("#title_nl").focus()
    for typed in ("Het park", "The park", "", "", "Welke kleur?", "Which colour?"):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.locator("#q1_kind").select_option("scale")
    page.keyboard.press("Tab")
    for typed in ("", "lelijk\nmooi", "ugly\nnice"):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Space")  # it must be answered
    page.keyboard.press("Tab")
    expect(page.locator("button[value=add]")).to_be_focused()
    page.locator("#title_nl").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Het park")
    page.get_by_role("button", name="Publiceren").press("Enter")
    address = page.get_by_role("link", name=f"{served.url}/polls/").get_attribute("href")
    page.goto(f"{address}?lang=nl")
    expect(page.get_by_label("5 – mooi")).to_be_visible()
