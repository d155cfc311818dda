"""Reading a Vimeo account: the comments and replies under its newest videos, and recent ones once more.

Vimeo has no "since", no webhook, and tells neither edits nor deletions. So a video whose number of comments changed is read
from its last known comments on, and now and then every video is: what has other words is an edit, what is no longer there
is asked for by its own address (a list may shift while it is read) before it counts as deleted.

The cursor remembers, for each video, how many comments it had and what its recent ones said. It does not grow with the
account: of each video the last `RESCANNED` comments, of all together `MOST` entries.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.channels.contract import Page, RawItem, Unreachable
from app.channels.social.api import Api
from app.channels.social.json_fields import moment, record, records, text
from app.channels.social.vimeo_parse import COMMENT, EDITED, GONE, user_id, version

READING = "reading"
PAGE = 100  # the most that Vimeo gives
RESCANNED = 300  # comments of one video that are looked at again
MOST = 4000  # remembered comments in all
LOOKED_UP = 50  # comments that are asked for by their own address, of one video at one look


@dataclass(slots=True)
class Seen:
    """A video as we saw it last: its number of comments as it says itself (`total`) and as its list says (`listed`; whether
    the other counts replies is not documented), and the version of its recent comments by address, oldest first.
    """

    total: int = -1
    listed: int = 0
    comments: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Position:
    """Where reading is. `floor`: what is older is left alone; `looked`: when everything was; `at`: video and page under way."""

    floor: float
    looked: float = 0.0
    at: tuple[str, int] = ("", 1)
    videos: dict[str, Seen] = field(default_factory=dict)

    def written(self) -> str:
        """The cursor."""
        videos = [[name, seen.total, seen.listed, seen.comments] for name, seen in self.videos.items()]
        return json.dumps([self.floor, self.looked, self.at, videos])

    def trim(self) -> None:
        """Forget the oldest, so that the cursor keeps its size."""
        left = MOST
        for seen in reversed(self.videos.values()):
            keep = min(left, 2 * RESCANNED)
            seen.comments = dict(list(seen.comments.items())[-keep:]) if keep else {}
            left -= len(seen.comments)


def position(cursor: str) -> Position:
    """Where a cursor stands."""
    floor, looked, at, videos = json.loads(cursor)
    seen = {name: Seen(total, listed, comments) for name, total, listed, comments in videos}
    return Position(floor, looked, (at[0], at[1]), seen)


class Reader:
    """One run over an account."""

    def __init__(self, api: Api, own_id: str, now: datetime) -> None:
        self._api = api
        self._own_id = own_id
        self._now = now

    def pages(self, cursor: str | None, backfill: timedelta, every: timedelta, most: int) -> Iterator[Page]:
        """All pages of a run. Raises `Unreachable`, with the last page's cursor still good."""
        here = position(cursor) if cursor else Position((self._now - backfill).timestamp())
        everything = self._now.timestamp() - here.looked >= every.total_seconds()
        videos = self._recent(most)
        here.videos = {v["uri"]: here.videos.get(v["uri"], Seen()) for v in videos}
        for video in _from(videos, here.at[0]):
            seen = here.videos[video["uri"]]
            if everything or seen.total != _total(video, "comments") or here.at[0] == video["uri"]:
                for items in self._video(video, here, seen, everything):
                    here.trim()
                    yield self._page(items, here)
        here.at = ("", 1)
        here.looked = self._now.timestamp() if everything else here.looked
        yield self._page((), here)

    def keys(self, backfill: timedelta, most: int) -> Iterator[str]:
        """How the keys begin of what was said in the last days under the newest videos: what follows changes with its words."""
        since = self._now - backfill
        query = [("direction", "desc"), ("per_page", str(PAGE))]
        for video in self._recent(most):
            for batch, _, _ in self._walk(f"{video['uri']}/comments", query, 1):
                young = [one for one in batch if (moment(one.get("created_on")) or since) >= since]
                for comment, parent in self._with_replies(young, Seen(), True):
                    if not self._answers_nobody(comment, parent):
                        yield _key(comment)
                if len(young) < len(batch):
                    break

    def _page(self, items: Sequence[RawItem], here: Position) -> Page:
        return Page(items, here.written(), quotas=self._api.brake.quotas)

    def _recent(self, most: int) -> Sequence[Mapping[str, Any]]:
        """The newest videos, oldest first. Only the fields we need: that spares Vimeo, and our allowance."""
        query = [
            ("fields", "uri,name,link,metadata.connections.comments.total"), ("sort", "date"), ("direction", "desc"),
            ("per_page", str(min(most, PAGE))),
        ]  # fmt: skip
        found: list[Mapping[str, Any]] = []
        for batch, _, _ in self._walk("/me/videos", query, 1):
            found += batch
            if len(found) >= most:
                break
        return found[:most][::-1]

    def _video(
        self, video: Mapping[str, Any], here: Position, seen: Seen, everything: bool
    ) -> Iterator[Sequence[RawItem]]:
        """The items of one video, page by page; `here` and `seen` are moved along."""
        resumed = here.at[0] == video["uri"]
        start = self._start(video, here.at[1] if resumed else max(0, seen.listed - RESCANNED) // PAGE + 1)
        present: set[str] = set()
        readable = False
        query = [("direction", "asc"), ("per_page", str(PAGE))]
        for batch, page, listed in self._walk(f"{video['uri']}/comments", query, start):
            items: list[RawItem] = []
            for comment, parent in self._with_replies(batch, seen, everything):
                present.add(comment["uri"])
                items += self._items(comment, parent, video, here, seen)
            here.at, seen.listed, readable = (video["uri"], page), listed, True
            yield items
        seen.total = _total(video, "comments")
        if everything and readable and not resumed and (gone := self._gone(seen, present, start == 1)):
            yield gone

    def _start(self, video: Mapping[str, Any], wanted: int) -> int:
        """The page to begin at: one that is there, also when many comments were deleted since."""
        if wanted == 1:
            return 1
        listed = next((listed for _, _, listed in self._walk(f"{video['uri']}/comments", [("per_page", "1")], 1)), 0)
        return min(wanted, max(0, listed - RESCANNED) // PAGE + 1)

    def _with_replies(
        self, batch: Sequence[Mapping[str, Any]], seen: Seen, everything: bool
    ) -> Iterator[tuple[Mapping[str, Any], str]]:
        """Each comment, and under it its replies, with the address of the comment that they answer."""
        for comment in batch:
            yield comment, ""
            replies = _total(comment, "replies")
            if replies and (everything or seen.comments.get(_count_key(comment)) != str(replies)):
                for answers, _, _ in self._walk(f"{comment['uri']}/replies", [("per_page", str(PAGE))], 1):
                    yield from ((answer, comment["uri"]) for answer in answers)
                seen.comments[_count_key(comment)] = str(replies)

    def _items(
        self, comment: Mapping[str, Any], parent: str, video: Mapping[str, Any], here: Position, seen: Seen
    ) -> list[RawItem]:
        """What there is to say of a comment: nothing when it says what it said."""
        address, now_said = comment["uri"], version(comment)
        said = seen.comments.get(address)
        made = moment(comment.get("created_on"))
        old = made is not None and made.timestamp() < here.floor
        if said == now_said or old or self._answers_nobody(comment, parent):
            return []
        seen.comments[address] = now_said
        meta = {
            "title": text(video, "name"), "link": text(video, "link"), "parent": parent,
            "seen_at": self._now.isoformat(), "what": COMMENT if said is None else EDITED,
        }  # fmt: skip
        key = _key(comment) + now_said
        if said is not None:  # words may come back: every edit is an item of its own
            key = f"edited:{address}:{now_said}:{int(self._now.timestamp())}"
        return [RawItem(key, json.dumps(comment).encode(), meta={name: value for name, value in meta.items() if value})]

    def _answers_nobody(self, comment: Mapping[str, Any], parent: str) -> bool:
        return user_id(comment) == self._own_id and not parent

    def _gone(self, seen: Seen, present: set[str], whole: bool) -> list[RawItem]:
        """Withdrawals of remembered comments that are no longer there, each asked for by its own address."""
        known = list(seen.comments)
        begin = 0 if whole else next((place for place, address in enumerate(known) if address in present), 0)
        items = []
        for address in [one for one in known[begin:] if "#" not in one and one not in present][:LOOKED_UP]:
            if self._api.find(address, endpoint=READING) is None:
                del seen.comments[address]
                meta = {"what": GONE, "seen_at": self._now.isoformat()}
                items.append(RawItem(f"gone:{address}", json.dumps({"uri": address}).encode(), meta=meta))
        return items

    def _walk(
        self, path: str, query: Sequence[tuple[str, str]], page: int
    ) -> Iterator[tuple[Sequence[Mapping[str, Any]], int, int]]:
        """The pages of a collection: members, the page's number, and how many members there are in all.

        Of what is gone, or has its comments closed, there are none.
        """
        while True:
            self._api.brake.hold(READING)
            answer = self._api.find(path, [*query, ("page", str(page))], endpoint=READING)
            if answer is None:
                return
            if not isinstance(answer, dict) or not all(
                isinstance(one.get("uri"), str) for one in records(answer, "data")
            ):
                raise Unreachable("Vimeo answered with something that is no list.")
            yield records(answer, "data"), page, _number(answer, "total")
            if not text(record(answer, "paging"), "next"):
                return
            page += 1


def _key(comment: Mapping[str, Any]) -> str:
    return f"comment:{comment['uri']}:"


def _count_key(comment: Mapping[str, Any]) -> str:
    return f"{comment['uri']}#replies"


def _total(data: Mapping[str, Any], connection: str) -> int:
    return _number(record(record(record(data, "metadata"), "connections"), connection), "total")


def _number(data: Mapping[str, Any], name: str) -> int:
    found = data.get(name)
    return found if isinstance(found, int) and 0 <= found < 10**9 else 0


def _from(videos: Sequence[Mapping[str, Any]], address: str) -> Sequence[Mapping[str, Any]]:
    """The videos from where a run was cut off; all of them when that one is no longer among them."""
    place = next((place for place, video in enumerate(videos) if video["uri"] == address), 0)
    return videos[place:]
