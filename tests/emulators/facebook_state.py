"""What an emulated Facebook holds: one page, its posts and comments, and what tests do to them.

JSON shapes: developers.facebook.com/docs/graph-api/reference/comment and /docs/graph-api/webhooks/reference/page.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

PAGE_ID = "900100200"
PAGE_NAME = "Gemeente Voorbeeldstad"
APP_ID, APP_SECRET = "4455", "geheim-van-de-app"
PAGE_TOKEN = "EAAB-page"
Deliver = Callable[[bytes, Mapping[str, str]], int]
"""Brings a webhook to who subscribed: body and headers; gives the status."""


@dataclass(slots=True)
class Entry:
    """A post (no `parent`) or a comment. `author` is (id, name)."""

    id: str
    author: tuple[str, str]
    text: str
    made: datetime
    post: "Entry | None" = None
    parent: "Entry | None" = None
    hidden: bool = False
    picture: str = ""
    edited: bool = False

    @property
    def url(self) -> str:
        """Where people see it."""
        return f"https://www.facebook.com/{self.id}"


class State:
    """One page with everything on it."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.private: list[tuple[str, str]] = []
        self.deliver: Deliver | None = None
        self.pushes: list[tuple[bytes, dict[str, str]]] = []
        self.lose_pushes, self.quiet = False, False  # pushed and lost; not even made
        self.moment: datetime | None = None
        self.subscribed: list[str] = []
        self._ids = count(7001)
        self.page = (PAGE_ID, PAGE_NAME)

    def now(self) -> datetime:
        """Facebook's time; a test may stop it in `moment`."""
        return self.moment or datetime.now(UTC)

    def post(self, text: str, author: tuple[str, str] | None = None, made: datetime | None = None) -> str:
        """A post on the page, by the page itself or by a visitor; its id."""
        entry = Entry(f"{PAGE_ID}_{next(self._ids)}", author or self.page, text, made or self.now())
        return self._add(entry)

    def comment(self, under: str, text: str, author: tuple[str, str] = ("61001", "Jan Voorbeeld"), **more: Any) -> str:
        """A comment under a post or under a comment (then it stands under the top one); its id."""
        above = self.entries[under]
        post = above.post or above
        parent = None if above.post is None else (above.parent or above)
        made = more.pop("made", None) or self.now()
        entry = Entry(f"{post.id.partition('_')[2]}_{next(self._ids)}", author, text, made, post, parent, **more)
        return self._add(entry)

    def edit(self, entry_id: str, text: str) -> None:
        """Its author changes it."""
        entry = self.entries[entry_id]
        entry.text, entry.edited = text, True
        self.push(entry, "edited")

    def remove(self, entry_id: str) -> None:
        """It goes, with what stands under it."""
        entry = self.entries.pop(entry_id)
        for below in [one for one in self.entries.values() if entry in (one.parent, one.post)]:
            self.entries.pop(below.id)
        self.push(entry, "remove")

    def hide(self, entry_id: str, hidden: bool) -> None:
        """The page hides a comment, or shows it again."""
        self.entries[entry_id].hidden = hidden
        self.push(self.entries[entry_id], "hide" if hidden else "unhide")

    def said(self, under: str = "") -> list[str]:
        """What the page itself said, anywhere or under a comment."""
        return [
            one.text for one in self.entries.values()
            if one.author == self.page and one.post and (not under or one.parent is self.entries.get(under))
        ]  # fmt: skip

    def push(self, entry: Entry, verb: str, times: int = 1) -> None:
        """Tell the subscriber, signed, as Meta does: non-ASCII escaped, several times if it must."""
        if self.quiet:
            return
        body = envelope(self.change(entry, verb), int(self.now().timestamp()))
        for _ in range(times):
            self.pushes.append((body, {"x-hub-signature-256": sign(body), "content-type": "application/json"}))
        if self.deliver and not self.lose_pushes:
            for sent, headers in self.pushes[-times:]:
                self.deliver(sent, headers)

    def change(self, entry: Entry, verb: str) -> dict[str, Any]:
        """The `value` of a change."""
        post = entry.post or entry
        value: dict[str, Any] = {
            "item": "comment" if entry.post else "status", "verb": verb, "post_id": post.id,
            "created_time": int(entry.made.timestamp()),
        }  # fmt: skip
        if entry.post:
            value |= {"comment_id": entry.id, "parent_id": entry.parent.id if entry.parent else post.id}
        if verb != "remove":
            who = self.page if verb in ("hide", "unhide") else entry.author
            value |= {
                "from": {"id": who[0], "name": who[1]}, "message": entry.text,
                "post": {"status_type": "mobile_status_update", "is_published": True, "id": post.id,
                         "permalink_url": post.url},
            }  # fmt: skip
            if entry.picture:
                value["photo"] = entry.picture
        return value

    def _add(self, entry: Entry) -> str:
        self.entries[entry.id] = entry
        self.push(entry, "add")
        return entry.id


def envelope(value: Mapping[str, Any], at: int, page_id: str = PAGE_ID) -> bytes:
    """The body of a webhook with one change."""
    entry = {"id": page_id, "time": at, "changes": [{"field": "feed", "value": value}]}
    return json.dumps({"object": "page", "entry": [entry]}, ensure_ascii=True).encode()


def sign(body: bytes, secret: str = APP_SECRET) -> str:
    """The signature header over the raw bytes."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def shown(entry: Entry, fields: str) -> dict[str, Any]:
    """A comment or a post as the Graph API gives it: the fields asked for, and the id."""
    everything: dict[str, Any] = {
        "message": entry.text,
        "from": {"id": entry.author[0], "name": entry.author[1]},
        "created_time": entry.made.strftime("%Y-%m-%dT%H:%M:%S+0000"),
        "permalink_url": entry.url,
    }
    if entry.post:
        everything |= {"is_hidden": entry.hidden, "can_reply_privately": True, "can_comment": True}
        if entry.parent:
            everything["parent"] = {"id": entry.parent.id}
        if entry.picture:
            everything["attachment"] = {"type": "photo", "media": {"image": {"src": entry.picture}}}
    wanted = [name.partition("{")[0] for name in fields.split(",")]
    return {"id": entry.id} | {name: everything[name] for name in wanted if name in everything}
