"""Dutch, English, or what the account speaks."""

import pytest

from app.intake import language


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("De lantaarn in mijn straat is al een week kapot, kan iemand er naar kijken?", "", "nl"),
        ("The street light in front of my house has been broken for a week.", "", "en"),
        ("Hallo", "", "nl"),
        ("", "", "nl"),
        ("Die Laterne ist kaputt", "de", "de"),
        ("The light is out and it has been for a week", "nl_NL", "nl"),
        ("anything", "EN-gb", "en"),
    ],
)
def test_the_service_goes_first_then_the_words_then_the_account(text: str, given: str, expected: str) -> None:
    assert language.of(text, given, "nl") == expected
