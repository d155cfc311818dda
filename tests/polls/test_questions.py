"""What is wrong with a question is said all at once, and what is stored comes back the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.polls.questions import Question, QuestionKind, faults, question, read, written
from app.vocabulary import Language

NL, EN = Language.DUTCH, Language.ENGLISH
WORDS = {NL: "Kleur?", EN: "Colour?"}


def single(dutch: list[str], english: list[str]) -> Question:
    return question(1, QuestionKind.SINGLE, WORDS, options={NL: dutch, EN: english})


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ([], ["none"]),
        ([single(["Rood", "Groen"], ["Red", "Green"])], []),
        ([single(["Rood"], ["Red"])], ["options"]),
        ([single(["Rood", "Groen"], ["Red"])], ["options"]),
        ([single(["Rood", "Rood"], ["Red", "Green"])], ["options"]),
        ([single([str(n) for n in range(31)], [str(n) for n in range(31)])], ["options"]),
        ([question(1, QuestionKind.OPEN, {NL: "Wat?"})], ["empty"]),
        ([question(1, QuestionKind.OPEN, {NL: "x" * 301, EN: "x"})], ["too_long"]),
        ([question(1, QuestionKind.SCALE, WORDS, steps=1)], ["steps"]),
        ([question(1, QuestionKind.SCALE, WORDS, steps=11)], ["steps"]),
        ([question(n, QuestionKind.OPEN, WORDS) for n in range(21)], ["too_many"]),
    ],
)
def test_what_is_wrong_is_named(asked: list[Question], codes: list[str]) -> None:
    assert [fault.code for fault in faults(asked)] == codes


def test_a_scale_has_words_at_its_ends_only() -> None:
    made = question(1, QuestionKind.SCALE, WORDS, steps=3, options={NL: ["slecht", "goed"], EN: ["bad", "good"]})
    assert [option.nl for option in made.options] == ["1 – slecht", "2", "3 – goed"]
    assert [option.said(EN) for option in made.options] == ["1 – bad", "2", "3 – good"]
    assert made.keys == {"1", "2", "3"}


@given(
    st.sampled_from(QuestionKind), st.text(), st.text(), st.lists(st.text(), max_size=5), st.lists(st.text(), max_size=5),
    st.integers(0, 20), st.booleans(),
)  # fmt: skip
def test_what_is_stored_comes_back_the_same(
    kind: QuestionKind, nl: str, en: str, dutch: list[str], english: list[str], steps: int, required: bool
) -> None:
    options = {NL: dutch, EN: english}
    made = question(1, kind, {NL: nl, EN: en}, options=options, steps=steps, required=required)
    assert read(written([made])) == (made,)
    assert isinstance(faults([made]), list)
