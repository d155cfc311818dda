"""A service's address as an administrator enters it."""

from urllib.parse import urlsplit


def checked(value: str) -> str:
    """The address without a slash at its end. Raises `ValueError` with what to write instead."""
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or not value.isascii() or any(sign.isspace() for sign in value):
        raise ValueError("give a whole address, such as https://social.voorbeeldstad.example")
    return value.rstrip("/")
