"""What our own mail server found about the sender (RFC 8601). A fact to show; it gives nobody any rights.

Anybody can write an Authentication-Results header. Ours is one under a configured name that stands above the first
Received header which our servers did not write: they put their results on top. Without a configured name nothing is read.
"""

import re

from app.channels.mail.mime import Headers
from app.channels.mail.own import OwnMail

_RESULT = re.compile(r"\b(dmarc|dkim|spf)\s*=\s*([a-z]+)", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]*\)")


def authentication(headers: Headers, own: OwnMail) -> str:
    """`pass`, `fail` or `none` (nothing of ours said anything). DMARC decides; without it DKIM or SPF alone is `none`."""
    results = _ours(headers, own)
    dmarc = results.get("dmarc", "")
    if dmarc == "pass":
        return "pass"
    return "fail" if dmarc in ("fail", "permerror") else "none"


def _ours(headers: Headers, own: OwnMail) -> dict[str, str]:
    if not own.authserv_ids:
        return {}
    received = 0
    for name, value in headers.order:
        if name == "received":
            received += 1
            if not _by_us(value, own):
                return {}
        elif name == "authentication-results":
            server, _, results = _COMMENT.sub("", value).partition(";")
            if server.strip().partition(" ")[0].lower() in own.authserv_ids:
                return {found[1].lower(): found[2].lower() for found in reversed(list(_RESULT.finditer(results)))}
    return {}


def _by_us(received: str, own: OwnMail) -> bool:
    found = re.search(r"\bby\s+([^\s;()]+)", received[:2_000])
    return bool(found) and found[1].lower().rstrip(".") in own.authserv_ids if found else False
