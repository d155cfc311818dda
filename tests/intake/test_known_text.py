"""Our own words found back in answers to them."""

from hypothesis import given
from hypothesis import strategies as st

from app.channels.incoming import Fold
from app.intake import known_text

OURS = (
    "Geachte mevrouw,\n\nDank voor uw bericht over de lantaarn in de Dorpsstraat. Wij hebben de aannemer gevraagd om deze"
    " week te komen kijken.\n\nMet vriendelijke groet,\nGemeente Voorbeeldstad"
)


def folded(text: str, *ours: str) -> list[str]:
    return [text[f.start : f.end] for f in known_text.find(text, ours or (OURS,))]


def test_a_quoted_answer_is_found_although_it_was_wrapped_and_marked() -> None:
    quote = (
        "> Geachte mevrouw,\n>\n> Dank voor uw bericht over de lantaarn in de\n> Dorpsstraat. Wij hebben de aannemer\n"
        "> gevraagd om deze week te komen kijken.\n"
    )
    [found] = folded(f"Dank u wel, maar hij doet het nog niet.\n\n{quote}")
    assert found.startswith("> Dank voor uw bericht over de")
    assert found.endswith("deze week te komen kijken.")


def test_what_the_author_wrote_between_the_quotes_stays() -> None:
    text = (
        "> Dank voor uw bericht over de lantaarn in de Dorpsstraat.\nDat was niet mijn straat!\n"
        "> Wij hebben de aannemer gevraagd om deze week te komen kijken.\n"
    )
    assert len(folded(text)) == 2
    assert not any("niet mijn straat" in found for found in folded(text))


def test_a_few_words_that_we_used_too_are_the_authors_own() -> None:
    assert folded("Met vriendelijke groet,\nJanneke\n") == []


def test_nothing_of_ours_folds_nothing() -> None:
    assert folded("Er ligt afval in de berm naast het fietspad bij de brug over de vaart.") == []


def test_folds_of_the_parser_go_first() -> None:
    assert known_text.merged([Fold(0, 10, "quote")], [Fold(5, 20, "our_words"), Fold(30, 40, "our_words")]) == [
        Fold(0, 10, "quote"),
        Fold(30, 40, "our_words"),
    ]


@given(st.text(), st.lists(st.text(), max_size=3))
def test_every_fold_lies_within_the_text(text: str, ours: list[str]) -> None:
    end = 0
    for fold in known_text.find(text, ours):
        assert end <= fold.start < fold.end <= len(text)
        end = fold.end
