"""RFC 2047 encoded words (`=?utf-8?Q?...?=`), as senders really write them.

Neighbouring words of one charset are joined as bytes before decoding, since many programs cut inside a character. A word
that cannot be decoded stays as it is written.
"""

import binascii
import re

from app.channels.mail.charset import decode, one_line
from app.channels.mail.transfer import base64_bytes

_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")


def decode_words(value: str) -> str:
    """The readable form of a header's value, on one line. Total."""
    return one_line(_join(value) if "=?" in value else value)


def _join(value: str) -> str:
    out: list[str] = []
    charset, waiting, last = "", b"", 0
    for word in _WORD.finditer(value):
        between = value[last : word.start()]
        adjacent = last > 0 and not between.strip()
        if not (adjacent and word[1].lower() == charset):
            out.append(decode(waiting, charset))
            charset, waiting = word[1].lower(), b""
            if not adjacent:
                out.append(between)
        waiting += _bytes(word[2], word[3])
        last = word.end()
    return "".join((*out, decode(waiting, charset), value[last:]))


def _bytes(kind: str, text: str) -> bytes:
    raw = text.encode("utf-8", "surrogateescape")
    return base64_bytes(raw) if kind in "bB" else binascii.a2b_qp(raw, header=True)
