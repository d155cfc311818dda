"""Reading one X account without paying twice: mentions, our own posts, and, where it was chosen, deletions.

X lists newest first and asks money for every post, while tickets want to grow from the oldest on. So a run walks back to
where we were, laying what it reads aside, and then hands the pages over from the last to the first. Where the allowance ends
the walk early, the cursor keeps the gap, and the next run fills it first.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from app.channels.contract import Page, RawItem, Unreachable, Unreadable
from app.channels.social.api import Api, Query, part
from app.channels.social.json_fields import Record, record, records, text
from app.channels.social.laid_aside import LaidAside, laid_aside
from app.channels.social.x_parse import EDITED, GONE, MENTION, OWN, versions
from app.channels.social.x_prices import OWN_READ, READ

PAGE = 100
NOT_FOUND = "resource-not-found"  # how the type of such a problem ends
RECENT = 100  # mentions that are looked at again: one call
MENTIONS, OWN_POSTS, LOOKING = "mentions", "own posts", "looking again"
POST_FIELDS = (
    "attachments,author_id,conversation_id,created_at,entities,in_reply_to_user_id,lang,note_tweet,referenced_tweets"
)
FIELDS: Query = (
    ("tweet.fields", POST_FIELDS),
    ("expansions", "author_id,attachments.media_keys"),
    ("user.fields", "name,username"),
    ("media.fields", "alt_text,preview_image_url,type,url"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """How far one list is read: everything up to `since`, except what lies between the two ids of `gap`.

    `start` (ISO 8601) bounds the list below while no id is known yet.
    """

    since: str = ""
    start: str = ""
    gap: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """The cursor: both lists, the mentions that are looked at again, and when that was done last.

    Of each of those mentions the newest version and the first: an edit takes the place of what it corrects.
    """

    mentions: Place
    own: Place
    recent: tuple[tuple[str, str], ...] = ()
    looked: float = 0.0

    def written(self) -> str:
        """As text."""
        lists = [[place.since, place.start, place.gap] for place in (self.mentions, self.own)]
        return json.dumps([*lists, self.recent, self.looked])

    def seen(self, posts: Sequence[Record]) -> tuple[tuple[str, str], ...]:
        """The recent mentions with these after them."""
        new = {versions(post)[0]: _id(post) for post in posts}
        kept = [pair for pair in self.recent if pair[1] not in new]
        return (*kept, *((newest, first) for first, newest in new.items()))[-RECENT:]


def position(cursor: str) -> Position:
    """Where a cursor stands."""
    mentions, own, recent, looked = json.loads(cursor)
    return Position(_place(mentions), _place(own), tuple((newest, first) for newest, first in recent), looked)


def start(since: datetime, now: datetime) -> Position:
    """The beginning: what was said since a moment; nothing needs to be looked at again yet."""
    first = Place(start=since.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return Position(first, first, looked=now.timestamp())


@dataclass(frozen=True, slots=True)
class _Batch:
    """One page of a walk, as it was laid aside."""

    posts: Sequence[Record] = ()
    includes: Record = field(default_factory=dict)
    token: str = ""


@dataclass(slots=True)
class _Walk:
    """The pages of one walk back. `whole`: it reached what was read before; `oldest`: the last post it came to."""

    laid: LaidAside
    whole: bool = False
    oldest: str = ""

    def lay(self, answer: Any) -> str:
        """Keep one answer; gives the token of the page after it. Raises `Unreachable` where it is no page of posts."""
        batch = _batch(answer)
        if batch.posts:
            self.laid.lay(answer)
            self.oldest = _id(batch.posts[0])
        return batch.token

    def pages(self) -> Iterator[tuple[int, _Batch]]:
        """How many come after it, and the page, oldest first."""
        return ((left, _batch(answer)) for left, answer in self.laid.pages())


class Reader:
    """One run over an account."""

    def __init__(self, api: Api, user_id: str, now: datetime) -> None:
        self._api = api
        self._now = now
        self._user = part(user_id)

    def pages(self, cursor: str | None, backfill: timedelta, look_every: timedelta | None) -> Iterator[Page]:
        """All pages after `cursor`; ends early when X's allowance is nearly used. Raises `Unreachable`."""
        self._api.brake.hold(MENTIONS)
        here = start(self._now - backfill, self._now) if cursor is None else position(cursor)
        if cursor is None:
            yield self._page((), here, 0)
        for batch, place in self._read(MENTIONS, here.mentions):
            items = [self._mention(post, batch, here.mentions) for post in batch.posts]
            here = replace(here, mentions=place, recent=here.seen(batch.posts) if look_every else ())
            yield self._page(items, here, OWN_READ * len(items))
        for batch, place in self._read(OWN_POSTS, here.own):
            here = replace(here, own=place)
            items = [_item(f"own:{_id(post)}", OWN, post, batch.includes) for post in batch.posts]
            yield self._page(items, here, OWN_READ * len(items))
        if look_every and here.recent and self._now.timestamp() - here.looked >= look_every.total_seconds():
            yield self._look_again(here)

    def _page(self, items: Sequence[RawItem], here: Position, spent: float) -> Page:
        return Page(items, here.written(), quotas=self._api.brake.quotas, spent=spent)

    def _mention(self, post: Record, batch: _Batch, before: Place) -> RawItem:
        """An edit of a post that we read already is a revision; of one that was edited before we came, the reaction."""
        first = versions(post)[0]
        known = first != _id(post) and bool(before.since) and int(first) <= int(before.since)
        return _item(f"mention:{_id(post)}", EDITED if known else MENTION, post, batch.includes)

    def _read(self, what: str, place: Place) -> Iterator[tuple[_Batch, Place]]:
        """Each page, oldest first, and the place after it: an old gap first, then what is new."""
        if place.gap is not None:
            for batch, after in self._fill(what, place, *place.gap):
                place = after
                yield batch, after
        if place.gap is None and self._api.brake.wait(what) is None:
            yield from self._go_on(what, place)

    def _fill(self, what: str, place: Place, low: str, high: str) -> Iterator[tuple[_Batch, Place]]:
        """What an earlier run left out. Where this one ends early too, the gap shrinks with its last page."""
        with self._walked(what, Place(low, place.start), high) as walk:
            smaller = None if walk.whole else (low, walk.oldest or high)
            if not walk.laid:
                yield _Batch(), replace(place, gap=smaller)
            for left, batch in walk.pages():
                rest = (_id(batch.posts[-1]), high) if walk.whole else (low, high)
                yield batch, replace(place, gap=rest if left else smaller)

    def _go_on(self, what: str, place: Place) -> Iterator[tuple[_Batch, Place]]:
        """What is new. Where the walk ends early, what lies under it becomes a gap."""
        with self._walked(what, place, "") as walk:
            gap = None if walk.whole else (place.since, walk.oldest)
            for _, batch in walk.pages():
                yield batch, replace(place, since=_id(batch.posts[-1]), gap=gap)

    @contextmanager
    def _walked(self, what: str, place: Place, until: str) -> Iterator[_Walk]:
        """Walk back from the newest (or `until`) to `place`, and lay every page aside."""
        with laid_aside() as laid:
            walk, token = _Walk(laid), ""
            while not walk.laid or self._api.brake.wait(what) is None:
                token = walk.lay(self._api.get(self._path(what), self._query(what, place, until, token), endpoint=what))
                if not token:
                    walk.whole = True
                    break
            yield walk

    def _path(self, what: str) -> str:
        return f"/2/users/{self._user}/{'mentions' if what == MENTIONS else 'tweets'}"

    def _query(self, what: str, place: Place, until: str, token: str) -> Query:
        bounds = (
            ("since_id", place.since), ("start_time", "" if place.since else place.start), ("until_id", until),
            ("pagination_token", token), ("exclude", "retweets" if what == OWN_POSTS else ""),
        )  # fmt: skip
        return [("max_results", str(PAGE)), *FIELDS, *((name, value) for name, value in bounds if value)]

    def _look_again(self, here: Position) -> Page:
        """Which of the last mentions are gone: X names those it cannot find, so that a short list proves nothing."""
        ids = ",".join(newest for newest, _ in here.recent)
        answer = self._api.get("/2/tweets", [("ids", ids)], endpoint=LOOKING)
        try:
            errors, there = records(answer, "errors"), records(answer, "data")
        except (Unreadable, AttributeError) as error:
            raise Unreachable("X answered with something that is no list of posts.") from error
        gone = {str(one.get("resource_id")) for one in errors if str(one.get("type", "")).endswith(NOT_FOUND)}
        items = [_item(f"gone:{first}", GONE, {"id": first}, {}) for newest, first in here.recent if newest in gone]
        left = tuple(pair for pair in here.recent if pair[0] not in gone)
        return self._page(items, replace(here, recent=left, looked=self._now.timestamp()), READ * len(there))


def _batch(answer: Any) -> _Batch:
    """A page as X gave it, its posts oldest first. Raises `Unreachable` where it is none."""
    try:
        posts = records(answer, "data")
        if all(_is_id(post.get("id")) and all(map(_is_id, versions(post))) for post in posts):
            return _Batch(tuple(posts)[::-1], record(answer, "includes"), text(record(answer, "meta"), "next_token"))
    except (Unreadable, AttributeError) as error:
        raise Unreachable("X answered with something that is no list of posts.") from error
    raise Unreachable("X answered with posts that have no id.")


def _item(key: str, what: str, post: Record, includes: Record) -> RawItem:
    """One post with what belongs to it of all that came along with the page."""
    body = json.dumps({"data": post, "includes": _of(post, includes)}, ensure_ascii=False)
    return RawItem(key, body.encode("utf-8", "surrogatepass"), meta={"what": what})


def _of(post: Record, includes: Record) -> Mapping[str, Any]:
    attachments = post.get("attachments")
    keys = attachments.get("media_keys") if isinstance(attachments, dict) else None
    return {
        "users": _listed(includes.get("users"), "id", [post.get("author_id")]),
        "media": _listed(includes.get("media"), "media_key", keys if isinstance(keys, list) else []),
    }


def _listed(given: object, field: str, wanted: Sequence[object]) -> list[Any]:
    """Those of a list of objects whose `field` is wanted."""
    objects = given if isinstance(given, list) else []
    return [one for one in objects if isinstance(one, dict) and one.get(field) in wanted]


def _is_id(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20


def _id(post: Record) -> str:
    return str(post["id"])


def _place(given: Sequence[Any]) -> Place:
    since, begin, gap = given
    return Place(since, begin, (gap[0], gap[1]) if gap else None)
