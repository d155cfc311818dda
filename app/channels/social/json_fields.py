"""Reading JSON that somebody else wrote: the field as the type it must have, or `Unreadable` with its name."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.channels.contract import Unreadable

Record = Mapping[str, Any]


def record_of(body: bytes) -> Record:
    """The JSON object in `body`."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"This is no JSON: {type(error).__name__}.") from error
    if not isinstance(value, dict):
        raise Unreadable("This is JSON, but no object.")
    return value


def text(data: Record, key: str) -> str:
    """A text; empty where it is absent or null."""
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable(f"{key!r} is no text.")
    return value


def identifier(data: Record, key: str, *, needed: bool = True) -> str:
    """An id: a text, or a number where a service has not made the step to texts. Empty only where it is not `needed`."""
    value = data.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return _digits(value, key)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or not (value.strip() or not needed):
        raise Unreadable(f"{key!r} is no id.")
    return value.strip()


def record(data: Record, key: str) -> Record:
    """An object; empty where it is absent or null."""
    value = data.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unreadable(f"{key!r} is no object.")
    return value


def records(data: Record, key: str) -> Sequence[Record]:
    """A list of objects; empty where it is absent or null."""
    value = data.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Unreadable(f"{key!r} is no list of objects.")
    return value


def moment(value: object) -> datetime | None:
    """A moment in ISO 8601, UTC where it names no offset; None where it is not one (it is shown, never relied upon)."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _digits(value: int, key: str) -> str:
    try:
        return str(value)
    except ValueError as error:  # thousands of digits: Python refuses to print them
        raise Unreadable(f"{key!r} is no id.") from error
