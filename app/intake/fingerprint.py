"""Many senders, one text: what makes texts count as the same. Pure.

Greetings, names at the bottom and addresses differ from sender to sender; capitals, punctuation, digits and white space
differ from mail program to mail program. So the fingerprint is of the letters of the unfolded text, line by line, without
the lines that are too short to be an argument.
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from app.channels.incoming import Fold

SHORTEST = 80  # characters: below this, equal texts say nothing ("Dank u wel")
_SHORT_LINE = 40
_NO_LETTERS = re.compile(r"[\W\d_]+")


class Fingerprint(NamedTuple):
    """`name` (32 hexadecimal digits) stands on the campaign, `number` (64 bits, signed) on each message."""

    name: str
    number: int


def of(text: str, folds: Sequence[Fold]) -> Fingerprint | None:
    """The fingerprint of what the author wrote; None when that is too short to tell anything."""
    kept = "".join(
        letters for line in _unfolded(text, folds).split("\n") if len(letters := _letters(line)) >= _SHORT_LINE
    )
    if len(kept) < SHORTEST:
        return None
    digest = hashlib.sha256(kept.encode("utf-8", "surrogatepass")).digest()
    return Fingerprint(digest.hex()[:32], int.from_bytes(digest[:8], "big", signed=True))


def _unfolded(text: str, folds: Sequence[Fold]) -> str:
    parts, at = [], 0
    for fold in sorted(folds, key=lambda f: f.start):
        parts.append(text[at : max(at, fold.start)])
        at = max(at, fold.end)
    return "".join([*parts, text[at:]])


def _letters(line: str) -> str:
    plain = line if line.isascii() else unicodedata.normalize("NFKD", line)
    return _NO_LETTERS.sub("", plain.casefold())
