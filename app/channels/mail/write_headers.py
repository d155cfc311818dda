"""Header lines that we write, as bytes. Pure.

Why not `email.message.EmailMessage`: it folds a long References line by turning ids into encoded words, which every client
then fails to thread (cpython issue 79986); ids must be folded between each other and nowhere else. The stdlib's `Header`
still encodes the words.

Nothing can be injected: text for people has its control characters turned into spaces, and what is no plain address or id
never comes this far.
"""

import re
from collections.abc import Sequence
from email.header import Header

CRLF = "\r\n"
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")


def words(name: str, text: str) -> bytes:
    """`Subject: …` for any text (RFC 2047 where it is not plain ASCII)."""
    clean = one_line(text)
    charset = "us-ascii" if clean.isascii() and "=?" not in clean else "utf-8"
    encoded = Header(clean, charset, maxlinelen=76, header_name=name).encode(linesep=CRLF)
    return f"{name}: {encoded}{CRLF}".encode("ascii")


def mailboxes(name: str, people: Sequence[tuple[str, str]]) -> bytes:
    """`To: Name <address>, …`, one to a line; an address outside ASCII stays in UTF-8 (RFC 6532)."""
    return f"{name}: {f',{CRLF} '.join(_mailbox(n, a) for n, a in people)}{CRLF}".encode()


def ids(name: str, values: Sequence[str]) -> bytes:
    """`References: <…>`, one id to a line."""
    return f"{name}: {f'{CRLF} '.join(values)}{CRLF}".encode("ascii")


def plain(name: str, value: str) -> bytes:
    """A line whose value is ours: a date, a keyword."""
    return f"{name}: {one_line(value)}{CRLF}".encode("ascii")


def _mailbox(name: str, address: str) -> str:
    clean = one_line(name)
    if not clean:
        return address
    if not clean.isascii() or "=?" in clean:
        return f"{Header(clean, 'utf-8', maxlinelen=60).encode(linesep=CRLF)} <{address}>"
    if _ATOMS.fullmatch(clean):
        return f"{clean} <{address}>"
    quoted = clean.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{address}>'


def one_line(text: str) -> str:
    """The text with every control character and line end (those of Unicode too) turned into a space."""
    return _CONTROL.sub(" ", text).encode("utf-8", "replace").decode("utf-8").strip()
