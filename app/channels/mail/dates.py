"""The Date header: the sender's claim. What cannot be true is no date."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_OLDEST = datetime(1995, 1, 1, tzinfo=UTC)
_LONGEST = 128


def read_date(value: str, received: datetime | None = None) -> datetime | None:
    """The moment in UTC, or None when it is missing, malformed, before 1995, or over a day after `received`."""
    if not value or len(value) > _LONGEST:
        return None
    try:
        moment = parsedate_to_datetime(value)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    latest = received + timedelta(days=1) if received else _newest()
    return moment if _OLDEST <= moment <= latest else None


def received_date(trace: list[str]) -> datetime | None:
    """When our own server took the mail: the date behind the last `;` of the first Received header."""
    return read_date(trace[0].rpartition(";")[2].strip()[:_LONGEST]) if trace else None


def _newest() -> datetime:
    """Reading is pure and knows no clock: without a Received header only the plainly absurd is refused."""
    return datetime(2090, 1, 1, tzinfo=UTC)
