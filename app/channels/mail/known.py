"""Our own words found back in a mail: quotes in any language and of any program.

Compared without white space and quote marks, since programs wrap and mark lines anew.
"""

import re
from collections.abc import Sequence

from app.channels.mail.lines import Line
from app.channels.mail.quotes import intro_start

_DROPPED = re.compile(r"[\s>\u00a0\u200b|*_]+")
_PARAGRAPHS = re.compile(r"\n\s*\n")
_LONG_ENOUGH = 30
_MOST_TEXTS = 20


def known_spans(text: str, lines: list[Line], known_texts: Sequence[str]) -> list[tuple[int, int]]:
    """(start, end) of passages that are ours, whole lines, with their introduction; empty with answers between them."""
    if not known_texts:
        return []
    bare, places = _bare(text)
    spans = [span for known in known_texts[:_MOST_TEXTS] for span in _found(known, bare, places)]
    if not spans:
        return []
    start, end = min(s for s, _ in spans), max(e for _, e in spans)
    if _own_words_between(text, sorted(spans)):
        return []
    return [_whole_lines(lines, start, end)]


def _bare(text: str) -> tuple[str, list[int]]:
    places = [n for n, c in enumerate(text) if not (c.isspace() or c in ">\u200b|*_")]
    return "".join(text[n] for n in places), places


def _found(known: str, bare: str, places: list[int]) -> list[tuple[int, int]]:
    """Paragraph by paragraph, in order; a short one (a greeting) counts only right beside one that was found."""
    wanted = [letters for paragraph in _PARAGRAPHS.split(known[:50_000]) if (letters := _DROPPED.sub("", paragraph))]
    spans: list[tuple[int, int]] = []
    at = 0
    for number, letters in enumerate(wanted):
        place = bare.find(letters, at) if len(letters) >= _LONG_ENOUGH else _next(bare, letters, at, bool(spans))
        if place < 0:
            continue
        begin = place if spans else _back(bare, wanted[:number], place)
        at = place + len(letters)
        spans.append((places[begin], places[at - 1] + 1))
    return spans


def _next(bare: str, letters: str, at: int, started: bool) -> int:
    return at if started and bare.startswith(letters, at) else -1


def _back(bare: str, before: list[str], place: int) -> int:
    """Where it begins, with the short paragraphs right before it."""
    for letters in reversed(before):
        if not bare.endswith(letters, 0, place):
            break
        place -= len(letters)
    return place


def _own_words_between(text: str, spans: list[tuple[int, int]]) -> bool:
    """More than a few letters between two of our passages: somebody answered between the lines."""
    reached = spans[0][1]
    for start, end in spans[1:]:
        if start > reached and sum(c.isalpha() for c in text[reached:start]) > 3:
            return True
        reached = max(reached, end)
    return False


def _whole_lines(lines: list[Line], start: int, end: int) -> tuple[int, int]:
    first = next(n for n, line in enumerate(lines) if line.end >= start)
    last = max(n for n, line in enumerate(lines) if line.start < end)
    while first > 0 and lines[first - 1].quoted:
        first -= 1
    while last + 1 < len(lines) and lines[last + 1].quoted:
        last += 1
    return lines[intro_start(lines, first)].start, lines[last].end
