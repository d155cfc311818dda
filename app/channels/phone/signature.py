"""Twilio's signature over a webhook: HMAC-SHA1 by the account's auth token, base64, in `X-Twilio-Signature`.

Source: twilio.com/docs/usage/security. Signed are the whole address as Twilio called it, and every POST field in order of
name, each name followed by its distinct values in order. Twilio is not consistent about `:443` in the address, so both
forms count. The address must be the public one: behind a proxy the request's own is another.
"""

import hmac
from base64 import b64encode
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

HEADER = "x-twilio-signature"
_PORTS = {"https": 443, "http": 80}


def signed(token: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """The header's value for a POST of `fields` to `url`."""
    pairs = "".join(name + value for name, value in sorted(set(fields)))
    return b64encode(hmac.new(token.encode(), (url + pairs).encode(), "sha1").digest()).decode()


def genuine(token: str, url: str, fields: Sequence[tuple[str, str]], given: str) -> bool:
    """Whether `given` is Twilio's signature over this call, under one of the two forms of the address."""
    found = [hmac.compare_digest(signed(token, form, fields).encode(), given.encode()) for form in _forms(url)]
    return any(found)


def _forms(url: str) -> tuple[str, ...]:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    port = _PORTS.get(parts.scheme)
    if parts.port is None and port is not None:
        return (url, parts._replace(netloc=f"{host}:{port}").geturl())
    return (url, parts._replace(netloc=host.rpartition(":")[0]).geturl()) if parts.port == port else (url,)
