"""Words as rules see them: folded, whole and bounded.

Rules compare whole words without case or accents, so "Cafe" finds "café" and "boom" does not find "boomstam".

Why no regular expressions in rules: one careless pattern can take minutes on one mail. Here the work is linear in a
bounded text, whatever a rule says.
"""

import re
import unicodedata

TEXT_LIMIT = 4_000
SUBJECT_LIMIT = 300

_WORD = re.compile(r"[^\W_]+")


def fold(text: str, limit: int = TEXT_LIMIT) -> str:
    """The words of `text` in lower case, without accents, one space between them; at most `limit` characters.

    Only the first `limit` characters are read. A word that the limit would cut is left out.
    """
    start = text[:limit].casefold()
    if not start.isascii():
        start = "".join(c for c in unicodedata.normalize("NFKD", start) if not unicodedata.combining(c)).casefold()
    words = _WORD.findall(start)
    if words and len(text) > limit and start[-1:].isalnum():
        words.pop()
    folded = " ".join(words)
    return folded if len(folded) <= limit else folded[: limit + 1].rpartition(" ")[0]


def has_phrase(folded: str, phrase: str) -> bool:
    """Whether the folded `phrase` stands in the folded text as whole words next to each other."""
    return f" {phrase} " in f" {folded} "
