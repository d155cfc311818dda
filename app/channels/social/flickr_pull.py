"""Reading a Flickr account: the comments under photos that changed since the last time, and recent ones once more.

`flickr.photos.recentlyUpdated` tells which of the account's photos got a comment. Under each, comments are read forward by
their dates (a list that is read by page numbers shifts when somebody deletes). Edits and deletions are told nowhere, so now
and then the comments of the last days are read again: what has other words is an edit; what is missing twice is deleted.

Who answers whom is not told either. By custom a comment links to the person whom it answers; so a comment belongs with the
last one of whom it links to, and with the last one of its own author under that photo. One of ours without a link belongs
with the comment above it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.channels.contract import Page, RawItem, Unreachable
from app.channels.social.api import Api
from app.channels.social.flickr_http import PATH
from app.channels.social.flickr_parse import COMMENT, EDITED, GONE, made, mentioned, version
from app.channels.social.json_fields import record, records, text

READING = "reading"
PAGE = 100  # comments
PHOTOS = 500  # the most that Flickr gives
OVERLAP = 3600  # seconds
REMEMBERED = 300  # comments of one photo
MOST = 4000  # remembered comments in all
MOST_PHOTOS = 1000  # of which is remembered until when they were read

Entry = tuple[str, int, str]
"""What is remembered of a comment: version, date, author."""
Above = tuple[str, str]
"""A comment that stands above another under the same photo: its id, and its author."""


@dataclass(slots=True)
class Seen:
    """A photo as we saw it last: until when its comments were read, and the recent ones by id, oldest first."""

    until: int = 0
    comments: dict[str, Entry] = field(default_factory=dict)


@dataclass(slots=True)
class Position:
    """Where reading is. `floor`: what is older is left alone; `since`: when the last whole run began; `began`: of a run under
    way; `looked`: when the last days were read again; `photos`: by id, the last changed last.
    """

    floor: int
    since: int = 0
    began: int = 0
    looked: int = 0
    photos: dict[str, Seen] = field(default_factory=dict)

    def written(self) -> str:
        """The cursor."""
        photos = [[name, seen.until, seen.comments] for name, seen in self.photos.items()]
        return json.dumps([self.floor, self.since, self.began, self.looked, photos])

    def of(self, photo_id: str) -> Seen:
        """The photo, which is now the last to be forgotten."""
        seen = self.photos.pop(photo_id, None) or Seen()
        self.photos[photo_id] = seen
        return seen

    def trim(self, oldest: int) -> None:
        """Forget what is not looked at again, and the oldest where it is too much, so that the cursor keeps its size."""
        left = MOST
        for seen in reversed(self.photos.values()):
            keep = min(left, REMEMBERED)
            recent = [(one, entry) for one, entry in seen.comments.items() if entry[1] >= oldest]
            seen.comments = dict(recent[-keep:]) if keep else {}
            left -= len(seen.comments)
        for name in list(self.photos)[:-MOST_PHOTOS]:
            del self.photos[name]


def position(cursor: str) -> Position:
    """Where a cursor stands."""
    floor, since, began, looked, photos = json.loads(cursor)
    seen = {
        name: Seen(until, {one: tuple(entry) for one, entry in comments.items()}) for name, until, comments in photos
    }
    return Position(floor, since, began, looked, seen)


@dataclass(frozen=True, slots=True)
class Times:
    """How far to look back, and how often to look again."""

    backfill: timedelta
    rescan: timedelta
    every: timedelta


class Reader:
    """One run over an account."""

    def __init__(self, api: Api, own_id: str, site_url: str, now: datetime) -> None:
        self._api = api
        self._own_id = own_id
        self._site_url = site_url
        self._now = int(now.timestamp())
        self._seen_at = now.isoformat()

    def pages(self, cursor: str | None, times: Times) -> Iterator[Page]:
        """All pages of a run. Raises `Unreachable`, with the last page's cursor still good."""
        start = self._now - int(times.backfill.total_seconds())
        here = position(cursor) if cursor else Position(start, looked=self._now)
        here.began = here.began or self._now
        oldest = max(here.floor, self._now - int(times.rescan.total_seconds()))
        here.trim(oldest)
        for photo in self._changed(max(here.floor, here.since - OVERLAP)):
            for items in self._forward(photo, here.of(photo["id"]), here.floor):
                here.trim(oldest)
                yield self._page(items, here)
        if self._now - here.looked >= times.every.total_seconds():
            for items in self._again(here, oldest):
                yield self._page(items, here)
            here.looked = self._now
        here.since, here.began = here.began, 0
        here.trim(oldest)
        yield self._page((), here)

    def keys(self, backfill: timedelta) -> Iterator[str]:
        """How the keys begin of what others said in the last days: what follows changes with its words."""
        since = self._now - int(backfill.total_seconds())
        for photo in self._changed(since):
            for batch in self._comments(str(photo["id"]), since):
                yield from (_key(comment) for comment in batch if comment.get("author") != self._own_id)

    def _page(self, items: Sequence[RawItem], here: Position) -> Page:
        return Page(items, here.written(), quotas=self._api.brake.quotas)

    def _changed(self, since: int) -> Sequence[Mapping[str, Any]]:
        """The photos that changed or got a comment, the longest ago first."""
        found: list[Mapping[str, Any]] = []
        number = 1
        while True:
            query = [
                ("min_date", str(since)),
                ("per_page", str(PHOTOS)),
                ("page", str(number)),
                ("extras", "last_update"),
            ]
            photos = record(self._ask("flickr.photos.recentlyUpdated", query), "photos")
            batch = _named(photos, "photo")
            found += [{name: one.get(name) for name in ("id", "title", "ispublic")} for one in batch]
            if len(batch) < PHOTOS:
                return found[::-1]
            number += 1

    def _forward(self, photo: Mapping[str, Any], seen: Seen, floor: int) -> Iterator[Sequence[RawItem]]:
        """What was said under a photo since we read it."""
        since = max(seen.until, floor)
        above = [(one, entry[2]) for one, entry in seen.comments.items() if entry[1] < since]
        for batch in self._comments(str(photo["id"]), since):
            items: list[RawItem] = []
            for comment in batch:
                items += self._items(comment, photo, seen, above)
                seen.until = max(seen.until, made(comment))
                above.append((str(comment["id"]), str(comment.get("author", ""))))
            if items:
                yield items

    def _again(self, here: Position, oldest: int) -> Iterator[Sequence[RawItem]]:
        """What became of the comments of the last days."""
        for photo_id, seen in [(one, seen) for one, seen in here.photos.items() if seen.comments]:
            items: list[RawItem] = []
            found = self._present(photo_id, seen, oldest, items)
            missing = found is not None and [one for one in seen.comments if one not in found]
            if missing and (again := self._present(photo_id, seen, oldest, [])) is not None:
                for one in [one for one in missing if one not in again]:
                    del seen.comments[one]
                    items.append(self._item(f"gone:{one}", {"id": one}, {"what": GONE}))
            if items:
                yield items

    def _present(self, photo_id: str, seen: Seen, oldest: int, items: list[RawItem]) -> set[str] | None:
        """The ids of the recent comments that are there now; None when they cannot be read. Edits go to `items`."""
        since = min((entry[1] for entry in seen.comments.values()), default=oldest)
        found: set[str] | None = None
        for batch in self._comments(photo_id, since):
            found = (found or set()) | {str(comment["id"]) for comment in batch}
            for comment in batch:
                if str(comment["id"]) in seen.comments:
                    items += self._items(comment, {"id": photo_id}, seen)
        return found

    def _comments(self, photo_id: str, since: int) -> Iterator[Sequence[Mapping[str, Any]]]:
        """The comments under a photo from a moment on, in pages, oldest first. None of a photo that is gone."""
        known: set[str] = set()
        number = 1
        while True:
            query = [
                ("photo_id", photo_id), ("min_comment_date", str(since)), ("per_page", str(PAGE)), ("page", str(number)),
            ]  # fmt: skip
            answer = self._ask("flickr.photos.comments.getList", query)
            if answer is None:
                return
            batch = sorted(_named(record(answer, "comments"), "comment"), key=made)
            new = [comment for comment in batch if comment["id"] not in known]
            yield new
            if len(batch) < PAGE or (number > 1 and not new):
                return
            known = {str(comment["id"]) for comment in batch}
            last = made(batch[-1])
            # A page that is one second long: only page numbers lead on.
            since, number = (since, number + 1) if last <= since else (last, 1)

    def _items(
        self, comment: Mapping[str, Any], photo: Mapping[str, Any], seen: Seen, above: Sequence[Above] = ()
    ) -> list[RawItem]:
        """What there is to say of a comment: nothing when it says what it said."""
        one, said, author = str(comment["id"]), version(comment), str(comment.get("author", ""))
        before = seen.comments.get(one)
        if before is not None and before[0] == said:
            return []
        references = self._references(comment, author, above) if before is None else ()
        if author == self._own_id and before is None and not references:
            return []  # it answers nobody
        seen.comments[one] = (said, made(comment), author)
        if before is not None:  # words may come back: every edit is an item of its own
            return [self._item(f"edited:{one}:{said}:{self._now}", comment, {"what": EDITED})]
        meta = {
            "what": COMMENT, "photo": str(photo["id"]), "title": _title(photo), "references": " ".join(references),
            "link": f"{self._site_url}/photos/{self._own_id}/{photo['id']}",
            "limited": "1" if photo.get("ispublic") == 0 else "",
        }  # fmt: skip
        return [self._item(_key(comment) + said, comment, meta)]

    def _references(self, comment: Mapping[str, Any], author: str, above: Sequence[Above]) -> Sequence[str]:
        """The comments above that this one belongs with, nearest first."""
        addressed = _last_of(mentioned(comment), above)
        if author != self._own_id:
            return [one for one in dict.fromkeys((addressed, _last_of(author, above))) if one]
        nearest = addressed or next((one for one, other in reversed(above) if other != author), "")
        return [nearest] if nearest else []

    def _item(self, key: str, data: Mapping[str, Any], meta: Mapping[str, str]) -> RawItem:
        kept = {name: value for name, value in {**meta, "seen_at": self._seen_at}.items() if value}
        return RawItem(key, json.dumps(data).encode(), meta=kept)

    def _ask(self, method: str, query: Sequence[tuple[str, str]]) -> Any:
        """The answer of a method; None where what it is about is gone. Raises `Unreachable`."""
        self._api.brake.hold(READING)
        asked = [("method", method), ("format", "json"), ("nojsoncallback", "1"), *query]
        answer = self._api.find(PATH, asked, endpoint=READING)
        if answer is not None and (not isinstance(answer, dict) or answer.get("stat") != "ok"):
            raise Unreachable("Flickr answered with something that is no answer of its API.")
        return answer


def _key(comment: Mapping[str, Any]) -> str:
    return f"comment:{comment['id']}:"


def _last_of(author: str, above: Sequence[Above]) -> str:
    """The last comment of somebody; empty where there is none."""
    return next((one for one, other in reversed(above) if other == author), "") if author else ""


def _named(data: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    found = records(data, name)
    if not all(isinstance(one.get("id"), str) and one["id"] for one in found):
        raise Unreachable("Flickr answered with something that is no list.")
    return found


def _title(photo: Mapping[str, Any]) -> str:
    """A title is a text in a list of photos, and `{"_content": …}` elsewhere."""
    title = photo.get("title")
    return title if isinstance(title, str) else text(record(photo, "title"), "_content")
