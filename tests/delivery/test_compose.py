"""What the citizen gets to read, and what the channel gets to send."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.delivery.compose import compose
from app.delivery.facts import FileFacts, OutgoingFacts
from app.storage.keys import Keys
from app.tickets import reference
from app.tickets.filling import filled, unknown
from app.vocabulary import AddressKind, Language, MessageKind, Visibility

KEYS = Keys([b"k" * 32])
FACTS = OutgoingFacts(
    key="wk9.ab", action="send", payload={}, ticket_id=7, token_round=1, contact_id=3, kind=MessageKind.REPLY,
    text="Wij komen eraan.", title="Lantaarn", language=Language.DUTCH, visibility=Visibility.PRIVATE,
    organisation="Voorbeeldstad", signature="Team Straten", team="Straten", address_kind=AddressKind.EMAIL,
    address="een@bewoner.example", address_name="Bewoner Een", parent_id="<v@x>", root_id="<v@x>", chain=["<v@x>"],
    subject_key="", subject_title="", subject_url="", received_at=datetime(2026, 11, 24, tzinfo=UTC), frame=None,
    files=[FileFacts("kaart.png", "image/png", 3, "a" * 64, "De straat", inline=True)],
)  # fmt: skip
BASE = "https://weerklank.example"


def test_an_answer_by_mail_carries_the_organisation_the_reference_and_the_status_link() -> None:
    text = compose(FACTS, KEYS, BASE, lambda _: b"").text
    assert text.startswith("Wij komen eraan.\n\nMet vriendelijke groet,\nTeam Straten")
    assert reference.of(7) in text
    assert f"{BASE}/status/s-7-3-" in text


def test_the_frame_speaks_the_language_of_the_conversation() -> None:
    text = compose(replace(FACTS, language=Language.ENGLISH, signature=""), KEYS, BASE, lambda _: b"").text
    assert "Kind regards,\nVoorbeeldstad" in text


def test_an_organisations_own_frame_is_used() -> None:
    text = compose(replace(FACTS, frame="Beste {name},\n{answer}\n{onbekend}"), KEYS, BASE, lambda _: b"").text
    assert text == "Beste Bewoner Een,\nWij komen eraan.\n{onbekend}"


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.UNLISTED])
def test_a_public_answer_is_only_what_was_written_and_holds_no_token(visibility: Visibility) -> None:
    message = compose(replace(FACTS, visibility=visibility, copies=["x@y.example"]), KEYS, BASE, lambda _: b"")
    assert (message.text, message.reply_token, message.copies) == ("Wij komen eraan.", "", ())
    assert message.signed_by == "Straten"


def test_a_receipt_is_marked_as_automatic_and_not_framed_again() -> None:
    receipt = replace(FACTS, kind=MessageKind.RECEIPT, text="Ontvangen. {status_link} {name}")
    message = compose(receipt, KEYS, BASE, lambda _: b"")
    assert message.automatic
    assert message.text.startswith(f"Ontvangen. {BASE}/status/s-7-3-")
    assert message.text.endswith(" {name}")


def test_a_files_bytes_are_read_only_when_the_channel_opens_it() -> None:
    asked: list[str] = []

    def load(digest: str) -> bytes:
        asked.append(digest)
        return b"png"

    (file,) = compose(FACTS, KEYS, BASE, load).attachments
    assert asked == []
    assert (file.open(), file.alt, file.inline, asked) == (b"png", "De straat", True, ["a" * 64])


@given(st.text(), st.text())
def test_braces_in_somebodys_words_are_only_braces(before: str, words: str) -> None:
    safe = before.replace("{", "")
    assert filled(safe + "{answer}", {"answer": words + "{status_link}", "status_link": "GEHEIM"}) == (
        safe + words + "{status_link}"
    )


def test_a_slip_in_a_template_is_named() -> None:
    assert unknown("{answer} {anwser} { }", frozenset({"answer"})) == ["anwser", " "]
