"""Reading one Mastodon account: mentions, our own posts, and recent ones once more for what became of them.

`min_id` pages forward from where we were (`since_id` would jump to the newest page and leave a gap). Notifications filtered
by the account's own policy are asked for too, or strangers would be lost. Ids say nothing of time, so the first run walks
each list back to the day where it begins, laying the pages aside, and reads none of them twice. Edits and deletions leave no
trace in either list, so the last posts that we saw are looked at again now and then.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from app.channels.contract import Page, RawItem, Unreachable
from app.channels.social.api import Api, Query, part
from app.channels.social.json_fields import moment
from app.channels.social.laid_aside import laid_aside
from app.channels.social.mastodon_parse import EDITED, GONE, MENTION, OWN

APP_NAME = "Weerklank"
PAGE = 80  # notifications; the server's most
OWN_PAGE = 40  # statuses; the server's most
LOOKED_AT_ONCE = 20  # [M] statuses by id in one call
RECENT = 400  # posts that are looked at again
MOST_BACK = 200  # pages that are walked back at the start: well within one allowance, or the start would never be found
READING = "reading"
NOTIFICATIONS = "/api/v1/notifications"
MENTIONS: Query = (("types[]", "mention"), ("include_filtered", "true"), ("limit", str(PAGE)))
OWN_POSTS: Query = (("exclude_reblogs", "true"), ("limit", str(OWN_PAGE)))

Batch = Sequence[Mapping[str, Any]]
"""A page of notifications or statuses."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where reading is: the newest mention and own post read (empty where a list was not begun), (status, version) of recent
    ones, when those were looked at.
    """

    mention: str = ""
    own: str = ""
    recent: tuple[tuple[str, str], ...] = ()
    looked: float = 0.0

    def written(self) -> str:
        """The cursor."""
        return json.dumps([self.mention, self.own, self.looked, *(list(one) for one in self.recent)])

    def seen(self, statuses: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
        """The recent posts with these after them."""
        return (*self.recent, *((str(one.get("id")), version(one)) for one in statuses))[-RECENT:]


def position(cursor: str) -> Position:
    """Where a cursor stands."""
    mention, own, looked, *recent = json.loads(cursor)
    return Position(mention, own, tuple((status, seen) for status, seen in recent), looked)


def version(status: Mapping[str, Any]) -> str:
    """What changes when a status is edited; empty for one that never was."""
    return str(status.get("edited_at") or "")


class Reader:
    """One run over an account."""

    def __init__(self, api: Api, account_id: str, now: datetime) -> None:
        self._api = api
        self._now = now
        self._own_path = f"/api/v1/accounts/{part(account_id)}/statuses"

    def pages(self, cursor: str | None, backfill: timedelta, every: timedelta) -> Iterator[Page]:
        """All pages after `cursor`. Ends early, without an error, when the server's allowance is nearly used."""
        self._api.brake.hold(READING)
        here = position(cursor) if cursor else Position(looked=self._now.timestamp())
        since = self._now - backfill
        for step in (self._mentions, self._own):
            for items, after in step(here, since):
                here = after
                yield self._page(items, here)
        if here.recent and self._now.timestamp() - here.looked >= every.total_seconds():
            for items, after in self._look_again(here):
                yield self._page(items, after)

    def keys(self, backfill: timedelta) -> Iterator[str]:
        """The keys of the mentions that the server holds, newest first."""
        for batch, _ in self._back(NOTIFICATIONS, MENTIONS, self._now - backfill):
            yield from (item.key for one in batch if (item := _mention(one)) is not None)

    def _page(self, items: Sequence[RawItem], here: Position) -> Page:
        return Page(items, here.written(), quotas=self._api.brake.quotas)

    def _mentions(self, here: Position, since: datetime) -> Iterator[tuple[Sequence[RawItem], Position]]:
        for batch, after in self._forward(NOTIFICATIONS, MENTIONS, here.mention, since):
            statuses = [one["status"] for one in batch if isinstance(one.get("status"), dict)]
            here = replace(here, mention=after, recent=here.seen(statuses))
            yield [item for one in batch if (item := _mention(one)) is not None], here

    def _own(self, here: Position, since: datetime) -> Iterator[tuple[Sequence[RawItem], Position]]:
        for batch, after in self._forward(self._own_path, OWN_POSTS, here.own, since):
            here = replace(here, own=after, recent=here.seen(batch))
            yield [_item(f"own:{one['id']}", OWN, one) for one in batch], here

    def _forward(self, path: str, query: Query, after: str, since: datetime) -> Iterator[tuple[Batch, str]]:
        """The pages after an id, each oldest first and with the id to go on from; the first time from a moment on."""
        if not after:
            for batch, reached in self._begin(path, query, since):
                after = reached
                yield batch, reached
        while self._may_go_on() and (batch := self._batch(path, [*query, ("min_id", after)])[::-1]):
            after = str(batch[-1]["id"])
            yield batch, after

    def _begin(self, path: str, query: Query, since: datetime) -> Iterator[tuple[Batch, str]]:
        """The list from a moment on; where nothing was said since, only the place to go on from."""
        start = "0"
        with laid_aside() as laid:
            for batch, older in self._back(path, query, since):
                start = older or start
                if batch:
                    laid.lay(batch)
            if not laid:
                yield (), start
            for _, batch in laid.pages():
                yield batch[::-1], str(batch[0]["id"])

    def _back(self, path: str, query: Query, since: datetime) -> Iterator[tuple[Batch, str]]:
        """The pages from the newest back to a moment, each newest first; with the last one the id of what is older."""
        oldest = ""
        for _ in range(MOST_BACK):
            batch = self._batch(path, [*query, ("max_id", oldest)] if oldest else query)
            young = list(takewhile(lambda one: (moment(one.get("created_at")) or since) >= since, batch))
            if len(young) < len(batch):
                yield young, str(batch[len(young)]["id"])
                return
            if not batch:
                return
            yield batch, ""
            oldest = str(batch[-1]["id"])

    def _look_again(self, here: Position) -> Iterator[tuple[Sequence[RawItem], Position]]:
        todo = here.recent
        for start in range(0, len(todo), LOOKED_AT_ONCE):
            if not self._may_go_on():
                return
            items, here = self._changes(here, todo[start : start + LOOKED_AT_ONCE])
            last = start + LOOKED_AT_ONCE >= len(todo)
            here = replace(here, looked=self._now.timestamp()) if last else here
            if items or last:
                yield items, here

    def _changes(self, here: Position, seen: Sequence[tuple[str, str]]) -> tuple[Sequence[RawItem], Position]:
        items, recent = [], dict(here.recent)
        for status_id, status in self._by_id([one for one, _ in seen]).items():
            if status is None:
                del recent[status_id]
                items.append(_item(f"gone:{status_id}", GONE, {"id": status_id}))
            elif version(status) != recent[status_id]:
                recent[status_id] = version(status)
                items.append(_item(f"edited:{status_id}:{version(status)}", EDITED, status))
        return items, replace(here, recent=tuple(recent.items()))

    def _by_id(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any] | None]:
        """The statuses as they are now; None for one that the server itself says is gone (a list may just be short)."""
        listed = self._api.find("/api/v1/statuses", [("id[]", one) for one in ids], endpoint=READING)
        found = {str(one["id"]): one for one in listed or () if isinstance(one, dict) and "id" in one}
        return {one: found.get(one) or self._one(one) for one in ids}

    def _one(self, status_id: str) -> Mapping[str, Any] | None:
        status = self._api.find(f"/api/v1/statuses/{part(status_id)}", endpoint=READING)
        if status is not None and not (isinstance(status, dict) and status.get("id")):
            raise Unreachable("Mastodon answered with something that is no post.")
        return status

    def _batch(self, path: str, query: Query) -> list[Mapping[str, Any]]:
        batch = self._api.get(path, query, endpoint=READING)
        if not isinstance(batch, list) or not all(isinstance(one, dict) and one.get("id") for one in batch):
            raise Unreachable("Mastodon answered with something that is no list of posts.")
        return batch

    def _may_go_on(self) -> bool:
        return self._api.brake.wait(READING) is None


def _mention(notification: Mapping[str, Any]) -> RawItem | None:
    status = notification.get("status")
    if not isinstance(status, dict) or not status.get("id"):  # the post went between the notification and now
        return None
    return _item(f"mention:{status['id']}", MENTION, notification)


def _item(key: str, what: str, data: Mapping[str, Any]) -> RawItem:
    return RawItem(key, json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass"), meta={"what": what})
