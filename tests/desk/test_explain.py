from typing import Any

import pytest

from app.desk.explain import Names, explain
from app.desk.sentences import SENTENCES
from app.desk.words import worder
from app.routing.decision import CODES
from app.vocabulary import Language
from app.web.i18n import translations

NAMES = Names({1: "Ada", 2: "Ben"}, {5: "Straten"}, {7: "Licht"}, worder(Language.DUTCH))
DUTCH = translations(Language.DUTCH).gettext


def english(text: str) -> str:
    return text


@pytest.mark.parametrize(
    ("check", "outcome"), [(c, o) for c, found in CODES.items() for o in found if o != "not_asked"]
)
def test_every_step_that_the_engine_can_write_has_a_sentence_in_both_languages(check: str, outcome: str) -> None:
    sentence = SENTENCES[(check, outcome)]
    assert DUTCH(sentence) != sentence
    wanted = set(CODES[check][outcome].params)
    for place in sentence.split("%(")[1:]:
        assert place.partition(")")[0] in wanted, "the sentence names a value that the step does not carry"


def test_a_decision_reads_as_sentences_with_names() -> None:
    trace: list[dict[str, Any]] = [
        {"check": "theme", "outcome": "by_rule", "params": {"theme": 7}},
        {"check": "presence", "outcome": "kept", "params": {"left": 1}, "dropped": [2]},
        {"check": "skills", "outcome": "not_asked", "params": {}},
        {"check": "preference", "outcome": "only_one", "params": {"agent": 1}},
    ]
    said = explain(trace, NAMES, english, owner=1, chosen=1, team=5, me=1)
    assert said.answer == "You have this ticket because you were the best fit of those who could take it."
    assert [line.text for line in said.lines] == [
        "The theme is Licht, by a rule.", "Is available right now: 1 left.", "Ada was the only one left.",
    ]  # fmt: skip
    assert said.lines[1].dropped == ("Ben",)
    assert [line.tone for line in said.lines] == ["key", "plain", "key"]


def test_a_ticket_that_waits_says_what_would_have_to_change() -> None:
    trace = [{"check": "nobody", "outcome": "hours", "params": {"next": "2026-11-25T08:00:00+00:00"}}]
    said = explain(trace, NAMES, english, team=5)
    assert said.answer == "Nobody got this ticket: it waits in the queue of Straten."
    assert said.lines[0].tone == "change"
    assert "the first comes in 2026-11-25T08:00:00+00:00" in said.lines[0].text


def test_a_choice_by_hand_is_not_told_as_the_engines() -> None:
    said = explain([], NAMES, DUTCH, owner=2, chosen=1, me=1)
    assert said.answer == "Ben heeft dit ticket omdat een collega dat koos, niet de verdeling."


@pytest.mark.parametrize(
    ("giver", "answer"),
    [
        (1, "You have this ticket because you took it yourself."),
        (2, "You have this ticket because a colleague chose so, not the routing."),
    ],
)
def test_who_took_it_is_told_so_and_who_was_given_it_as_well(giver: int, answer: str) -> None:
    assert explain([], NAMES, english, owner=1, chosen=None, team=5, me=1, giver=giver).answer == answer


def test_a_step_of_another_version_is_shown_by_its_names_and_a_lacking_value_as_a_dash() -> None:
    trace = [{"check": "moon", "outcome": "full", "params": {}}, {"check": "team", "outcome": "by_theme", "params": {}}]
    lines = explain(trace, NAMES, english).lines
    assert [line.text for line in lines] == ["moon: full", "The team is –, because the theme belongs to it."]
