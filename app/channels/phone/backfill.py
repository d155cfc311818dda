"""Reading back what Twilio holds, since a webhook can get lost: day by day from the cursor on, oldest first.

The cursor is the moment (ISO 8601) up to which everything was read. Reading starts an hour before it, since rows may be
stamped late; the ids make the repeat harmless. Twilio's lists are newest first and filtered by whole days (UTC) for
certain, so one day is read at a time and turned round: what is in memory is a day's rows, never the backlog.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import takewhile
from typing import Any

from app.channels.contract import Page, RawItem
from app.channels.phone.api import Twilio

OVERLAP = timedelta(hours=1)
MEDIA_TYPE = "application/json"
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Held:
    """Which rows: of a resource, on a day (`day_field`), with their moment in `moment_field`, to our `number`."""

    resource: str
    day_field: str
    moment_field: str
    number: str


def pages(twilio: Twilio, held: Held, cursor: str | None, now: datetime, days: int) -> Iterator[Page]:
    """What came in after the cursor; without one, in the last `days` days. Raises `Unreachable`."""
    since = datetime.fromisoformat(cursor) - OVERLAP if cursor else now - timedelta(days=days)
    day = since.astimezone(UTC).date()
    while day <= now.astimezone(UTC).date():
        yield from _day(twilio, held, day, since)
        day += timedelta(days=1)
    yield Page((), now.isoformat())


def moment(row: Mapping[str, Any], field: str) -> datetime | None:
    """A row's moment: RFC 2822, as everywhere in this interface. None when there is none, or no such."""
    given = row.get(field) or row.get("date_created")
    if not isinstance(given, str):
        return None
    try:
        found = parsedate_to_datetime(given)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):  # a year or an offset that no calendar has
        return None


def _day(twilio: Twilio, held: Held, day: date, since: datetime) -> Iterator[Page]:
    rows = twilio.rows(held.resource, [("To", held.number), (held.day_field, day.isoformat())])
    fresh = takewhile(lambda row: (moment(row, held.moment_field) or since) >= since, rows)
    items = [(_item(row), moment(row, held.moment_field) or since) for row in fresh if _came_in(row)][::-1]
    for start in range(0, len(items), AT_ONCE):
        part = items[start : start + AT_ONCE]
        yield Page([item for item, _ in part], part[-1][1].isoformat(), behind=len(items) - start - len(part))


def _came_in(row: Mapping[str, Any]) -> bool:
    return row.get("direction") == "inbound" and isinstance(row.get("sid"), str)


def _item(row: Mapping[str, Any]) -> RawItem:
    return RawItem(str(row["sid"]), json.dumps(row, ensure_ascii=False).encode(), MEDIA_TYPE)
