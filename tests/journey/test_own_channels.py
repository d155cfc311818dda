"""Our own channels walked in a real Chromium, by citizens and by employees, over a real Postfix: the form under a web page, and
what is entered by hand. Each is seen working to its end.
"""

from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from app import clock
from tests.journey.client import Citizen, text_of
from tests.journey.office import Office, answers

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>"


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


def test_a_call_is_noted_with_an_appointment_and_taken_off_the_list_after_calling_back(
    office: Office, clerk: Page
) -> None:
    clerk.goto(f"{office.url}/desk/enter?way=call")
    clerk.get_by_label("Telefoonnummer").fill("06 12345678")
    clerk.get_by_role("button", name="Zoek op wie dit is").click()
    expect(clerk.locator("#notices")).to_contain_text("Nog niemand heeft dit nummer")
    clerk.get_by_label("Naam").fill("Beller Voorbeeld")
    clerk.get_by_label("Wat er gezegd is").fill("De straatlantaarn voor de deur knippert.")
    clerk.get_by_label("Dag en tijd").fill(f"{clock.now() + timedelta(days=30):%Y-%m-%dT10:00}")
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
