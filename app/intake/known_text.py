"""Our own words found back in an answer to them. Pure.

Quote marks and "On … wrote:" lines are guesses; that a passage is what we sent ourselves is a fact. Lines are compared
without quote marks, white space and capitals, since mail programs wrap and mark what they quote.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from app.channels.incoming import Fold

WHY = "our_words"
_LEAST = 40  # letters and digits in a row that must be ours before anything is folded
_QUOTE = re.compile(r"^[\s>|]+")
_WORD = re.compile(r"\w+")
_RUN = 4  # words that stand for a place in our text


class _Line(NamedTuple):
    """`words` is empty for a blank line."""

    start: int
    end: int
    words: list[str]

    def can_stand(self, runs: frozenset[str]) -> bool:
        """Whether it may stand within a passage: blank, or so few words that they prove nothing by themselves."""
        return len(self.words) < _RUN and (not self.words or " ".join(self.words) in runs)


def find(text: str, ours: Iterable[str]) -> list[Fold]:
    """Passages of `text` that are lines of `ours` (the texts we sent in this conversation)."""
    runs = _runs(ours)
    found: list[Fold] = []
    passage: list[_Line] = []
    for line in _lines(text):
        if line.can_stand(runs) or _is_ours(line.words, runs):
            passage.append(line)
            continue
        found.extend(_fold(passage, runs))
        passage = []
    return [*found, *_fold(passage, runs)]


def merged(folds: Sequence[Fold], found: Sequence[Fold]) -> list[Fold]:
    """`folds` of the parser with `found` where they do not overlap; in order."""
    free = [f for f in found if all(f.end <= o.start or f.start >= o.end for o in folds)]
    return sorted([*folds, *free], key=lambda f: f.start)


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    for line in text.split("\n"):
        yield _Line(start, start + len(line), _WORD.findall(_QUOTE.sub("", line).casefold()))
        start += len(line) + 1


def _runs(ours: Iterable[str]) -> frozenset[str]:
    """Every run of up to four words in our texts: mail programs wrap lines where they like."""
    runs: set[str] = set()
    for text in ours:
        words = _WORD.findall(text.casefold())
        for length in range(1, _RUN + 1):
            runs.update(" ".join(words[i : i + length]) for i in range(len(words) - length + 1))
    return frozenset(runs)


def _is_ours(words: list[str], runs: frozenset[str]) -> bool:
    return len(words) >= _RUN and all(" ".join(words[i : i + _RUN]) in runs for i in range(len(words) - _RUN + 1))


def _fold(passage: list[_Line], runs: frozenset[str]) -> list[Fold]:
    """From the first to the last line that is certainly ours; a "Dank u" above the quote stays the author's."""
    certain = [line for line in passage if _is_ours(line.words, runs)]
    if sum(len(word) for line in certain for word in line.words) < _LEAST:
        return []
    return [Fold(certain[0].start, certain[-1].end, WHY)]
