"""Signing a call by OAuth 1.0a (RFC 5849) with HMAC-SHA1.

Why not authlib, which signs too: authlib 1.9 unescapes what stands in the header once too often, so that an address to come
back to with an escaped sign in it gets a signature that is wrong; and it raises errors of its own for plain http, which an
administrator may use inside the house.
"""

import base64
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

from app.clock import Clock


@dataclass(frozen=True, slots=True)
class Keys:
    """The app's key and secret, and the token's, where there is one."""

    key: str
    secret: str
    token: str = ""
    token_secret: str = ""


def signer(
    keys: Keys, clock: Clock, more: Mapping[str, str] | None = None
) -> Callable[[str, str, bytes], Mapping[str, str]]:
    """(method, address, form) → the header that signs the call. `more` are further `oauth_` parameters (a callback)."""

    def authorise(method: str, url: str, body: bytes) -> Mapping[str, str]:
        parameters = {
            "oauth_consumer_key": keys.key, "oauth_nonce": secrets.token_hex(16), "oauth_signature_method": "HMAC-SHA1",
            "oauth_timestamp": str(int(clock().timestamp())), "oauth_version": "1.0", **(more or {}),
        }  # fmt: skip
        if keys.token:
            parameters["oauth_token"] = keys.token
        parameters["oauth_signature"] = signature(keys, method, url, body, parameters)
        fields = ", ".join(f'{name}="{escaped(value)}"' for name, value in sorted(parameters.items()))
        return {"authorization": f"OAuth {fields}"}

    return authorise


def signature(keys: Keys, method: str, url: str, body: bytes, parameters: Mapping[str, str]) -> str:
    """RFC 5849, 3.4: over the method, the address, and every parameter of query, form and header."""
    parts = urlsplit(url)
    pairs = [*parse_qsl(parts.query, True), *parse_qsl(body.decode("ascii"), True), *parameters.items()]
    ordered = sorted((escaped(name), escaped(value)) for name, value in pairs)
    normal = "&".join(f"{name}={value}" for name, value in ordered)
    host = parts.netloc.lower().removesuffix(":443" if parts.scheme == "https" else ":80")
    base = "&".join(escaped(one) for one in (method.upper(), f"{parts.scheme}://{host}{parts.path}", normal))
    key = f"{escaped(keys.secret)}&{escaped(keys.token_secret)}"
    return base64.b64encode(hmac.digest(key.encode(), base.encode(), "sha1")).decode()


def escaped(text: str) -> str:
    """RFC 5849, 3.6: everything but letters, digits and four signs."""
    return quote(text.encode("utf-8", "replace"), safe="~")
