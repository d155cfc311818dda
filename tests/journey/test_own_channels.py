"""Our own channels walked in a real Chromium, by citizens and by employees, over a real Postfix: the form under a web page, a
poll on somebody else's website, and what is entered by hand. Each is seen working to its end.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import text

from app.demo import town
from app.settings import Settings
from app.system import System, open_system
from tests.journey.client import Citizen, text_of
from tests.journey.hall import environment, mail_account
from tests.servers.browser import axe_violations
from tests.servers.mail import Mailbox, MailServers
from tests.servers.ports import free_port
from tests.servers.weerklank import running
from tests.until import until

LONG = 90  # seconds: a process and a database start first, on a machine that may be busy
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>"


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


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, browser: Browser, mail_servers: MailServers) -> Iterator[Office]:
    folder, port = tmp_path_factory.mktemp("own-channels"), free_port()
    settings = Settings(
        data=folder / "data", port=port, public_url=f"http://127.0.0.1:{port}", undo_seconds=0.2, poll_seconds=1,
        sweep_seconds=0.3, password_cost="low",
    )  # fmt: skip
    with running(["serve", "--demo"], environment(settings), folder / "serve") as program:
        until(lambda: "Weerklank:" in program.output or not program.alive, LONG, 0.1, "Weerklank serves")
        assert program.alive, program.log
        with open_system(settings, name="weerklank own channels") as system:
            box = mail_servers.mailbox()
            mail_account(system, mail_servers, box, name="Post van Voorbeeldstad")
            yield Office(settings.base_url, system, browser, box)
        assert program.stop(60) == 0, program.log


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


@pytest.fixture(scope="module")
def clerk(office: Office) -> Iterator[Page]:
    context = signed_in(office, town.CLERK)
    yield context.pages[0]
    context.close()


@pytest.fixture(scope="module")
def lead(office: Office) -> Iterator[Page]:
    """Whoever may make polls."""
    context = signed_in(office, town.ADMIN)
    yield context.pages[0]
    context.close()


@pytest.fixture
def citizen(mail_servers: MailServers) -> Citizen:
    return Citizen(mail_servers)


class Website:
    """Somebody else's website, at another host than ours, with one page."""

    def __init__(self) -> None:
        outer = self
        self.html = ""

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(f"<!doctype html><html lang=nl><title>Buurtblad</title>{outer.html}".encode())

            def log_message(self, *_: object) -> None:
                """Nothing in the output of the tests."""

        self._server = ThreadingHTTPServer(("localhost", 0), Answer)
        self.url = f"http://localhost:{self._server.server_address[1]}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def website() -> Iterator[Website]:
    site = Website()
    yield site
    site.stop()


def answers(office: Office, clerk: Page, ticket: int, words: str) -> None:
    """The clerk answers at the desk, and sees that it went out."""
    clerk.goto(f"{office.url}/desk/tickets/{ticket}")
    clerk.get_by_label("Uw antwoord").fill(words)
    clerk.get_by_role("button", name="Versturen").click()
    expect(clerk.locator(".message.ours").last).to_contain_text(words)
    expect(clerk.locator(".message.ours .delivery").last).to_contain_text("Verstuurd", timeout=20_000)


def test_a_comment_under_a_web_page_is_answered_under_it(office: Office, clerk: Page) -> None:
    with office.visitor(f"{office.url}/example?lang=nl") as visitor:
        visitor.get_by_label("Uw reactie").fill("Waar kan ik een tweede groene bak lenen?")
        visitor.locator("weerklank-comments").get_by_label("Uw naam").fill("Een bewoner")
        visitor.wait_for_timeout(3_100)  # written by a person: what is sent sooner is held for a look
        visitor.get_by_role("button", name="Verstuur mijn reactie").click()
        expect(visitor.get_by_role("heading", name="Wij hebben uw reactie ontvangen")).to_be_visible()
        ticket = office.ticket_with("tweede groene bak lenen")
        clerk.goto(f"{office.url}/desk/tickets/{ticket}")
        expect(clerk.locator("#thread")).to_contain_text("Waar kan ik een tweede groene bak lenen?")
        answers(office, clerk, ticket, "Bij het milieupark, van juni tot en met augustus.")
        visitor.reload()
        expect(visitor.locator("weerklank-comments .answer")).to_contain_text("Bij het milieupark")


def made(office: Office, lead: Page, title: str, origin: str = "", *, invited: bool = False) -> str:
    """A poll with a choice and a written answer, made and published at the desk; its address there."""
    lead.goto(f"{office.url}/desk/polls")
    lead.get_by_role("link", name="Nieuwe peiling").click()
    lead.get_by_label("Titel in het Nederlands").fill(title)
    lead.get_by_label("Titel in het Engels").fill(f"{title} (English)")
    lead.get_by_label("Vraag in het Nederlands").fill("Welke kleur krijgt de bank?")
    lead.get_by_label("Vraag in het Engels").fill("Which colour?")
    lead.get_by_label("Antwoorden in het Nederlands").fill("Rood\nGroen")
    lead.get_by_label("Antwoorden in het Engels").fill("Red\nGreen")
    lead.get_by_role("button", name="Vraag toevoegen").click()
    second = lead.get_by_role("region", name="Vraag 2")
    second.get_by_label("Hoe men antwoordt").select_option("In eigen woorden")
    expect(second.get_by_label("Antwoorden in het Nederlands")).to_be_hidden()  # written answers have no options
    second.get_by_label("Vraag in het Nederlands").fill("Wat wilt u nog kwijt?")
    second.get_by_label("Vraag in het Engels").fill("Anything else?")
    lead.get_by_label("Websites die haar in een kader mogen tonen").fill(origin)
    lead.get_by_label("Alleen op uitnodiging").set_checked(invited)
    lead.get_by_role("button", name="Concept bewaren").last.click()
    lead.get_by_role("button", name="Publiceren").click()
    expect(lead.get_by_text("Open om te stemmen")).to_be_visible()
    return lead.url.partition("?")[0]


def closed(lead: Page, at_the_desk: str) -> None:
    lead.goto(at_the_desk)
    lead.get_by_text("Stemmen sluiten").click()
    lead.get_by_role("button", name="Nu sluiten").click()
    expect(lead.get_by_text("Gesloten")).to_be_visible()


def test_a_poll_on_another_website_from_making_it_to_its_result(
    office: Office, clerk: Page, lead: Page, citizen: Citizen, website: Website
) -> None:
    desk = made(office, lead, "De bank bij de vijver", website.url)
    lead.get_by_label("Postbus die antwoorden mailt").select_option("Post van Voorbeeldstad")
    lead.get_by_role("button", name="Bewaren", exact=True).click()
    lead.get_by_text("Op een website zetten").click()
    website.html = lead.locator("pre.code").inner_text()
    address = lead.get_by_role("link", name=f"{office.url}/polls/").get_attribute("href") or ""

    with office.visitor(website.url) as visitor:  # in a frame, with script, leaving an address
        frame = visitor.frame_locator("iframe[title='De bank bij de vijver']")
        frame.get_by_label("Groen").check()
        frame.get_by_label("Wat wilt u nog kwijt?").fill("Komt er ook een prullenbak bij?")
        frame.get_by_label("Uw e-mailadres").fill(citizen.address)
        frame.get_by_role("button", name="Verstuur mijn stem").click()
        expect(frame.get_by_role("heading", name="Dank u wel voor uw stem")).to_be_visible()
    with office.visitor(f"{address}?lang=nl") as visitor:  # by the link, leaving nothing
        visitor.get_by_label("Rood").check()
        visitor.get_by_label("Wat wilt u nog kwijt?").fill("Liever een schommelbank.")
        visitor.get_by_role("button", name="Verstuur mijn stem").click()
        status = visitor.locator("a.address").get_attribute("href") or ""
        visitor.goto(f"{address}?lang=nl")
        expect(visitor.get_by_role("heading", name="U hebt al gestemd")).to_be_visible()
        visitor.get_by_role("link", name="Iemand anders in huis").click()
        visitor.get_by_label("Rood").check()
        visitor.get_by_role("button", name="Verstuur mijn stem").click()
        expect(visitor.get_by_text("apart geteld")).to_be_visible()

        hidden = httpx.get(f"{address}/published", timeout=20).json()
        assert not {"votes", "result", "apart"} & set(hidden)
        clerk.goto(desk)
        expect(clerk.get_by_text("Verborgen tot het stemmen is gesloten.")).to_be_visible()
        expect(clerk.locator(".poll-result")).to_have_count(0)

        expect(clerk.get_by_role("link", name="Komt er ook een prullenbak bij?")).to_be_visible()

        by_mail = office.ticket_with("Komt er ook een prullenbak bij?")
        answers(office, clerk, by_mail, "Ja, naast de bank.")
        about = clerk.get_by_role("link", name="De bank bij de vijver – Wat wilt u nog kwijt?")
        assert about.get_attribute("href") == address
        mail = citizen.gets("Ja, naast de bank.")
        assert office.box.address.partition("@")[0] in str(mail["Reply-To"])
        citizen.replies(mail, "Fijn, dank u wel.")
        until(lambda: "Fijn, dank u wel." in _thread(clerk, office, by_mail), 30, 0.5, "the answer to our mail")

        by_link = office.ticket_with("Liever een schommelbank.")
        answers(office, clerk, by_link, "Een schommel past niet op die plek.")
        visitor.goto(status)
        expect(visitor.get_by_text("Een schommel past niet op die plek.")).to_be_visible()

        closed(lead, desk)
        lead.get_by_label("Antwoord aan iedereen, in het Nederlands").fill("De bank wordt groen, met een prullenbak.")
        lead.get_by_label("Antwoord aan iedereen, in het Engels").fill("The bench will be green, with a bin.")
        lead.get_by_role("button", name="Antwoord bewaren").click()
        expect(lead.get_by_text("Niet representatief")).to_be_visible()
        visitor.goto(f"{address}?lang=nl")
        expect(visitor.get_by_text("De bank wordt groen, met een prullenbak.")).to_be_visible()
        expect(visitor.get_by_text("Niet representatief")).to_be_visible()
        expect(visitor.get_by_text("3 stemmen")).to_be_visible()
        expect(visitor.get_by_text("zonder de apart gezette: 2")).to_be_visible()
        expect(visitor.get_by_role("row", name="Rood")).to_contain_text("1 (50%)")
        expect(visitor.get_by_text("Nog eens met dezelfde uitnodiging of uit dezelfde browser: 1")).to_be_visible()
        visitor.goto(f"{address}?lang=en")
        expect(visitor.get_by_text("Not representative")).to_be_visible()
        expect(visitor.get_by_text("The bench will be green, with a bin.")).to_be_visible()
    with office.visitor(website.url) as visitor:  # where it was shown, the result is shown
        frame = visitor.frame_locator("iframe[title='De bank bij de vijver']")
        expect(frame.get_by_text("Niet representatief")).to_be_visible()


def _thread(page: Page, office: Office, ticket: int) -> str:
    page.goto(f"{office.url}/desk/tickets/{ticket}")
    return page.locator("#thread").inner_text()


def test_a_website_that_a_poll_does_not_name_cannot_show_it(office: Office, lead: Page, website: Website) -> None:
    made(office, lead, "Alleen op onze eigen site", "https://www.voorbeeldstad.example")
    key = (lead.get_by_role("link", name=f"{office.url}/polls/").get_attribute("href") or "").rpartition("/")[2]
    script = f'<script type="module" src="{office.url}/embed/weerklank-poll.js"></script>'
    website.html = f'{script}<weerklank-poll poll="{key}" lang="nl" label="Peiling"></weerklank-poll>'
    with office.visitor() as visitor:
        with visitor.expect_event("console", lambda said: "frame-ancestors" in said.text):
            visitor.goto(website.url)
        expect(visitor.frame_locator("iframe").get_by_role("button")).to_have_count(0)


def test_an_invitation_votes_once_and_only_then_the_result_is_called_representative(office: Office, lead: Page) -> None:
    desk = made(office, lead, "Onder genodigden", invited=True)
    address = lead.get_by_role("link", name=f"{office.url}/polls/").get_attribute("href") or ""
    lead.get_by_label("Hoeveel").fill("2")
    lead.get_by_role("button", name="Uitnodigingen maken").click()
    links = lead.get_by_label("2 links").input_value().split()
    assert len(set(links)) == 2
    with office.visitor(f"{address}?lang=nl") as visitor:
        expect(visitor.get_by_role("heading", name="Op uitnodiging")).to_be_visible()
        for link in links:
            visitor.goto(f"{link}?lang=nl")
            visitor.get_by_label("Groen").check()
            visitor.get_by_role("button", name="Verstuur mijn stem").click()
            expect(visitor.get_by_role("heading", name="Dank u wel voor uw stem")).to_be_visible()
        visitor.goto(f"{links[0]}?lang=nl")
        expect(visitor.get_by_role("heading", name="U hebt al gestemd")).to_be_visible()
        expect(visitor.get_by_role("link", name="Iemand anders in huis")).to_have_count(0)
        closed(lead, desk)
        visitor.goto(f"{address}?lang=nl")
        expect(visitor.get_by_text("2 stemmen")).to_be_visible()
        expect(visitor.get_by_text("Niet representatief")).to_have_count(0)


def test_invitations_go_by_mail_once_and_what_bounces_is_seen(
    office: Office, lead: Page, mail_servers: MailServers, axe: str
) -> None:
    first, second = Citizen(mail_servers), Citizen(mail_servers)
    desk = made(office, lead, "Per mail uitgenodigd", invited=True)
    lead.get_by_label("Mailadressen").fill(
        f"naam;adres\nEen;{first.address}\nTwee;{second.address}\nDrie;niemand@burgers.example"
    )
    lead.get_by_label("Wat u boven de link zegt").fill("Wij horen graag wat u vindt.")
    lead.get_by_label("Postbus die ze verstuurt").select_option("Post van Voorbeeldstad")
    lead.get_by_role("button", name="Uitnodigingen mailen").click()
    links = []
    for citizen in (first, second):
        mail = citizen.gets("Wij horen graag wat u vindt.")
        assert mail["Subject"] == "Uitnodiging: Per mail uitgenodigd"
        found = re.search(rf"{office.url}/polls/\S+/i/\S+", text_of(mail))
        assert found
        links.append(found[0])
    assert len(set(links)) == 2
    with office.visitor(links[0]) as visitor:
        visitor.get_by_label("Groen").check()
        visitor.get_by_role("button", name="Verstuur mijn stem").click()
        expect(visitor.get_by_role("heading", name="Dank u wel voor uw stem")).to_be_visible()

    def came_back() -> bool:
        lead.goto(desk)
        return lead.get_by_text("Verstuurd: 2. Onderweg: 0. Niet aangekomen: 1.").count() == 1

    until(came_back, 60, 0.5, "the bounce at the desk")
    lead.get_by_text("Welke niet aankwamen").click()
    expect(lead.get_by_text("niemand@burgers.example:")).to_be_visible()
    assert axe_violations(lead, axe) == []
    lead.get_by_label("Mailadressen").fill(f"{first.address}, {second.address}")
    lead.get_by_role("button", name="Uitnodigingen mailen").click()
    expect(lead.get_by_text("Verstuurd: 2. Onderweg: 0. Niet aangekomen: 1.")).to_be_visible()
    assert len(first.inbox()) == 1


def test_a_call_is_noted_with_an_appointment_and_taken_off_the_list_after_calling_back(
    office: Office, clerk: Page
) -> None:
    clerk.goto(f"{office.url}/desk/enter?way=call")
    clerk.get_by_label("Telefoonnummer").fill("06 12345678")
    clerk.get_by_role("button", name="Zoek op wie dit is").click()
    expect(clerk.locator("#notices")).to_contain_text("Nog niemand heeft dit nummer")
    clerk.get_by_label("Naam").fill("Beller Voorbeeld")
    clerk.get_by_label("Wat er gezegd is").fill("De straatlantaarn voor de deur knippert.")
    clerk.get_by_label("Dag en tijd").fill("2099-06-01T10:00")
    clerk.get_by_label("Waar op te letten").fill("Niet voor tienen bellen.")
    clerk.get_by_role("button", name="Bewaar en open").click()
    expect(clerk.locator("#thread")).to_contain_text("De straatlantaarn voor de deur knippert.")
    clerk.goto(f"{office.url}/desk/call-backs")
    line = clerk.get_by_role("listitem").filter(has_text="Beller Voorbeeld")
    expect(line).to_contain_text("Niet voor tienen bellen.")
    expect(line).to_contain_text("06 12345678")
    line.get_by_text("Wat het werd").click()
    line.get_by_label("Notitie voor het gesprek").fill("Morgen komt er een monteur.")
    line.get_by_role("button", name="Gesproken", exact=True).click()
    expect(clerk.get_by_role("listitem").filter(has_text="Beller Voorbeeld")).to_have_count(0)
    clerk.goto(f"{office.url}/desk/tickets/{office.ticket_with('knippert')}")
    expect(clerk.locator("#thread")).to_contain_text("Morgen komt er een monteur.")


def test_a_letter_comes_in_with_its_scan_and_is_answered_by_mail(
    office: Office, clerk: Page, citizen: Citizen, tmp_path: Path
) -> None:
    scan = tmp_path / "brief.pdf"
    scan.write_bytes(PDF)
    clerk.goto(f"{office.url}/desk/enter?way=letter")
    clerk.get_by_label("Scan van de brief").set_input_files(scan)
    clerk.get_by_label("Naam").fill("Schrijver Voorbeeld")
    clerk.get_by_label("Mailadres").fill(citizen.address)
    clerk.get_by_label("Onderwerp").fill("Een brief over het pad")
    clerk.get_by_label("Wat erin staat, in het kort").fill("Vraagt wanneer het pad wordt opgehoogd.")
    clerk.get_by_role("button", name="Bewaar en open").click()
    expect(clerk.locator("#thread")).to_contain_text("brief.pdf")
    ticket = office.ticket_with("wanneer het pad wordt opgehoogd")
    answers(office, clerk, ticket, "Het pad wordt in april opgehoogd.")
    assert "Het pad wordt in april opgehoogd." in text_of(citizen.gets("Het pad wordt in april opgehoogd."))


def test_who_came_to_the_counter_and_left_nothing_is_answered_there_and_that_is_noted(
    office: Office, clerk: Page
) -> None:
    clerk.goto(f"{office.url}/desk/enter?way=counter")
    clerk.get_by_label("Naam").fill("Bezoeker Voorbeeld")
    clerk.get_by_label("Wat er gezegd is").fill("Vraagt om een kaart van de wandelroutes.")
    clerk.get_by_label("Welke balie").fill("stadhuis")
    clerk.get_by_role("button", name="Bewaar en open").click()
    expect(clerk.locator("#thread")).to_contain_text("Vraagt om een kaart van de wandelroutes.")
    ticket = clerk.url
    expect(clerk.get_by_label("Uw antwoord")).to_have_count(0)  # nothing leads to them, and the page does not pretend
    clerk.get_by_label("Uw notitie").fill("Kaart meegegeven.")
    clerk.get_by_role("button", name="Notitie toevoegen").click()
    expect(clerk.locator("#thread")).to_contain_text("Kaart meegegeven.")
    clerk.goto(ticket)
    clerk.get_by_label("Status").select_option("solved")
    clerk.locator("#side-facts").get_by_role("button", name="Bewaren").click()
    expect(clerk.locator(".chip", has_text="Opgelost").first).to_be_visible()
