"""Quotes of earlier mail, by the patterns of mail programs in Dutch and English, and quotequail's for other languages."""

import re
from itertools import pairwise

import quotequail

from app.channels.mail.lines import Line

_WROTE = re.compile(
    r"^(?:\W{0,3})(?:op|on|in een bericht|am|le|den|el|em)\b.{3,300}?\b(?:schreef|schreven|wrote|geschreven|writes|schrieb|"
    r"a écrit|skrev|escribió|escreveu)\b.{0,200}:?$",
    re.IGNORECASE,
)
_NAME_WROTE = re.compile(r"^.{2,120}\b(?:schreef|wrote)(?: op| on)?\b.{0,120}:$", re.IGNORECASE)
_VERB = ("schreef", "wrote", "geschreven", "schreven", "writes", "schrieb", "écrit", "skrev", "escribió", "escreveu")
_OPENERS = ("op ", "on ", "in een", "am ", "le ", "den ", "el ", "em ", '"op ', "*op ")
_STAMP = re.compile(r"\d{1,2}[:.]\d{2}|@|\b(?:19|20)\d\d\b")
_SURE = re.compile(r"\d{1,2}[:.]\d{2}|[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+")
_MARK = re.compile(
    r"^(?:-{2,}\s*(?:oorspronkelijk bericht|origineel bericht|original message|original appointment|forwarded message|"
    r"doorgestuurd bericht)\s*-*|begin (?:forwarded message|doorgestuurd bericht):)$",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"^\*?(van|from|von|verzonden|sent|datum|date|gesendet|aan|to|an|onderwerp|subject|betreff|cc|antwoord aan|reply-to)\s?:\*?",
    re.IGNORECASE,
)
_WHEN = frozenset({"verzonden", "sent", "datum", "date", "gesendet"})
_OTHER_LANGUAGE = re.compile(
    r"(?:schrieb|écrit|escribió|написал|skrev|escreveu|ha scritto|napisał).{0,100}:\s*$|Weitergeleitet|Ursprüngliche Nachricht"
    r"|Mensaje original|Message transféré",
    re.MULTILINE,
)
_QUOTEQUAIL_LINES = 1_000
_FIRSTS = frozenset('-_*"BbVvFfOoIiAaLlDdEe')  # of every line that may open an unmarked quote
_SIGNS = (
    *_VERB,
    "an:",
    "om:",
    "on:",
    "AN:",
    "OM:",
    "an :",
    "om :",
)  # plain search: a hundred times an expression's speed


def quote_spans(text: str, lines: list[Line]) -> list[tuple[int, int]]:
    """(start, end) of each quote with the line that introduces it; empty when somebody answered between the lines."""
    unmarked = _unmarked_quote(lines) if any(sign in text for sign in _SIGNS) else None
    marked = _marked_quotes(lines[:unmarked]) if ">" in text else []
    if _answers_between(lines, marked):
        return []
    spans = [(lines[first].start, lines[last].end) for first, last in marked]
    if unmarked is not None:
        spans.append((lines[unmarked].start, lines[-1].end))
    return spans or _by_quotequail(text, lines)


def intro_start(lines: list[Line], at: int) -> int:
    """The index of the line where the introduction of a quote that begins at `at` begins; `at` when there is none."""
    above = _word_above(lines, at)
    for pattern in (_WROTE, _NAME_WROTE):
        for first in range(above, max(above - 3, -1), -1):
            if _is_intro(" ".join(line.stripped.lstrip("> ") for line in lines[first : above + 1]), pattern):
                return _with_rule(lines, first)
    return _with_rule(lines, _block_start(lines, above, at))


def _word_above(lines: list[Line], at: int) -> int:
    """The index of the nearest line above `at` that is not blank; -1 when there is none."""
    above = at - 1
    while above >= 0 and not lines[above].stripped:
        above -= 1
    return above


def _with_rule(lines: list[Line], first: int) -> int:
    """`-----Original Message-----` or a drawn line above belongs to it."""
    above = _word_above(lines, first)
    if above >= 0 and (_MARK.match(lines[above].stripped) or lines[above].stripped.startswith("________")):
        return above
    return first


def _block_start(lines: list[Line], above: int, at: int) -> int:
    """The first line of `Van: … Verzonden: … Aan: …` that ends at `above`; `at` when there is no such block."""
    first = above
    while first >= 0 and above - first < 8 and _FIELD.match(lines[first].stripped):
        first -= 1
    return first + 1 if above - first >= 3 else at


def _is_intro(text: str, pattern: re.Pattern[str]) -> bool:
    """Whether it says that somebody wrote, at a time or from an address."""
    if len(text) > 500 or not any(verb in text for verb in _VERB):
        return False
    return bool(pattern.match(text) and _STAMP.search(text))


def _marked_quotes(lines: list[Line]) -> list[tuple[int, int]]:
    """(first, last) line of each run of `>` lines, blank lines inside it and its introduction included."""
    runs: list[tuple[int, int]] = []
    for number, line in enumerate(lines):
        if not line.quoted:
            continue
        if runs and not any(between.stripped for between in lines[runs[-1][1] + 1 : number]):
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return [(intro_start(lines, first), last) for first, last in runs]


def _answers_between(lines: list[Line], marked: list[tuple[int, int]]) -> bool:
    """Words between two quotes are an answer to the first: everything is needed to understand it."""
    if len(marked) < 2:
        return False
    return any(any(line.stripped for line in lines[before[1] + 1 : after[0]]) for before, after in pairwise(marked))


def _unmarked_quote(lines: list[Line]) -> int | None:
    """The first line of a quote without `>`: a header block as Outlook writes it, a rule with such a block, a sure intro."""
    for number, line in enumerate(lines):
        text = line.stripped
        first = text[:1]
        if first not in _FIRSTS:
            continue
        if first in "-_Bb" and (_MARK.match(text) or text.startswith("________")) and _header_block(lines, number + 1):
            return number
        if first in "*VvFf" and _header_block(lines, number):
            return number
        if text[:7].lower().startswith(_OPENERS) and _sure_intro(lines, number):
            return number
    return None


def _header_block(lines: list[Line], number: int) -> bool:
    """`Van:` with a date line and an `Aan:` or `Onderwerp:` near: a letter's own "Van: … Aan: …" has no date between."""
    names: set[str] = set()
    first = ""
    for line in lines[number : number + 12]:
        if not line.stripped and not names:
            continue
        found = _FIELD.match(line.stripped)
        if found:
            names.add(found[1].lower())
            first = first or found[1].lower()
    return first in ("van", "from", "von") and bool(names & _WHEN) and len(names) >= 3


def _sure_intro(lines: list[Line], number: int) -> bool:
    """An introduction with a time or an address in it, followed by an unmarked quote or by nothing marked."""
    for height in (1, 2, 3):
        block = lines[number : number + height]
        joined = " ".join(line.stripped for line in block)
        if joined.endswith(":") and _SURE.search(joined) and _is_intro(joined, _WROTE):
            following = next((line for line in lines[number + height :] if line.stripped), None)
            return following is not None and not following.quoted
    return False


def _by_quotequail(text: str, lines: list[Line]) -> list[tuple[int, int]]:
    if len(lines) > _QUOTEQUAIL_LINES or not _OTHER_LANGUAGE.search(text):
        return []
    try:
        parts = quotequail.quote(text, limit=_QUOTEQUAIL_LINES, quote_intro_line=True)
    except Exception:  # noqa: BLE001  a library over hostile text: no quote found is a good answer
        return []
    if len(parts) != 2 or parts[1][0]:
        return []
    start = len(parts[0][1]) + 1
    return [(start, len(text))] if 0 < start < len(text) else []
