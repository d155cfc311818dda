"""Reading back what Twilio holds, since a webhook can get lost: what came in, and what became of what went out.

The cursor is two moments (ISO 8601, a bar between them): up to which what came in was read, and when we last looked at what
went out. What came in is read day by day from an hour before the cursor on, oldest first, since rows may be stamped late;
the ids make the repeat harmless. Twilio's lists are newest first and filtered by whole days (UTC) for certain, so one day is
read at a time and turned round: what is in memory is a day's rows, never the backlog.

What went out changes after it went: a message arrives hours later, or not at all. So every few minutes the rows of half a
day are looked at again. They also show what a colleague typed in Twilio's own console.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import takewhile
from typing import Any

from app.channels.contract import OutgoingMessage, Page, RawItem, Unreadable
from app.channels.phone.api import Query, Twilio

OVERLAP = timedelta(hours=1)
LOOK_EVERY = timedelta(minutes=5)
STILL_CHANGES = timedelta(hours=12)
"""How long an outgoing row may go on changing: Twilio gives a message up after ten hours at most (its validity period)."""

LOOKED_BACK = timedelta(hours=24)
"""How far back our own message or call is looked for where nobody knows when it was asked for."""
SLACK = timedelta(minutes=1)
"""Between our clock and Twilio's."""

MEDIA_TYPE = "application/json"
AT_ONCE = 100

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """Which rows: of a resource, on a day (`day_field`), with their moment in `moment_field`, from and to our `number`.

    `went_out` gives the items of an outgoing row as it stands now; none while it says nothing yet.
    """

    resource: str
    day_field: str
    moment_field: str
    number: str
    went_out: Callable[[Row], Sequence[RawItem]]


def pages(twilio: Twilio, held: Held, cursor: str | None, now: datetime, back: int) -> Iterator[Page]:
    """What came in after the cursor, without one in the last `back` days; then what went out. Raises `Unreachable`."""
    _, _, went = (cursor or "").partition("|")
    start = now - timedelta(days=back)
    yield from _came_in(twilio, held, since(cursor, now, back), now, went)
    looked = datetime.fromisoformat(went) if went else None
    if looked is None or now - looked >= LOOK_EVERY:
        for items in _went_out(twilio, held, looked - STILL_CHANGES if looked else start, now, by_day=looked is None):
            yield Page(items, f"{now.isoformat()}|{went}")
        went = now.isoformat()
    yield Page((), f"{now.isoformat()}|{went}")


def since(cursor: str | None, now: datetime, back: int) -> datetime:
    """From when on what came in is read."""
    came = (cursor or "").partition("|")[0]
    return datetime.fromisoformat(came) - OVERLAP if came else now - timedelta(days=back)


def since_written(message: OutgoingMessage, now: datetime) -> datetime:
    """From when on a message or call of ours can be this one: earlier ones with the same words are others."""
    return now - LOOKED_BACK if message.made_at is None else message.made_at - SLACK


def moment(row: Row, field: str) -> datetime | None:
    """A row's moment: RFC 2822, as everywhere in this interface. None when there is none, or no such."""
    given = row.get(field) or row.get("date_created")
    if not isinstance(given, str):
        return None
    try:
        found = parsedate_to_datetime(given)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):  # a year or an offset that no calendar has
        return None


def item(key: str, row: Row, what: str = "") -> RawItem:
    """A row as it was given; `what` says what of it the item is about."""
    return RawItem(key, json.dumps(row, ensure_ascii=False).encode(), MEDIA_TYPE, {"row": what} if what else {})


def row_of(body: bytes) -> dict[str, Any]:
    """The row in an item. Raises `Unreadable`, also for one without an id."""
    try:
        row = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("the row is no JSON") from error
    if not isinstance(row, dict) or not isinstance(row.get("sid"), str) or not row["sid"]:
        raise Unreadable("a row without its id")
    return row


def word(row: Row, field: str) -> str:
    """A field of a row; empty when it is no text."""
    value = row.get(field)
    return value if isinstance(value, str) else ""


def _came_in(twilio: Twilio, held: Held, since: datetime, now: datetime, went: str) -> Iterator[Page]:
    for day in days(since, now):
        rows = fresh(twilio, held, [("To", held.number), (held.day_field, day)], since)
        found = [row for row in rows if row.get("direction") == "inbound" and word(row, "sid")][::-1]
        for start in range(0, len(found), AT_ONCE):
            part = found[start : start + AT_ONCE]
            reached = moment(part[-1], held.moment_field) or since
            items = [item(row["sid"], row) for row in part]
            yield Page(items, f"{reached.isoformat()}|{went}", behind=len(found) - start - len(part))


def _went_out(
    twilio: Twilio, held: Held, since: datetime, now: datetime, *, by_day: bool
) -> Iterator[Sequence[RawItem]]:
    """`by_day`: the first look may go far back. Later ones take what has no day yet too: it may have failed unsent."""
    for more in [[(held.day_field, day)] for day in days(since, now)] if by_day else [[]]:
        rows = [*fresh(twilio, held, [("From", held.number), *more], since)][::-1]
        sent = (row for row in rows if word(row, "direction").startswith("outbound") and word(row, "sid"))
        items = [found for row in sent for found in held.went_out(row)]
        for start in range(0, len(items), AT_ONCE):
            yield items[start : start + AT_ONCE]


def fresh(twilio: Twilio, held: Held, query: Query, since: datetime) -> Iterator[dict[str, Any]]:
    """The rows since that moment, newest first."""
    return takewhile(lambda row: (moment(row, held.moment_field) or since) >= since, twilio.rows(held.resource, query))


def days(since: datetime, now: datetime) -> Iterator[str]:
    """The days (UTC) from one moment to another, as filters want them."""
    first: date = since.astimezone(UTC).date()
    for ahead in range((now.astimezone(UTC).date() - first).days + 1):
        yield (first + timedelta(days=ahead)).isoformat()
