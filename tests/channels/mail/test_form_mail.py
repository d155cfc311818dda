"""Mail that a website's form sends from the organisation's own address is the citizen's."""

import pytest

from app.channels.contract import MachineMark
from tests.channels.mail.reading import mail, part, parts, read, recorded

FORM = {"from": "Website Voorbeeldstad <info@voorbeeldstad.example>", "to": "info@voorbeeldstad.example"}


def test_the_citizen_in_reply_to_is_the_author() -> None:
    reaction = read(mail("De stoep ligt los.", reply_to="Sanne Voorbeeld <sanne@burger.example>", **FORM))
    assert (reaction.author.address, reaction.author.name) == ("sanne@burger.example", "Sanne Voorbeeld")
    assert reaction.on_behalf
    assert reaction.advice["form_sender"] == "info@voorbeeldstad.example"
    assert "reply_to_differs" not in reaction.advice


@pytest.mark.parametrize(
    ("text", "name", "address", "phone"),
    [
        (
            "Naam: Sanne Voorbeeld\nE-mail: sanne@burger.example\n\nBericht: de stoep",
            "Sanne Voorbeeld",
            "sanne@burger.example",
            "",
        ),
        (
            "Uw naam: Sanne\nE-mailadres: Sanne@Burger.example\nTelefoon: 06-00000000",
            "Sanne",
            "sanne@burger.example",
            "06-00000000",
        ),
        (
            "Name: Sanne\nEmail address: sanne@burger.example\nPhone number: +31 6 0000",
            "Sanne",
            "sanne@burger.example",
            "+31 6 0000",
        ),
        (
            "Voornaam: Sanne\nTussenvoegsel: van\nAchternaam: Voorbeeld\ne-mail: s@burger.example",
            "Sanne van Voorbeeld",
            "s@burger.example",
            "",
        ),
        (
            "First name: Sanne\nLast name: Voorbeeld\nYour email: s@burger.example",
            "Sanne Voorbeeld",
            "s@burger.example",
            "",
        ),
        ("E-mail\nsanne@burger.example\nNaam\nSanne Voorbeeld\n", "Sanne Voorbeeld", "sanne@burger.example", ""),
        ("*Naam:* Sanne\n*E-mail:* sanne@burger.example", "Sanne", "sanne@burger.example", ""),
        ("From: Sanne Voorbeeld <sanne@burger.example>\nSubject: stoep\n\nDe stoep", "", "sanne@burger.example", ""),
        ("- Naam : Sanne\n- E-mail : <sanne@burger.example>", "Sanne", "sanne@burger.example", ""),
    ],
)
def test_the_citizen_in_the_body_is_the_author(text: str, name: str, address: str, phone: str) -> None:
    reaction = read(mail(text, **FORM))
    assert (reaction.author.name, reaction.author.address) == (name, address)
    assert reaction.advice.get("phone", "") == phone
    assert reaction.on_behalf


def test_the_fields_may_stand_in_a_table_of_html() -> None:
    html = "<table><tr><td>Naam:</td><td>Sanne Voorbeeld</td></tr><tr><td>E-mail:</td><td>sanne@burger.example</td></tr></table>"
    reaction = read(mail(html, content_type="text/html", **FORM))
    assert (reaction.author.name, reaction.author.address) == ("Sanne Voorbeeld", "sanne@burger.example")


def test_a_form_sender_that_was_configured_counts_too() -> None:
    raw = mail("x", reply_to="sanne@burger.example", **{"from": "formulier@webbouwer.example"})
    assert read(raw).author.address == "sanne@burger.example"


def test_a_name_typed_in_the_form_is_used_when_reply_to_has_none() -> None:
    raw = mail("Naam: Sanne Voorbeeld", reply_to="sanne@burger.example", **FORM)
    assert read(raw).author.name == "Sanne Voorbeeld"


def test_an_address_of_ours_in_reply_to_is_not_the_citizen() -> None:
    raw = mail("E-mail: sanne@burger.example", reply_to="wmo@voorbeeldstad.example", **FORM)
    assert read(raw).author.address == "sanne@burger.example"


def test_a_strangers_mail_with_form_fields_keeps_its_sender() -> None:
    reaction = read(mail("E-mail: ander@elders.example\nNaam: Ander", reply_to="derde@elders.example"))
    assert reaction.author.address == "sanne@burger.example"
    assert not reaction.on_behalf


def test_without_a_citizen_the_sender_stays_and_it_is_told() -> None:
    reaction = read(mail("Er kwam iets binnen.", **FORM))
    assert reaction.author.address == "info@voorbeeldstad.example"
    assert "form_without_citizen" in reaction.advice
    assert not reaction.on_behalf


def test_a_form_mail_marked_as_made_by_a_program_is_marked_and_still_the_citizens() -> None:
    reaction = read(recorded("form_wordpress"))
    assert reaction.author.address == "sanne@burger.example"
    assert reaction.marks == {MachineMark.AUTO_GENERATED}
    assert "losse tegel" in reaction.text


def test_a_form_mail_is_not_taken_for_our_own_mail_whatever_its_id() -> None:
    reaction = read(mail("x", reply_to="sanne@burger.example", message_id="<abc@voorbeeldstad.example>", **FORM))
    assert reaction.author.address == "sanne@burger.example"


def test_what_the_citizen_wrote_is_never_folded_as_a_signature() -> None:
    text = "Bericht: de stoep ligt los\n\nMet vriendelijke groet\nSanne\nE-mail: sanne@burger.example"
    assert read(mail(text, **FORM)).folds == ()


def test_a_file_sent_by_the_form_comes_along() -> None:
    raw = parts(
        part("text/plain", "E-mail: sanne@burger.example"), part("application/pdf; name=foto.pdf", "%PDF-"), **FORM
    )
    assert [f.name for f in read(raw).attachments] == ["foto.pdf"]
