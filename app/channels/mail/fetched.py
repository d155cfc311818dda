"""What a FETCH answer says, by UID. Pure.

imaplib2 gives one flat list for all messages: a `bytes` for an answer without a literal, and for one with a literal a
tuple (what comes before, the literal) followed by a `bytes` (what comes after, at least the bracket). Servers put UID
before or after the literal, and mix in answers that nobody asked for (another reader sets a flag).
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

_UID = re.compile(rb"\bUID (\d+)", re.IGNORECASE)
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)", re.IGNORECASE)
_DATE = re.compile(rb'\bINTERNALDATE "([^"]{1,40})"', re.IGNORECASE)
_ESCAPED = re.compile(rb"\\(.)")
_QUOTED = re.compile(rb'\bBODY\[\](?:<\d+>)? "((?:[^"\\]|\\.)*)"', re.IGNORECASE)


def literals(data: Sequence[Any]) -> dict[int, bytes]:
    """UID → the mail or piece, for every answer that has both; an empty or one-line one may come between quotes."""
    found: dict[int, bytes] = {}
    for words, literal in _answers(data):
        uid = _UID.search(words)
        content = _quoted(words) if literal is None else literal
        if uid and content is not None:
            found[int(uid[1])] = content
    return found


def sizes(data: Sequence[Any]) -> dict[int, tuple[int, str]]:
    """UID → (size in bytes, INTERNALDATE as the server writes it or empty)."""
    found: dict[int, tuple[int, str]] = {}
    for words, _ in _answers(data):
        uid, size, date = _UID.search(words), _SIZE.search(words), _DATE.search(words)
        if uid and size:
            found[int(uid[1])] = (int(size[1]), date[1].decode("ascii", "replace") if date else "")
    return found


def numbers(data: Sequence[Any]) -> list[int]:
    """The UIDs of a SEARCH answer, ascending, each once."""
    return sorted({int(n) for line in data if isinstance(line, bytes) for n in line.split() if n.isdigit()})


def _quoted(words: bytes) -> bytes | None:
    short = _QUOTED.search(words)
    return _ESCAPED.sub(rb"\1", short[1]) if short else None


def _answers(data: Sequence[Any]) -> Iterator[tuple[bytes, bytes | None]]:
    words, literal = b"", None
    for part in data:
        if isinstance(part, tuple):
            words, literal = words + part[0], part[1]
        elif isinstance(part, bytes):
            yield words + b" " + part, literal
            words, literal = b"", None
    if words:
        yield words, literal
