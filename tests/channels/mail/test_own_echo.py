"""Our own mail coming back settles our delivery; a citizen's words are never taken for it."""

import dataclasses

import pytest

from app.channels.contract import OwnPost, Reaction
from tests.channels.mail.reading import OWN, mail, read, read_all, read_own

OURS = {
    "from": "Voorbeeldstad <info@voorbeeldstad.example>",
    "to": "sanne@burger.example",
    "reply_to": "Voorbeeldstad <info+mfrgg@voorbeeldstad.example>",
    "message_id": "<d-17@voorbeeldstad.example>",
    "in_reply_to": "<1@burger.example>",
    "references": "<0@burger.example> <1@burger.example>",
}


def test_the_copy_of_an_answer_is_our_own_post() -> None:
    post = read_own(mail("Wij komen donderdag.", **OURS))
    assert (post.external_id, post.parent_id) == ("<d-17@voorbeeldstad.example>", "<1@burger.example>")
    assert post.text == "Wij komen donderdag."
    assert post.references == ("<1@burger.example>", "<0@burger.example>")


def test_the_copy_of_an_automatic_mail_is_our_own_post() -> None:
    headers = {**OURS, "reply_to": "", "auto_submitted": "auto-replied", "x_auto_response_suppress": "All"}
    assert read_own(mail("Ontvangen.", **headers)).external_id == "<d-17@voorbeeldstad.example>"


def test_a_reply_address_made_for_answers_marks_it_too() -> None:
    own = dataclasses.replace(OWN, reply_template="antwoord-{token}@post.example")
    assert isinstance(read_all(mail("x", **{**OURS, "reply_to": "antwoord-k7@post.example"}), own)[0], OwnPost)


@pytest.mark.parametrize(
    "change",
    [
        {"from": "k.collega@voorbeeldstad.example"},  # a colleague's own mail program
        {"message_id": "<x@elders.example>"},
        {"reply_to": "sanne@burger.example"},  # a form
        {"reply_to": ""},
        {"from": "sanne@burger.example"},
    ],
)
def test_anything_less_is_a_reaction(change: dict[str, str]) -> None:
    (only,) = read_all(mail("x", **{**OURS, **change}))
    assert isinstance(only, Reaction)


def test_a_citizens_answer_to_our_mail_is_a_reaction_with_our_key_as_candidate() -> None:
    reaction = read(mail("Dank u", to=OURS["reply_to"], in_reply_to=OURS["message_id"]))
    assert reaction.tokens == ("mfrgg", "d-17")
