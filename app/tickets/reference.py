"""A ticket's reference as people see it: `WK-1234-K`.

The last letter is the number modulo 23, so that a mistyped or swapped digit gives no other citizen's ticket but none at
all. A reference says which ticket is meant and gives no right to anything.
"""

import re

PREFIX = "WK"
_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"  # 23 letters that are not taken for digits
_TYPED = re.compile(
    r"(?<![0-9A-Za-z])WK[\s.\u2010-\u2015_-]{0,3}([0-9OIL]{1,18})[\s.\u2010-\u2015_-]{0,3}([A-Z])(?![0-9A-Z])"
)
_MEANT = str.maketrans("OIL", "011")


def of(ticket_id: int) -> str:
    """`WK-` + number + `-` + check letter. Raises ValueError for what is no ticket's number."""
    if ticket_id < 1:
        raise ValueError("tickets are numbered from 1")
    return f"{PREFIX}-{ticket_id}-{_letter(ticket_id)}"


def parse(text: str) -> int | None:
    """The ticket that a typed reference means: any case, spaces or dashes, O for 0, I or l for 1. None if it is none."""
    match = _TYPED.fullmatch(text.strip().upper())
    return _checked(match) if match else None


def find(text: str) -> list[int]:
    """Every ticket whose reference stands in a text (a subject line), in order, each once."""
    found = (_checked(match) for match in _TYPED.finditer(text.upper()))
    return list(dict.fromkeys(ticket_id for ticket_id in found if ticket_id))


def _checked(match: re.Match[str]) -> int | None:
    number = int(match[1].translate(_MEANT))
    return number if number > 0 and _letter(number) == match[2] else None


def _letter(number: int) -> str:
    return _LETTERS[number % 23]
