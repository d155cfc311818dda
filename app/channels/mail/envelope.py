"""Mail addresses as they stand in an envelope or a header that we write: what is one, and what is ours.

Reading the addresses that others write is not done here (`parse.py`): that must accept much more.
"""

import re

from app.channels.contract import Refused

_LOCAL = r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+"
_DOMAIN = r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+"
_ADDRESS = re.compile(f"{_LOCAL}@{_DOMAIN}")
_MAX_LOCAL, _MAX_ADDRESS = 64, 254  # RFC 5321 4.5.3.1


def is_address(text: str) -> bool:
    """Whether this is one plain address (no display name, no quotes), of a length that RFC 5321 lets through."""
    local = text.rpartition("@")[0]
    encoded = len(text.encode("utf-8", "surrogatepass"))
    return (
        bool(_ADDRESS.fullmatch(text))
        and len(local.encode("utf-8", "surrogatepass")) <= _MAX_LOCAL
        and encoded <= _MAX_ADDRESS
    )


def domain_of(address: str) -> str:
    """What comes after the last @, or empty."""
    return address.rpartition("@")[2] if "@" in address else ""


def for_envelope(address: str) -> str:
    """The address with its domain in ASCII (RFC 5890), as every server understands it; the local part stays.

    Raises `Refused` for what is no address: it must never reach a header or a command.
    """
    if not is_address(address):
        raise Refused("the address cannot be written to; correct it and send again", code="address")
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise Refused("the domain of the address does not exist in that form; correct it", code="address") from None


def needs_utf8(address: str) -> bool:
    """Whether the server must speak SMTPUTF8 (RFC 6531) to carry this address."""
    return not address.isascii()


def is_ours(address: str, own: tuple[str, ...], reply_template: str) -> bool:
    """Whether mail to `address` belongs to this account: an own address, with or without a plus tag, or a reply token."""
    lowered = address.strip().strip("<>").lower()
    local, at, domain = lowered.rpartition("@")
    untagged = f"{local.partition('+')[0]}@{domain}"
    if not at:
        return False
    if any(a.lower() in (lowered, untagged) for a in own):
        return True
    before, after = reply_template.lower().split("{token}")
    return lowered.startswith(before) and lowered.endswith(after) and len(lowered) > len(before) + len(after)
