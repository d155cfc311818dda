"""The stamp on a form handed out: when it was made, signed, so that a comment sent too fast to be typed is noticed.

A stamp never expires on purpose: a text that was kept in a browser during an outage is sent again days later with the stamp
it had. What it stops is a program that posts without ever asking for a form, or at once.
"""

import hmac
from datetime import UTC, datetime
from hashlib import sha256


def make(secret: str, page_key: str, now: datetime) -> str:
    """`SECONDS.SIGNATURE` for a form on this page."""
    seconds = str(int(now.timestamp()))
    return f"{seconds}.{_signature(secret, page_key, seconds)}"


def age(secret: str, page_key: str, stamp: str, now: datetime) -> float | None:
    """Seconds since the form was handed out; None when the stamp is not ours or belongs to another page."""
    seconds, _, signature = stamp.partition(".")
    expected = _signature(secret, page_key, seconds)
    if not hmac.compare_digest(expected.encode(), signature.encode(errors="replace")) or not seconds.isdecimal():
        return None
    return (now - datetime.fromtimestamp(int(seconds), UTC)).total_seconds()


def _signature(secret: str, page_key: str, seconds: str) -> str:
    text = f"{page_key}\n{seconds}".encode(errors="surrogatepass")
    return hmac.new(secret.encode(), text, "sha256").hexdigest()[:32]


def fingerprint(text: str) -> str:
    """A short name for a text, so that the same edit told twice is one edit."""
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]
