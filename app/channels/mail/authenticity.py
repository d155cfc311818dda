"""What our own mail server found about the sender (RFC 8601). A fact to show; it gives nobody any rights.

Anybody can write an Authentication-Results header. Ours is one under a configured name that stands above the first
Received header which our servers did not write: they put their results on top. Without a configured name nothing is read.
"""

import re

from app.channels.mail.mime import Headers
from app.channels.mail.own import OwnMail

_RESULT = re.compile(r"\b(dmarc|dkim|spf)\s*=\s*([a-z]+)", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]*\)")
_BY = re.compile(r"\bby\s+([^\s;()]+)")
_LOCAL = frozenset({"localhost", "localhost.localdomain", "127.0.0.1", "[127.0.0.1]"})


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
    for name, value in headers.order:
        if name == "received":
            if not _by_us(value, own):
                return {}
        elif name == "authentication-results":
            server, _, results = _COMMENT.sub("", value).partition(";")
            if server.strip().partition(" ")[0].lower() in own.authserv_ids:
                return {found[1].lower(): found[2].lower() for found in reversed(list(_RESULT.finditer(results)))}
    return {}


def _by_us(received: str, own: OwnMail) -> bool:
    """Whether a machine of ours wrote this Received: under a configured name, below it, or beside it in its domain."""
    found = _BY.search(received[:2_000])
    host = found[1].lower().rstrip(".") if found else ""
    return host in _LOCAL or any(_related(host, one) for one in own.authserv_ids)


def _related(host: str, name: str) -> bool:
    if host == name or host.endswith(f".{name}"):
        return True
    domain = name.partition(".")[2]
    return domain.count(".") >= 1 and host.endswith(f".{domain}")
