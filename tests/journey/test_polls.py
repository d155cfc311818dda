"""A poll walked in a real Chromium, over a real Postfix: on somebody else's website, by its link, and on invitation."""

import re

import httpx
from playwright.sync_api import Page, expect

from tests.journey.client import Citizen, text_of
from tests.journey.office import Office, answers
from tests.journey.website import Website
from tests.servers.browser import axe_violations
from tests.servers.mail import MailServers
from tests.until import until


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
