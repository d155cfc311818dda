"""A text as lines with their place in it."""

from typing import NamedTuple


class Line(NamedTuple):
    """`text[start:end]` without its line break; `stripped` without blanks, quote marks kept."""

    start: int
    end: int
    stripped: str

    @property
    def quoted(self) -> bool:
        return self.stripped[:1] == ">"


def lines_of(text: str) -> list[Line]:
    found, at = [], 0
    for line in text.split("\n"):
        found.append(Line(at, at + len(line), line.strip()))
        at += len(line) + 1
    return found
