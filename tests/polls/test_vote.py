"""What was sent, held against the questions; and that every ballot made of it is one that the channel reads."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.polls.ballot import read
from app.polls.vote import Given, ballot, faults
from app.vocabulary import Language
from tests.polls.made import ASKED, view

RED = {"q1": ["o1"]}


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        (RED, []),
        ({}, [("q1", "unanswered")]),
        ({"q1": ["", "  "]}, [("q1", "unanswered")]),
        ({"q1": ["o1", "o2"]}, [("q1", "one_only")]),
        ({"q1": ["o1", "o1"]}, []),
        ({"q1": ["o3"]}, [("q1", "unknown")]),
        ({**RED, "q2": ["o1", "o2"]}, []),
        ({**RED, "q2": ["o1", "rood"]}, [("q2", "unknown")]),
        ({**RED, "q3": ["4"]}, [("q3", "unknown")]),
        ({**RED, "q3": ["1", "2"]}, [("q3", "one_only")]),
        ({**RED, "q4": ["x" * 5001]}, [("q4", "too_long")]),
        ({**RED, "q4": ["x" * 5000], "q9": ["x"]}, []),
    ],
)
def test_each_answer_is_held_against_its_question(values: dict[str, list[str]], wrong: list[tuple[str, str]]) -> None:
    assert [(fault.field, fault.code) for fault in faults(view(), Given("1", values))] == wrong


def test_a_poll_without_required_questions_wants_one_answer_at_least() -> None:
    free = view(ASKED[1:])
    assert [fault.code for fault in faults(free, Given("1"))] == ["nothing"]
    assert faults(free, Given("1", {"q4": ["Dag"]})) == []


@pytest.mark.parametrize(
    "email", ["geen adres", "a@b", "@voorbeeld.example", "a b@voorbeeld.example", "a@" + "x" * 260 + ".nl"]
)
def test_an_address_that_is_none_is_named(email: str) -> None:
    assert [fault.field for fault in faults(view(), Given("1", RED, email=email))] == ["email"]
    assert [fault.field for fault in faults(view(), Given("1", RED, name="x" * 201))] == ["name"]


def test_a_ballot_holds_what_was_chosen_and_written_and_nothing_else() -> None:
    sent = Given(
        "1", {**RED, "q2": ["o2", ""], "q4": ["  Een kraan.  "], "q9": ["x"]}, email=" bewoner@voorbeeld.example "
    )
    made = json.loads(ballot(view(), sent, Language.ENGLISH, "https://x.example/polls/park"))
    assert made["choices"] == {"q1": ["o1"], "q2": ["o2"]}
    assert made["answers"] == {"q4": {"question": "Anything else?", "text": "Een kraan."}}
    assert (made["title"], made["process"], made["email"]) == ("The park", "park-2026", "bewoner@voorbeeld.example")


TEXT = st.text(max_size=40)


@given(st.dictionaries(st.sampled_from(["q1", "q2", "q3", "q4", "q5"]), st.lists(TEXT, max_size=3)), TEXT, TEXT, TEXT)
def test_what_passes_is_a_ballot_that_the_channel_reads(
    values: dict[str, list[str]], name: str, email: str, website: str
) -> None:
    sent = Given("1", {**values, "q1": ["o1"]}, name=name, email=email, website=website)
    if faults(view(), sent):
        return
    found = read(ballot(view(), sent, Language.DUTCH, ""))
    assert found.choices["q1"] == ["o1"]
    assert set(found.choices) | set(found.answers) <= {"q1", "q2", "q3", "q4"}
