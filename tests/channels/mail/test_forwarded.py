"""Group 15: a mail that a colleague forwards."""

# ruff: noqa: E501  (lines of mail are as long as they are)

import pytest

from tests.channels.mail.reading import mail, read

COLLEAGUE = {"from": "Kim <k.collega@voorbeeldstad.example>", "subject": "FW: Losse tegel"}
BLOCKS = {
    "outlook": "Van: Sanne Voorbeeld <sanne@burger.example>\nVerzonden: dinsdag 3 november 2026 10:12\nAan: Kim <k.collega@voorbeeldstad.example>\nOnderwerp: Losse tegel\n",
    "outlook english": "From: Sanne Voorbeeld <sanne@burger.example>\nSent: Tuesday, November 3, 2026 10:12 AM\nTo: Kim\nSubject: Losse tegel\n",
    "outlook bold": "*Van:* Sanne Voorbeeld <sanne@burger.example>\n*Verzonden:* dinsdag 3 november 2026 10:12\n*Aan:* Kim\n*Onderwerp:* Losse tegel\n",
    "gmail": "---------- Forwarded message ---------\nVan: Sanne Voorbeeld <sanne@burger.example>\nDate: di 3 nov 2026 om 10:12\nSubject: Losse tegel\nTo: <k.collega@voorbeeldstad.example>\n",
    "apple": "Begin doorgestuurd bericht:\n\nVan: Sanne Voorbeeld <sanne@burger.example>\nOnderwerp: Losse tegel\nDatum: 3 november 2026 om 10:12:00 CET\nAan: k.collega@voorbeeldstad.example\n",
    "thunderbird": "-------- Doorgestuurd bericht --------\nOnderwerp: \tLosse tegel\nDatum: \tTue, 3 Nov 2026 10:12:00 +0100\nVan: \tSanne Voorbeeld <sanne@burger.example>\nAan: \tk.collega@voorbeeldstad.example\n",
    "old outlook": "-----Oorspronkelijk bericht-----\nVan: Sanne Voorbeeld [mailto:sanne@burger.example]\nVerzonden: dinsdag 3 november 2026 10:12\nAan: Kim\nOnderwerp: Losse tegel\n",
}


@pytest.mark.parametrize("program", BLOCKS)
def test_the_first_sender_is_a_fact_and_the_colleague_stays_the_author(program: str) -> None:
    reaction = read(mail(f"Kun jij dit oppakken?\n\n{BLOCKS[program]}\nDe tegel ligt los.", **COLLEAGUE))
    assert reaction.author.address == "k.collega@voorbeeldstad.example"
    assert reaction.advice["forwarded_from"] == "Sanne Voorbeeld <sanne@burger.example>"


def test_a_forward_without_a_word_of_the_colleague_shows_the_mail_unfolded() -> None:
    reaction = read(mail(f"{BLOCKS['outlook']}\nDe tegel ligt los.", **COLLEAGUE))
    assert reaction.folds == ()


def test_what_a_colleague_passes_on_is_not_folded_away() -> None:
    reaction = read(mail(f"Kun jij dit oppakken?\n\n{BLOCKS['outlook']}\nDe tegel ligt los.", **COLLEAGUE))
    assert reaction.folds == ()


def test_a_strangers_forward_names_nobody() -> None:
    assert "forwarded_from" not in read(mail(BLOCKS["gmail"] + "\nx", subject="FW: x")).advice


def test_a_colleagues_answer_with_a_quote_is_no_forward() -> None:
    raw = mail(f"Akkoord.\n\n{BLOCKS['outlook']}\nx", **{**COLLEAGUE, "subject": "RE: Losse tegel"})
    assert "forwarded_from" not in read(raw).advice


@pytest.mark.parametrize("text", ["Van: de bewoners\nWij willen een park.", "Doorgestuurd: zie bijlage", ""])
def test_a_forward_without_a_header_block_names_nobody(text: str) -> None:
    assert "forwarded_from" not in read(mail(text, **COLLEAGUE)).advice
