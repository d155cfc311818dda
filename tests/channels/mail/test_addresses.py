"""Group 7: senders and recipients as they really come."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.channels.mail.addresses import Mailbox, mailboxes, normalised
from tests.channels.mail.reading import OWN, mail, read


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("jan@burger.example", [("", "jan@burger.example")]),
        ("Jan Voorbeeld <Jan@Burger.Example>", [("Jan Voorbeeld", "jan@burger.example")]),
        ('"Voorbeeld, Jan" <jan@burger.example>', [("Voorbeeld, Jan", "jan@burger.example")]),
        ("Voorbeeld, Jan <jan@burger.example>", [("Voorbeeld, Jan", "jan@burger.example")]),
        ("jan@burger.example (Jan Voorbeeld)", [("Jan Voorbeeld", "jan@burger.example")]),
        ("Jan < jan @ burger.example >", [("Jan", "jan@burger.example")]),
        ("Jan jan@burger.example", [("", "jan@burger.example")]),
        ("jan@burger.example>", [("", "jan@burger.example")]),
        ("J. van-der Meer_2 <jan@burger.example.>", [("J. van-der Meer_2", "jan@burger.example")]),
        ("Jan <jan@burger.example>>", [("Jan", "jan@burger.example")]),
        ("Jan <jan@burger.example", [("Jan", "jan@burger.example")]),
        ("<@a.example,@b.example:jan@burger.example>", [("", "jan@burger.example")]),
        ("mailto:jan@burger.example", [("", "jan@burger.example")]),
        ("a@x.example, b@x.example; c@x.example", [("", "a@x.example"), ("", "b@x.example"), ("", "c@x.example")]),
        ("undisclosed-recipients:;", []),
        ("Groep: a@x.example, B <b@x.example>;", [("", "a@x.example"), ("B", "b@x.example")]),
        ("Zoë <zoe@burger.example>", [("Zoë", "zoe@burger.example")]),
        ("jan@bürger.example", [("", "jan@bürger.example")]),
        ("Alleen een naam", [("Alleen een naam", "")]),
        ("'Jan' <jan@burger.example>", [("Jan", "jan@burger.example")]),
        ('"a@b.example" <c@d.example>', [("a@b.example", "c@d.example")]),
        ("", []),
        (",,,;;", []),
    ],
)
def test_addresses_are_found_whatever_is_round_them(written: str, found: list[tuple[str, str]]) -> None:
    assert mailboxes(written) == [Mailbox(name, address) for name, address in found]


@settings(deadline=None)
@given(st.text(max_size=300))
def test_reading_addresses_never_raises_and_gives_only_plain_ones(text: str) -> None:
    for box in mailboxes(text):
        assert "\n" not in box.name
        assert box.address == normalised(box.address)


@settings(deadline=None)
@given(st.text(alphabet='<>()",;: @ab.\\', max_size=200))
def test_no_pile_of_special_characters_breaks_it(text: str) -> None:
    assert all(" " not in box.address for box in mailboxes(text))


def test_without_a_from_nobody_is_the_author_and_it_is_told() -> None:
    reaction = read(mail(**{"from": ""}))
    assert reaction.author.address == ""
    assert "no_author" in reaction.advice


def test_without_a_readable_from_the_sender_header_counts() -> None:
    reaction = read(mail(sender="secretaris@vereniging.example", **{"from": "Bewoners van de Dijk"}))
    assert (reaction.author.name, reaction.author.address) == ("Bewoners van de Dijk", "secretaris@vereniging.example")


def test_of_several_authors_the_first_counts_and_the_others_are_told() -> None:
    reaction = read(mail(**{"from": "a@x.example, B <b@x.example>"}))
    assert reaction.author.address == "a@x.example"
    assert reaction.advice["several_authors"] == "b@x.example"


def test_a_display_name_that_shows_another_address_is_told() -> None:
    reaction = read(mail(**{"from": '"burgemeester@voorbeeldstad.example" <boef@elders.example>'}))
    assert reaction.author.address == "boef@elders.example"
    assert reaction.advice["name_shows_other_address"] == "burgemeester@voorbeeldstad.example"


def test_another_reply_address_is_told_and_not_taken_for_the_author() -> None:
    reaction = read(mail(reply_to="ander@elders.example"))
    assert reaction.author.address == "sanne@burger.example"
    assert reaction.advice["reply_to_differs"] == "ander@elders.example"


def test_a_malformed_reply_to_changes_nothing() -> None:
    assert "reply_to_differs" not in read(mail(reply_to="<<>>,;(")).advice


def test_recipients_are_those_of_the_mail_and_the_envelope() -> None:
    raw = mail(to="Info <INFO@voorbeeldstad.example>, iemand@elders.example", cc="kopie@elders.example")
    assert read(raw, recipient="<wmo@voorbeeldstad.example>").recipients == (
        "wmo@voorbeeldstad.example", "info@voorbeeldstad.example", "iemand@elders.example", "kopie@elders.example",
    )  # fmt: skip


def test_a_crowd_of_recipients_is_bounded_and_told() -> None:
    reaction = read(mail(to=", ".join(f"p{n}@elders.example" for n in range(1_000))))
    assert len(reaction.recipients) == 200
    assert reaction.advice["many_recipients"] == "1000"


def test_no_from_is_ever_verified() -> None:
    assert not read(mail()).author.verified
    assert not read(mail(**{"from": "chef@voorbeeldstad.example"}), OWN).author.verified
