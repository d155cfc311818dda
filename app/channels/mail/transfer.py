"""Content-Transfer-Encodings undone: base64, quoted-printable, uuencode; everything else is what it is.

All total and lenient: broken base64 gives the bytes that can be read. yEnc is not decoded: nobody sends it by mail any
more, and its text form stays readable as a file.
"""

import binascii
import re

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_UU_BEGIN = re.compile(rb"(?m)^begin [0-7]{3,4} [^\r\n]*\r?\n")


def transfer_decoded(data: bytes, encoding: str) -> bytes:
    """The bytes behind a Content-Transfer-Encoding (`encoding` as in the header, any case)."""
    kind = encoding.strip().strip('"').lower()
    if kind == "quoted-printable":
        return binascii.a2b_qp(data)
    if kind == "base64":
        return base64_bytes(data)
    if kind in ("x-uuencode", "uuencode", "uue", "x-uue"):
        return uu_bytes(data)
    return data


def base64_bytes(data: bytes) -> bytes:
    """Every byte that the base64 characters in `data` give; anything between and behind them is skipped."""
    try:
        return binascii.a2b_base64(data)
    except ValueError:
        pass  # broken padding or a cut-off tail: read what is whole
    letters = _NOT_BASE64.sub(b"", data)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def uu_bytes(data: bytes) -> bytes:
    """The first file of a uuencoded text; the data itself where there is none."""
    begin = _UU_BEGIN.search(data)
    if begin is None:
        return data
    out: list[bytes] = []
    for line in data[begin.end() :].splitlines():
        if line.rstrip() in (b"end", b"`"):
            break
        out.append(_uu_line(line))
    return b"".join(out)


def _uu_line(line: bytes) -> bytes:
    if not line:
        return b""
    length = (line[0] - 32) & 63
    needed = 1 + (length * 4 + 2) // 3
    try:
        return binascii.a2b_uu(line[:needed])
    except ValueError:
        return b""
