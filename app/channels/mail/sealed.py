"""Signed and encrypted mail: S/MIME and PGP. What is only signed is read; what is encrypted says so and is kept.

A signature is not checked: that needs trust in certificates which nobody has set up. An S/MIME mail whose content lies
inside the signature (`smime-type=signed-data`) is opened by walking its DER: the content is the first octet string of the
encapsulated data.
"""

import re

from app.channels.mail.advice import Advice
from app.channels.mail.mime import Part, read_mail

_SMIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_DATA_OID = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
_PGP = re.compile(r"^-----BEGIN PGP (SIGNED )?MESSAGE-----", re.MULTILINE)
_OCTETS, _CONSTRUCTED_OCTETS, _EXPLICIT = 0x04, 0x24, 0xA0


def opened(root: Part) -> Part:
    """The root to read: what an opaque S/MIME signature wraps, else the root itself."""
    if root.content_type not in _SMIME or _encrypted(root):
        return root
    inner = signed_content(root.content())
    if not inner:
        return root
    found = read_mail(inner).root
    return found if "content-type" in found.headers else root


def seal_advice(root: Part, text: str) -> dict[str, str]:
    """Whether the mail is signed or encrypted, and how."""
    for part in root.walk():
        kind = part.content_type
        if kind in _SMIME:
            return {Advice.ENCRYPTED if _encrypted(part) else Advice.SIGNED: "smime"}
        if kind == "multipart/encrypted":
            return {Advice.ENCRYPTED: "pgp"}
        if kind in ("application/pkcs7-signature", "application/x-pkcs7-signature"):
            return {Advice.SIGNED: "smime"}
        if kind == "application/pgp-signature":
            return {Advice.SIGNED: "pgp"}
    if "-----BEGIN PGP " in text and (found := _PGP.search(text)):
        return {Advice.SIGNED if found[1] else Advice.ENCRYPTED: "pgp"}
    return {}


def signed_content(der: bytes) -> bytes:
    """The content inside a CMS SignedData (RFC 5652 5.2); empty when there is none or it cannot be read."""
    at = der.find(_DATA_OID)
    if at < 0:
        return b""
    tag, start, end = _element(der, at + len(_DATA_OID))
    if tag != _EXPLICIT:
        return b""
    tag, start, end = _element(der, start)
    if tag == _OCTETS:
        return der[start:end]
    pieces: list[bytes] = []
    while tag == _CONSTRUCTED_OCTETS and start < end:
        kind, first, last = _element(der, start)
        if kind != _OCTETS or last <= start:
            break
        pieces.append(der[first:last])
        start = last
    return b"".join(pieces)


def _encrypted(part: Part) -> bool:
    kind = part.params.get("smime-type", "").lower()
    if kind:
        return kind in ("enveloped-data", "authenveloped-data", "authenveloped")
    return b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03" in part.content()[:64]


def _element(der: bytes, at: int) -> tuple[int, int, int]:
    """(tag, start, end) of the DER or BER element at `at`; an indefinite length runs to the end. Tag 0 = none."""
    if at + 2 > len(der):
        return 0, at, at
    tag, length, start = der[at], der[at + 1], at + 2
    if length == 0x80:
        return tag, start, len(der)
    if length > 0x80:
        count = length & 0x7F
        if count > 6:
            return 0, at, at
        length = int.from_bytes(der[start : start + count], "big")
        start += count
    return tag, start, min(start + length, len(der))
