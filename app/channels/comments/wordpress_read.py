"""Reading a WordPress site: what is new, and what became of recent comments.

The API filters by the moment of publication in the site's own time, never by change. So each run begins an hour before the
newest comment read (more than the clock goes back in autumn), and what is known by id, content and status is left out. A
comment that was edited or approved there gives a new item. Edits and deletions of older ones leave no trace at all: the recent
ones are looked at again now and then, which also finds what somebody took out of the spam or the trash.

Paging is by time, not by page number: while pages are counted, a deletion would move a comment to a page already read.

Our own answers come back too, at once: intake tells an echo from a colleague's answer.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from app.channels.comments.wordpress_api import COMMENTS, INDEX, Api
from app.channels.comments.wordpress_comment import BACK, EDITED, GONE, NEW, Comment, is_gone, key_of
from app.channels.contract import Page, RawItem

PAGE = 100  # the API's most
RECENT = 500  # comments that are looked at again
AWAY = "gone"  # in the place of a version: it may come back
OVERLAP = timedelta(hours=1)
FIELDS = ",".join(
    "id post parent author author_name author_email author_user_agent date date_gmt content link status weerklank_staff"
    " _links".split()
)
ONE: Mapping[str, str | int] = {"context": "edit", "_embed": "up", "_fields": FIELDS}
EVERY: Mapping[str, str | int] = {**ONE, "status": "all", "type": "comment", "per_page": PAGE}

Listed = tuple[Mapping[str, Any], Comment | None]
"""What the site lists, and the comment in it; None for what is no comment as we know them."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where reading is. Moments are the site's own time, without a zone.

    `start`: older ones are left alone; `newest`: the newest read; `seen`: id → version of recent ones; `looked`: when those
    were looked at (seconds since 1970).
    """

    start: datetime
    newest: datetime
    looked: float
    seen: Mapping[int, str] = field(default_factory=dict)

    def written(self) -> str:
        """The cursor."""
        return json.dumps([self.start.isoformat(), self.newest.isoformat(), self.looked, list(self.seen.items())])

    def with_seen(self, comments: Sequence[Comment]) -> "Position":
        """With these known as they are now."""
        known = {**self.seen, **{one.id: one.version for one in comments}}
        return replace(self, seen=dict(sorted(known.items())[-RECENT:]))  # by number: what was away keeps its place


def position(cursor: str) -> Position:
    """Where a cursor stands."""
    start, newest, looked, seen = json.loads(cursor)
    return Position(datetime.fromisoformat(start), datetime.fromisoformat(newest), looked, dict(map(tuple, seen)))


class Reader:
    """One run over a site. `staff` are the ids of users who answer for us, the one that we answer as among them."""

    def __init__(self, api: Api, staff: frozenset[int], now: datetime) -> None:
        self._api = api
        self._staff = staff
        self._now = now

    def pages(self, cursor: str | None, backfill: timedelta, every: timedelta) -> Iterator[Page]:
        """All pages after `cursor`, oldest first. Raises `Unreachable`."""
        here = self._start(backfill) if cursor is None else position(cursor)
        written = cursor
        for items, here, behind in self._new(here):  # noqa: B020  (where we are moves on with every page)
            if items or here.written() != written:
                written = here.written()
                yield Page(items, written, behind)
        if self._now.timestamp() - here.looked >= every.total_seconds():
            items, here = self._look_again(here)
            yield Page(items, here.written(), behind=0)

    def keys(self, backfill: timedelta) -> Iterator[str]:
        """The keys of the comments of the last days that the site holds."""
        for batch, _ in self._batches(self._start(backfill).start):
            yield from (key_of(one.id) for _, one in batch if one is not None)

    def _new(self, here: Position) -> Iterator[tuple[Sequence[RawItem], Position, int]]:
        for batch, behind in self._batches(max(here.start, here.newest - OVERLAP)):
            comments = [one for _, one in batch if one is not None]
            items = self._changed(here, comments) + [_odd(record) for record, one in batch if one is None]
            dates = [found for one in comments if (found := _moment(one.date)) is not None]
            here = replace(here.with_seen(comments), newest=max([here.newest, *dates]))
            yield items, here, behind

    def _look_again(self, here: Position) -> tuple[Sequence[RawItem], Position]:
        there = {one.id: one for one in self._recent(here.start)}
        comments = [there[number] for number in sorted(there)]
        missing = [number for number, version in here.seen.items() if number not in there and version != AWAY]
        gone = [number for number in missing if is_gone(self._api.find(str(number), ONE))]  # a list may just be short
        items = self._changed(here, comments)
        items += [Comment(id=number).item(GONE, f"gone:{number}:{self._stamp}") for number in gone]
        after = here.with_seen(comments)
        seen = {number: AWAY if number in gone else version for number, version in after.seen.items()}
        return items, replace(after, looked=self._now.timestamp(), seen=seen)

    def _changed(self, here: Position, comments: Sequence[Comment]) -> list[RawItem]:
        """An item for each that is not known, or not as it is now."""
        items = []
        for one in comments:
            known = here.seen.get(one.id)
            if known is None:
                items.append(one.item(NEW, key_of(one.id)))
            elif known != one.version:
                what = BACK if known == AWAY else EDITED
                items.append(one.item(what, f"{what}:{one.id}:{one.version}:{self._stamp}"))
        return items

    def _batches(self, after: datetime) -> Iterator[tuple[Sequence[Listed], int]]:
        """What was published after a moment, oldest first, and how much is left behind each."""
        number, before = 1, frozenset[object]()
        while True:
            query = {**EVERY, "after": after.isoformat(), "orderby": "date", "order": "asc", "page": number}
            records, total = self._api.listed(COMMENTS, query)
            fresh = [(record, self._read(record)) for record in records if record.get("id") not in before]
            yield fresh, max(0, total - number * PAGE)
            if len(records) < PAGE:
                return
            before = frozenset(record.get("id") for record in records if isinstance(record.get("id"), int))
            last = _moment(records[-1].get("date"))
            before_last = last - timedelta(seconds=1) if last else after  # others of the same second may follow
            after, number = (before_last, 1) if before_last > after else (after, number + 1)

    def _recent(self, start: datetime) -> Iterator[Comment]:
        for number in range(1, RECENT // PAGE + 1):
            query = {**EVERY, "after": start.isoformat(), "orderby": "date", "order": "desc", "page": number}
            records, _ = self._api.listed(COMMENTS, query)
            yield from (one for record in records if (one := self._read(record)) is not None)
            if len(records) < PAGE:
                return

    def _read(self, record: Mapping[str, Any]) -> Comment | None:
        try:
            return Comment.of_api(record, self._staff)
        except ValidationError:
            return None

    def _start(self, backfill: timedelta) -> Position:
        # The overlap here too: the site's clock need not be ours, and its hour may come twice.
        start = (self._now + self._offset() - backfill - OVERLAP).replace(tzinfo=None, microsecond=0)
        return Position(start, start, looked=self._now.timestamp())

    def _offset(self) -> timedelta:
        """How far the site's own time is before UTC."""
        index = self._api.get(INDEX, {"_fields": "gmt_offset"})
        try:
            return timedelta(hours=float(index["gmt_offset"]))
        except (KeyError, TypeError, ValueError, OverflowError):
            return timedelta()

    @property
    def _stamp(self) -> int:
        """Tells one edit from the next, also where the words go back to what they were."""
        return int(self._now.timestamp())


def _odd(record: Mapping[str, Any]) -> RawItem:
    """Something in the list that is no comment as we know them: it is set aside with its reason, and the next one goes on."""
    body = json.dumps({"comment": record}).encode()
    known = record.get("id")
    name = str(known) if isinstance(known, int) and 0 < known < 2**63 else hashlib.sha256(body).hexdigest()
    return RawItem(f"comment:{name}", body, meta={"what": NEW})


def _moment(value: object) -> datetime | None:
    """A moment in the site's own time."""
    try:
        return datetime.fromisoformat(value).replace(tzinfo=None) if isinstance(value, str) else None
    except ValueError:
        return None
