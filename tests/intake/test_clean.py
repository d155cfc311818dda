"""What PostgreSQL cannot hold is replaced, one for one; the rest stays."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.contract import Author, Reaction
from app.channels.incoming import Fold
from app.intake import clean
from app.vocabulary import AddressKind

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@given(st.text(alphabet=st.characters(codec=None)))
def test_every_text_can_be_stored(text: str) -> None:
    stored = clean.text(text)
    stored.encode("utf-8")
    assert "\x00" not in stored
    assert len(stored) == len(text)


@pytest.mark.parametrize(
    ("claimed", "expected"),
    [
        (None, None),
        (NOW, NOW),
        (NOW - timedelta(days=100), NOW - timedelta(days=100)),
        (datetime(2099, 1, 1, tzinfo=UTC), NOW + timedelta(days=1)),
        (datetime(1970, 1, 1, tzinfo=UTC), NOW - timedelta(days=365 * 5)),
        (datetime(2026, 11, 24, 10), NOW - timedelta(hours=2)),  # noqa: DTZ001  (that is the case tried)
    ],
)
def test_absurd_dates_are_clamped(claimed: datetime | None, expected: datetime | None) -> None:
    assert clean.when(claimed, NOW) == expected


@given(st.lists(st.tuples(st.integers(-5, 50), st.integers(-5, 50)), max_size=6))
def test_folds_are_in_order_and_within_the_text(pairs: list[tuple[int, int]]) -> None:
    kept = clean.folds([Fold(max(a, 0), b, "quote") for a, b in pairs], 30)
    end = 0
    for fold in kept:
        assert end <= fold.start < fold.end <= 30
        end = fold.end


def test_a_hostile_reaction_keeps_its_shape() -> None:
    given_ = Reaction(
        external_id="<a\x00@b>" + "x" * 2_000,
        author=Author(AddressKind.EMAIL, "a\ud800@b", "Jan\r\nBcc: all\x00" * 50),
        text="a\x00b",
        title="one\r\ntwo",
        folds=[Fold(0, 9_999, "quote")],
        advice={"spf": "fail\x00"},
    )
    cleaned = clean.reaction(given_)
    assert cleaned.text == "a�b"
    assert cleaned.title == "one two"
    assert "\n" not in cleaned.author.name
    assert len(cleaned.author.name) <= clean.NAME
    assert len(cleaned.external_id) == clean.IDENTIFIER
    assert cleaned.folds == [Fold(0, 3, "quote")]
    assert cleaned.advice == {"spf": "fail�"}
