"""Which passages of a mail to show folded: quotes of earlier mail and signatures. Only offsets: the text never changes.

First our own sent text is looked for, which works in every language; then the patterns of mail programs, Dutch and English;
then quotequail, for other languages. Answers written between the lines of a quote keep everything unfolded, and so does a
mail that would have nothing left to read (a forward).

Why folds and no stripping: every stripper tried loses what somebody wrote in some mail.
"""

from collections.abc import Iterator, Sequence

from app.channels.incoming import Fold
from app.channels.mail.known import known_spans
from app.channels.mail.lines import Line, lines_of
from app.channels.mail.quotes import quote_spans
from app.channels.mail.signature import signature_spans

_LONGEST = 200_000


def fold(text: str, known_texts: Sequence[str] = ()) -> tuple[Fold, ...]:
    """Folds in the order of the text, inside it, not overlapping. `why` is `quote`, `signature` or `disclaimer`.

    `known_texts` are texts that we sent in this thread. Total; a text beyond 200,000 characters is looked at up to there.
    """
    lines = lines_of(text[:_LONGEST])
    quotes = [(start, end, "quote") for start, end in known_spans(text[:_LONGEST], lines, known_texts)]
    quotes = quotes or [(start, end, "quote") for start, end in quote_spans(text[:_LONGEST], lines)]
    if quotes and not _leaves_words(text, quotes):
        quotes = []
    found = quotes + signature_spans(_outside(lines, quotes))
    found = found if _leaves_words(text, found) else quotes
    return tuple(Fold(start, end, why) for start, end, why in apart(found))


def apart(spans: list[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """The spans in order, none reaching into another: in broken texts a quote may be found twice, as a part of itself."""
    at = 0
    for start, end, why in sorted(spans, key=lambda span: (span[0], -span[1])):
        if end > max(start, at):
            yield max(start, at), end, why
            at = end


def _outside(lines: list[Line], spans: list[tuple[int, int, str]]) -> list[list[Line]]:
    """The lines before, between and after the spans, as runs."""
    if not spans:
        return [lines]
    runs: list[list[Line]] = [[]]
    waiting = sorted(spans)
    for line in lines:
        while waiting and line.start >= waiting[0][1]:
            waiting.pop(0)
            runs.append([])
        if not waiting or line.end <= waiting[0][0]:
            runs[-1].append(line)
    return [run for run in runs if run]


def _leaves_words(text: str, spans: list[tuple[int, int, str]]) -> bool:
    at = 0
    for start, end, _ in sorted(spans):
        if any(c.isalnum() for c in text[at:start]):
            return True
        at = end
    return any(c.isalnum() for c in text[at : at + 2_000])
