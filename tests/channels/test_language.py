"""Dutch or English, or nothing when nobody could tell."""

import pytest

from app.channels.language import guess_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wanneer wordt de stoep in de Lindelaan hersteld?", "nl"),
        ("Ik ben tegen de kap van de bomen aan de Dijk.", "nl"),
        ("When will the pavement in our street be repaired?", "en"),
        ("I am against the felling of the trees.", "en"),
        ("Wann wird der Bürgersteig repariert werden?", ""),
        ("Prima plan!", ""),
        ("ok", ""),
        ("", ""),
        ("Kaufhaus Straßenbahn Rathaus Bürgermeister", ""),
        ("Mijn vraag: where is the, waar is het?", ""),
        ("🚲🚲🚲 12345 !!! ???", ""),
    ],
)
def test_the_commonest_words_tell_the_language(text: str, language: str) -> None:
    assert guess_language(text) == language


def test_a_long_text_costs_no_more_than_its_beginning() -> None:
    assert guess_language("de stoep is los en dat is niet goed " * 100_000) == "nl"
