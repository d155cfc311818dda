"""What we tell a site's own server: one signed event for everything that happens to its comments and to our answers.

The body is JSON with `id`, `type`, `sent_at` and the event's own fields. The header `weerklank-signature` is
`t=SECONDS,v1=HEX` with HEX the HMAC-SHA256 of `SECONDS.BODY` under the site's webhook secret: the site checks it over the
raw bytes and refuses what is older than five minutes. An event is told at least once and may come twice: `id` stays the
same, and the site takes each id once. That promise is what makes sending again safe.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime

from app.channels.contract import Refused, Unreachable
from app.fetch import FetchError, fetch

Post = Callable[[str, Mapping[str, str], bytes], int]
"""Posts a body to an address and gives the status; raises `FetchError`."""

SIGNATURE = "weerklank-signature"


def signature(secret: str, body: bytes, at: datetime) -> str:
    """The header's value for a body told at this moment."""
    seconds = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), seconds.encode() + b"." + body, "sha256").hexdigest()
    return f"t={seconds},v1={digest}"


def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
    """The real thing. The address was entered by an administrator, so it may be inside the house."""
    return fetch("POST", url, headers=headers, body=body, deadline=10, limit=65_536, foreign=False).status


def tell(url: str, secret: str, event: Mapping[str, object], at: datetime, posting: Post) -> None:
    """Deliver one event. Raises `Unreachable` (try again: repeating is safe) or `Refused` (the site will never take it)."""
    body = json.dumps({**event, "sent_at": at.isoformat()}, ensure_ascii=False).encode()
    headers = {"content-type": "application/json", SIGNATURE: signature(secret, body, at)}
    try:
        status = posting(url, headers, body)
    except FetchError as error:
        raise Unreachable(f"The site's server gave no answer: {error.detail}.") from error
    if status in (408, 409, 425, 429) or status >= 500:
        raise Unreachable(f"The site's server answered {status}.")
    if status >= 300:
        raise Refused(f"The site's server answered {status}: check its address and secret.", code=str(status))
