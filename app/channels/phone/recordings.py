"""Messages that callers left, read back where their webhook was lost, under the same key.

A recording's row tells neither who called nor which number: that is in its call, which is fetched with the sound. So those
of an account's other numbers are seen too, and are nothing for us.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from app.channels.contract import Page, RawItem, Unreadable
from app.channels.phone import backfill
from app.channels.phone.api import Twilio
from app.channels.phone.backfill import Row, item, row_of, word

RECORDING, CALL = "recording", "call"


def pages(twilio: Twilio, since: datetime, now: datetime, cursor: str) -> Iterator[Page]:
    """Those made since then, oldest first; `cursor` stays as it is until the calls were read too. Raises `Unreachable`."""
    held = backfill.Held("Recordings", "DateCreated", "date_created", "", lambda _: ())
    for day in backfill.days(since, now):
        rows = [*backfill.fresh(twilio, held, [("DateCreated", day)], since)][::-1]
        items = [item(f"recording:{row['sid']}", row, RECORDING) for row in rows if _said_something(row)]
        for start in range(0, len(items), backfill.AT_ONCE):
            yield Page(items[start : start + backfill.AT_ONCE], cursor)


def complete(twilio: Twilio, given: RawItem, number: str) -> RawItem:
    """With its call, and with the sound when that call was to our `number`. Raises `Unreachable` or `Unreadable`."""
    row = row_of(given.body)
    call = twilio.row(f"Calls/{word(row, 'call_sid')}")
    found = {CALL: item("", call).body}
    if to_us(call, number):
        found[RECORDING] = twilio.file(f"{twilio.base}{word(row, 'uri').removesuffix('.json')}.mp3")
    return RawItem(given.key, given.body, given.media_type, given.meta, found)


def call_of(completed: Mapping[str, bytes]) -> Row:
    """The call that it belongs to. Raises `Unreadable`."""
    if CALL not in completed:
        raise Unreadable("a recording without its call")
    return row_of(completed[CALL])


def to_us(call: Row, number: str) -> bool:
    """Whether somebody called this number."""
    return word(call, "to") == number and word(call, "direction") == "inbound"


def _said_something(row: Row) -> bool:
    whole = word(row, "status") == "completed" and word(row, "duration") not in ("", "0")
    return whole and bool(word(row, "sid")) and bool(word(row, "call_sid"))
