"""Our own mail coming back settles our delivery; a citizen's words are never taken for it."""

import dataclasses

import pytest

from app.channels.contract import MachineMark, OwnPost, Reaction
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


def test_the_form_of_our_keys_marks_it_whatever_a_list_made_of_reply_to() -> None:
    headers = {
        **OURS,
        "message_id": "<wk17.0123456789abcdef@voorbeeldstad.example>",
        "reply_to": "lijst@elders.example",
    }
    assert read_own(mail("x", **headers)).external_id == "<wk17.0123456789abcdef@voorbeeldstad.example>"


def test_our_mail_sent_round_by_a_list_in_its_own_name_is_marked_as_an_echo() -> None:
    headers = {"message_id": "<wk17.0123456789abcdef@voorbeeldstad.example>", "list_id": "<buurt.elders.example>"}
    reaction = read(mail("x", **headers, **{"from": "Voorbeeldstad via buurt <buurt@elders.example>"}))
    assert MachineMark.OWN_ECHO in reaction.marks


def test_a_stranger_with_an_id_like_ours_is_still_heard() -> None:
    reaction = read(mail("x", message_id="<wk17.0123456789abcdef@voorbeeldstad.example>"))
    assert reaction.marks == set()


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
