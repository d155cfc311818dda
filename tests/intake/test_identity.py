"""When two reactions are one message."""

import pytest

from app.channels.contract import Author, Reaction
from app.intake import identity
from app.vocabulary import AddressKind

ANNA = Author(AddressKind.EMAIL, "anna@burger.example")


def reaction(external_id: str, digest: str = "", shared: bool = True) -> Reaction:
    return Reaction(external_id, ANNA, "text", digest=digest, shared=shared)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ((1, reaction("<a>", "d1")), (2, reaction("<a>", "d1")), True),
        ((1, reaction("<a>", "d1")), (1, reaction("<a>", "d2")), False),
        ((1, reaction("", "d1")), (2, reaction("", "d1")), True),
        ((1, reaction("<a>", "d1")), (1, reaction("<b>", "d1")), False),
        ((1, reaction("c1", shared=False)), (1, reaction("c1", shared=False)), True),
        ((1, reaction("c1", shared=False)), (2, reaction("c1", shared=False)), False),
        ((1, reaction("c1", "d1", False)), (1, reaction("c1", "d2", False)), False),
        ((1, reaction("ab", "c")), (1, reaction("a", "bc")), False),
    ],
)
def test_one_message_or_two(one: tuple[int, Reaction], other: tuple[int, Reaction], same: bool) -> None:
    assert (identity.of(*one) == identity.of(*other)) is same


def test_a_post_of_ours_is_never_taken_for_a_reaction() -> None:
    assert identity.of_post(1, "c1") != identity.of(1, reaction("c1", shared=False))
