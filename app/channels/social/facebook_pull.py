"""Reading a Facebook page: the comments under its recent posts since the last time, with an hour of overlap.

Webhooks bring comments at once, with their edits and removals; this brings what was said before the page was connected and
what was lost on its way. Each run walks the posts of the last days, oldest first, and under each the comments since the run
before. The cursor tells where a run is, so that one that was cut off goes on.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
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
POST_FIELDS = "id,message,from,created_time,permalink_url"
COMMENT_FIELDS = "id,message,from,created_time,parent{id},permalink_url,is_hidden,can_reply_privately,attachment"


@dataclass(frozen=True, slots=True)
class Position:
    """Where reading is. `since`: when the last whole run began; `began`, `post` and `after`: of a run under way."""

    since: float = 0.0
    began: float = 0.0
    post: str = ""
    after: str = ""

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
        since = max(oldest, datetime.fromtimestamp(here.since, UTC) - OVERLAP) if here.since else oldest
        for post in self._from(self._posts(oldest), here.post):
            for items, after in self._comments(post, since, here.after if post["id"] == here.post else ""):
                here = replace(here, post=str(post["id"]), after=after)
                yield Page(items, here.written(), quotas=self._api.brake.quotas)
        yield Page((), Position(since=here.began).written(), quotas=self._api.brake.quotas)

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
    ) -> Iterator[tuple[Sequence[RawItem], str]]:
        query = self._comment_query(COMMENT_FIELDS, since)
        first = [self._item(post, post)] if self._by_visitor(post, since) and not after else []
        for comments, reached in self._walk(f"/{post['id']}/comments", query, after):
            yield first + [self._item(one, post) for one in comments], reached
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

    def _item(self, data: Mapping[str, Any], post: Mapping[str, Any]) -> RawItem:
        meta = {
            "via": PULL, "post_id": str(post["id"]), "post_title": title(text(post, "message")),
            "post_url": text(post, "permalink_url"), "pulled_at": self._now.isoformat(),
        }  # fmt: skip
        return RawItem(_key(data) + version(data), json.dumps(data).encode(), meta=meta)


def _key(data: Mapping[str, Any]) -> str:
    return f"pull:{data['id']}:"


def _named(data: Mapping[str, Any]) -> bool:
    return isinstance(data.get("id"), str) and bool(data["id"])


def _made(data: Mapping[str, Any], unknown: datetime) -> datetime:
    return moment(data.get("created_time")) or unknown
