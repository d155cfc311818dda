import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.routing.facts import folded_subject, folded_text
from app.routing.words import SUBJECT_LIMIT, TEXT_LIMIT, fold, has_phrase


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Café  ÉÉN!", "cafe een"),
        ("Straße", "strasse"),
        ("e-mail: a.b@c.example", "e mail a b c example"),
        ("snake_case", "snake case"),
        ("Ñandú\t\n2026", "nandu 2026"),
        ("ﬁets", "fiets"),
        ("деревья", "деревья"),
        ("...!?", ""),
        ("", ""),
        ("İstanbul", "istanbul"),
        ("a\x00b", "a b"),
        ("\ud800x", "x"),
    ],
)
def test_words_are_folded_without_case_accents_or_punctuation(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_word_that_the_limit_would_cut_is_left_out() -> None:
    assert fold("boom kappen", 8) == "boom"
    assert fold("boom kappen", 11) == "boom kappen"
    assert fold("boom kap", 8) == "boom kap"


def test_a_character_that_unfolds_into_many_stays_within_the_limit() -> None:
    assert len(fold("\ufdfa" * 5_000)) <= TEXT_LIMIT


def test_the_two_texts_of_a_ticket_have_their_own_limits() -> None:
    assert len(folded_subject("woord " * 10_000)) <= SUBJECT_LIMIT
    assert len(folded_text("woord " * 10_000)) <= TEXT_LIMIT


@pytest.mark.parametrize(
    ("text", "phrase", "found"),
    [
        ("een boom kappen mag niet", "boom kappen", True),
        ("een boom kappen", "kappen", True),
        ("een boomstam", "boom", False),
        ("boom", "boom", True),
        ("boom omkappen", "boom kappen", False),
        ("kappen boom", "boom kappen", False),
    ],
)
def test_a_phrase_is_found_as_whole_words_in_order(text: str, phrase: str, found: bool) -> None:
    assert has_phrase(text, phrase) is found


@settings(deadline=None)
@given(st.text(), st.integers(1, 60))
def test_folding_is_bounded_stable_and_single_spaced(text: str, limit: int) -> None:
    folded = fold(text, limit)
    assert len(folded) <= limit
    assert folded == " ".join(folded.split())
    assert fold(folded, limit) == folded
