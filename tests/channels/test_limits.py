"""What of a text is too much, in the channel's own counting."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.contract import Audience, Limits, Refused
from app.vocabulary import Visibility

EVERYBODY = Audience(True, {"nl": "Iedereen", "en": "Everybody"})
ONE = Audience(False, {"nl": "Alleen de afzender", "en": "Only the sender"})


def in_tens(text: str) -> Sequence[str]:
    if len(text) > 30:
        raise Refused("three posts is the most")
    return [text[start : start + 10] for start in range(0, len(text), 10)] or [""]


def test_a_text_that_fits_has_no_excess_and_without_a_limit_everything_fits() -> None:
    assert Limits(EVERYBODY, max_length=5).excess("vijf!") is None
    assert Limits(EVERYBODY).excess("x" * 100_000) is None


@given(st.text(max_size=60), st.integers(0, 40))
def test_what_stands_before_the_excess_fits_and_one_character_more_does_not(text: str, most: int) -> None:
    limits = Limits(EVERYBODY, max_length=most, measure=lambda part: len(part.encode()))
    at = limits.excess(text)
    if at is None:
        assert limits.measure(text) <= most
    else:
        assert limits.measure(text[:at]) <= most < limits.measure(text[: at + 1])


def test_a_text_that_may_be_split_is_too_long_only_where_splitting_ends() -> None:
    limits = Limits(EVERYBODY, max_length=10, parts=in_tens)
    assert (limits.excess("x" * 30), limits.posts("x" * 21)) == (None, 3)
    assert limits.excess("x" * 31) == 30
    assert Limits(EVERYBODY, max_length=10).posts("x" * 21) == 1


@pytest.mark.parametrize(
    ("visibility", "label"),
    [
        (Visibility.PUBLIC, "Everybody"),
        (Visibility.UNLISTED, "Everybody"),
        (Visibility.PRIVATE, "Only the sender"),
        (Visibility.DIRECT, "Only the sender"),
    ],
)
def test_a_private_answer_has_its_own_limits_and_audience(visibility: Visibility, label: str) -> None:
    limits = Limits(EVERYBODY, max_length=280, private=Limits(ONE, max_length=10_000))
    assert limits.seen(visibility).audience.labels["en"] == label
    assert Limits(ONE).seen(visibility).audience is ONE
