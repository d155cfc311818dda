"""A text as lines with their place in it."""

from typing import NamedTuple


class Line(NamedTuple):
    """`text[start:end]` without its line break; `stripped` without blanks, quote marks kept; `quoted`: it has such a mark."""

    start: int
    end: int
    stripped: str
    quoted: bool


def lines_of(text: str) -> list[Line]:
    """Every line of the text, empty ones too."""
    found: list[Line] = []
    at = 0
    for line in text.split("\n"):
        stripped, end = line.strip(), at + len(line)
        found.append(Line._make((at, end, stripped, stripped[:1] == ">")))
        at = end + 1
    return found
