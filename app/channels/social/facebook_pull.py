"""Reading a Facebook page: the comments under its recent posts since the last time, with an hour of overlap.

Webhooks bring comments at once, with their edits and removals; this brings what was said before the page was connected and
what was lost on its way. Each run walks the posts of the last days, oldest first, and under each the comments since the run
before; once an hour all comments of those days, so that what was edited, hidden or shown again while its push was lost is
found too. The cursor tells where a run is, so that one that was cut off goes on, and which comments are hidden: one that is
shown again looks as it did before it was hidden, and would pass for known.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.channels.contract import Page, RawItem, Unreachable
from app.channels.social.api import Api, Query
from app.channels.social.facebook_graph import VERSION
from app.channels.social.facebook_parse import PULL, author_id, title, version
from app.channels.social.json_fields import moment, record, records, text

READING = "reading, per cent"
"""The allowance: Graph counts in percentages, over all calls of an app and of a page."""
PAGE = 100
OVERLAP = timedelta(hours=1)
LOOK_AGAIN = timedelta(hours=1)
MOST_HIDDEN = 500
POST_FIELDS = "id,message,from,created_time,permalink_url"
COMMENT_FIELDS = "id,message,from,created_time,parent{id},permalink_url,is_hidden,can_reply_privately,attachment"


@dataclass(frozen=True, slots=True)
class Position:
    """Where reading is. `since`: when the last run began that came to its end; `began`, `post` and `after`: of a run under way.

    `looked`: when the last run began that looked at all comments again. `hidden`: when each comment was first seen hidden.
    """

    since: float = 0.0
    began: float = 0.0
    post: str = ""
    after: str = ""
    looked: float = 0.0
    hidden: Mapping[str, int] = field(default_factory=dict)

    def written(self) -> str:
        """The cursor."""
        return json.dumps(asdict(self))


class Reader:
    """One run over a page."""

    def __init__(self, api: Api, page_id: str, credentials: Query, now: datetime) -> None:
        self._api = api
        self._page_id = page_id
        self._credentials = credentials
        self._now = now

    def pages(self, cursor: str | None, backfill: timedelta, every: timedelta) -> Iterator[Page]:
        """All pages of a run; none when the last whole run is younger than `every`. Raises `Unreachable`."""
        here = Position(**json.loads(cursor)) if cursor else Position()
        if not here.began and self._now.timestamp() - here.since < every.total_seconds():
            return
        here = here if here.began else replace(here, began=self._now.timestamp())
        oldest = self._now - backfill
        again = here.began - here.looked >= LOOK_AGAIN.total_seconds()
        since = oldest if again else max(oldest, datetime.fromtimestamp(here.since, UTC) - OVERLAP)
        for post in self._from(self._posts(oldest), here.post):
            for found, after in self._comments(post, since, here.after if post["id"] == here.post else ""):
                items = [self._item(one, post, here) for one in found]
                here = replace(here, post=str(post["id"]), after=after, hidden=_hidden(found, here))
                yield Page(items, here.written(), quotas=self._api.brake.quotas)
        done = Position(here.began, looked=here.began if again else here.looked, hidden=here.hidden)
        yield Page((), done.written(), quotas=self._api.brake.quotas)

    def keys(self, backfill: timedelta, every: timedelta) -> Iterator[str]:
        """How the keys begin of what stands under the posts of the last days: what follows changes with its words.

        What is younger than `every` need not have been read yet.
        """
        since, read = self._now - backfill, self._now - every
        for post in self._posts(since):
            if self._by_visitor(post, since) and _made(post, read) <= read:
                yield _key(post)
            query = self._comment_query("id,created_time", since)
            for comments, _ in self._walk(f"/{post['id']}/comments", query, ""):
                yield from (_key(comment) for comment in comments if _made(comment, read) <= read)

    def _from(self, posts: Sequence[Mapping[str, Any]], post_id: str) -> Sequence[Mapping[str, Any]]:
        """The posts from where a run was cut off; all of them when that post is gone."""
        place = next((place for place, post in enumerate(posts) if post["id"] == post_id), 0)
        return posts[place:]

    def _posts(self, oldest: datetime) -> Sequence[Mapping[str, Any]]:
        """The page's posts, and what visitors wrote on it, oldest first."""
        query = [("fields", POST_FIELDS), ("since", str(int(oldest.timestamp()))), ("limit", str(PAGE))]
        return [post for posts, _ in self._walk(f"/{self._page_id}/feed", query, "") for post in posts][::-1]

    def _comments(
        self, post: Mapping[str, Any], since: datetime, after: str
    ) -> Iterator[tuple[Sequence[Mapping[str, Any]], str]]:
        query = self._comment_query(COMMENT_FIELDS, since)
        first = [post] if self._by_visitor(post, since) and not after else []
        for comments, reached in self._walk(f"/{post['id']}/comments", query, after):
            yield [*first, *comments], reached
            first = []

    def _comment_query(self, fields: str, since: datetime) -> Query:
        return [
            ("fields", fields), ("filter", "stream"), ("order", "chronological"),
            ("since", str(int(since.timestamp()))), ("limit", str(PAGE)),
        ]  # fmt: skip

    def _by_visitor(self, post: Mapping[str, Any], since: datetime) -> bool:
        return author_id(post) not in ("", self._page_id) and _made(post, self._now) >= since

    def _walk(self, path: str, query: Query, after: str) -> Iterator[tuple[Sequence[Mapping[str, Any]], str]]:
        """The pages of a list after a Graph cursor, each with the cursor behind it. Of what is gone there are none."""
        while True:
            page_query = [*query, *self._credentials, *([("after", after)] if after else [])]
            self._api.brake.hold(READING)
            answer = self._api.find(f"/{VERSION}{path}", page_query, endpoint=READING)
            if answer is None:
                return
            if not isinstance(answer, dict) or not all(_named(one) for one in records(answer, "data")):
                raise Unreachable("Facebook answered with something that is no list.")
            after = text(record(record(answer, "paging"), "cursors"), "after")
            yield records(answer, "data"), after
            if not after or not text(record(answer, "paging"), "next"):
                return

    def _item(self, data: Mapping[str, Any], post: Mapping[str, Any], here: Position) -> RawItem:
        meta = {
            "via": PULL, "post_id": str(post["id"]), "post_title": title(text(post, "message")),
            "post_url": text(post, "permalink_url"), "pulled_at": self._now.isoformat(),
        }  # fmt: skip
        return RawItem(_key(data) + version(data) + _turned(data, here), json.dumps(data).encode(), meta=meta)


def _turned(data: Mapping[str, Any], here: Position) -> str:
    """The moment at which a comment was first seen hidden, or shown again; empty for one that never was."""
    known = here.hidden.get(data["id"])
    if data.get("is_hidden") is True:
        return f":{known or int(here.began)}"
    return f":{int(here.began)}" if known else ""


def _hidden(found: Sequence[Mapping[str, Any]], here: Position) -> Mapping[str, int]:
    """Which comments are hidden after these were seen; the latest, since a cursor must stay small."""
    now = dict(here.hidden)
    for data in found:
        if data.get("is_hidden") is not True:
            now.pop(data["id"], None)
        else:
            now.setdefault(data["id"], int(here.began))
    return dict([*now.items()][-MOST_HIDDEN:])


def _key(data: Mapping[str, Any]) -> str:
    return f"pull:{data['id']}:"


def _named(data: Mapping[str, Any]) -> bool:
    return isinstance(data.get("id"), str) and bool(data["id"])


def _made(data: Mapping[str, Any], unknown: datetime) -> datetime:
    return moment(data.get("created_time")) or unknown
