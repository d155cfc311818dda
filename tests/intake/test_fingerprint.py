"""Which texts count as the same."""

import pytest

from app.channels.incoming import Fold
from app.intake import fingerprint

ARGUMENT = (
    "Wij zijn tegen de kap van de lindebomen langs de Vaartweg, omdat zij de wijk koelte geven\n"
    "en omdat er geen plan ligt voor nieuwe bomen van vergelijkbare grootte in de straat."
)


def test_greeting_name_and_layout_do_not_matter() -> None:
    one = f"Geacht college,\n\n{ARGUMENT}\n\nHoogachtend,\nA. Bewoner"
    other = f"Beste raad\n\n{ARGUMENT.upper()}\r\n\r\nB. Buurman\nVaartweg 12"
    assert fingerprint.of(one, ()) == fingerprint.of(other, ()) is not None


def test_other_words_are_another_text() -> None:
    assert fingerprint.of(ARGUMENT, ()) != fingerprint.of(ARGUMENT.replace("tegen", "voor"), ())


@pytest.mark.parametrize("text", ["", "Dank u wel", "Kan dit sneller?\nMet groet", "1234567890 " * 30])
def test_a_short_text_has_none(text: str) -> None:
    assert fingerprint.of(text, ()) is None


def test_folded_passages_do_not_count() -> None:
    quoted = f"{ARGUMENT}\n> {ARGUMENT[::-1]}"
    folds = [Fold(len(ARGUMENT) + 1, len(quoted), "quote")]
    assert fingerprint.of(quoted, folds) == fingerprint.of(ARGUMENT, ())


def test_the_number_fits_a_signed_column_of_64_bits() -> None:
    found = fingerprint.of(ARGUMENT, ())
    assert found is not None
    assert -(2**63) <= found.number < 2**63
    assert len(found.name) == 32
