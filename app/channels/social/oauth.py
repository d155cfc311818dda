"""What a consent in a browser needs (OAuth 2.0 with PKCE: RFC 6749, RFC 7636). Pure: who calls is the service's own file."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from app.channels.contract import Refused

VERIFIER_LENGTH = 64
RENEW_BEFORE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a token endpoint gave (RFC 6749, 5.1). `refresh` is empty and `expires_at` None where it gave none."""

    access: str
    refresh: str
    scopes: tuple[str, ...]
    expires_at: datetime | None


def verifier() -> str:
    """A fresh PKCE verifier, to be kept until the browser comes back."""
    return str(generate_token(VERIFIER_LENGTH))


def consent_url(endpoint: str, client_id: str, redirect_uri: str, scopes: Sequence[str], state: str, kept: str) -> str:
    """The page that asks for consent; `kept` is the verifier, of which only a digest leaves us."""
    challenge = create_s256_code_challenge(kept)
    return str(
        prepare_grant_uri(
            endpoint, client_id, "code", redirect_uri, " ".join(scopes), state,
            code_challenge=challenge, code_challenge_method="S256",
        )
    )  # fmt: skip


def code_of(query: Mapping[str, str]) -> str:
    """The code that the browser brought back. Raises `Refused` where it brought none."""
    if error := query.get("error"):
        raise Refused(f"No consent was given: {query.get('error_description') or error}", code=error[:100])
    code = query.get("code", "")
    if not code:
        raise Refused("The service sent the browser back without a code: connect once more.", code="no_code")
    return code


def tokens_of(answer: Any, asked: Sequence[str], now: datetime) -> Tokens:
    """The tokens in a token endpoint's answer. No `scope` in it means: as asked (RFC 6749, 5.1). Raises `Refused`."""
    if not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str) or not answer["access_token"]:
        raise Refused("The service gave no token: connect once more.", code="no_token")
    scope, lasts, refresh = answer.get("scope"), answer.get("expires_in"), answer.get("refresh_token")
    ends = now + timedelta(seconds=lasts) if isinstance(lasts, int) and 0 < lasts < 10**9 else None
    return Tokens(
        access=answer["access_token"],
        refresh=refresh if isinstance(refresh, str) else "",
        scopes=tuple(scope.replace(",", " ").split()) if isinstance(scope, str) else tuple(asked),
        expires_at=ends,
    )


def missing(granted: Sequence[str], needed: Sequence[str]) -> tuple[str, ...]:
    """The scopes that were not granted. A scope includes the finer ones that begin with it: `read` has `read:statuses`."""
    have = set(granted)
    return tuple(scope for scope in needed if scope not in have and scope.partition(":")[0] not in have)


def ends_soon(expires_at: datetime | None, now: datetime) -> bool:
    """Whether a token should be renewed now."""
    return expires_at is not None and expires_at - now < RENEW_BEFORE


def same(given: str, expected: str) -> bool:
    """Whether two secrets are the same, in time that tells nothing."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
