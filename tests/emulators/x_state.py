"""What an emulated X holds, what tests do to it, and how it writes its JSON.

Shapes: the OpenAPI document 2.167 and the guides. X is renaming its fields (tweet → post): `names` chooses which names it
writes; it understands both.
"""

import hmac
import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from html import escape
from itertools import count
from typing import Any

TOKEN_ADDRESS = "https://t.co/"
READ, OWN_READ, CREATE, CREATE_WITH_ADDRESS, CREATE_SUMMONED = 0.005, 0.001, 0.015, 0.20, 0.01


@dataclass(slots=True)
class User:
    """Somebody."""

    id: str
    username: str
    name: str


@dataclass(slots=True)
class Post:
    """One version of a post. `history` are the ids of its versions, this one last."""

    id: str
    author: User
    text: str
    created_at: datetime
    reply_to: "Post | None" = None
    quoted: "Post | None" = None
    history: list[str] = field(default_factory=list)
    media: list[dict[str, Any]] = field(default_factory=list)
    note: str = ""

    @property
    def conversation(self) -> str:
        """The id of the first post of the thread."""
        return self.reply_to.conversation if self.reply_to else self.history[0]


class State:
    """X with one account of ours, `voorbeeldstad`."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.posts: dict[str, Post] = {}
        self.names = "tweet"
        self.moment: datetime | None = None
        self.consumer_secret = "the-api-secret"
        self.events = count(1)
        self._numbers = count(1)
        self.own = self.user("voorbeeldstad", "Gemeente Voorbeeldstad")

    def now(self) -> datetime:
        """X's time; a test may stop it in `moment`."""
        return self.moment or datetime.now(UTC)

    def user(self, username: str, name: str = "") -> User:
        """Somebody by name, made when first named."""
        found = self.users.get(username)
        if found is None:
            found = self.users[username] = User(
                str(2_244_994_945 + len(self.users)), username, name or username.title()
            )
        return found

    def add(self, author: User, text: str, **more: Any) -> Post:
        """A post by anybody; `reply_to` and `quoted` are ids."""
        at = more.pop("at", None) or self.now()
        for name in ("reply_to", "quoted"):
            if more.get(name):
                more[name] = self.posts[more[name]]
        new = str((int(at.timestamp() * 1000) - 1_288_834_974_657 << 22) + next(self._numbers))
        post = Post(new, author, text, at, history=[*more.pop("history", []), new], **more)
        self.posts[new] = post
        return post

    def mention(self, username: str, text: str, **more: Any) -> str:
        """Somebody mentions us; gives the id of their post."""
        return self.add(self.user(username), f"@{self.own.username} {text}", **more).id

    def in_the_app(self, text: str, **more: Any) -> str:
        """A colleague posts in X's own app; gives the id."""
        return self.add(self.own, text, **more).id

    def edit(self, post_id: str, text: str) -> str:
        """The author edits: a new id, which takes the place of the old one."""
        old = self.posts.pop(post_id)
        new = self.add(old.author, text, history=old.history, media=old.media)
        new.reply_to, new.quoted = old.reply_to, old.quoted
        return new.id

    def delete(self, post_id: str) -> None:
        """The author takes it away."""
        del self.posts[post_id]

    def posted(self) -> list[Post]:
        """What our account said, oldest first."""
        return sorted((p for p in self.posts.values() if p.author is self.own), key=lambda post: int(post.id))

    def mentions(self) -> list[Post]:
        """Posts that name us, newest first."""
        found = [p for p in self.posts.values() if p.author is not self.own and self.named(p)]
        return sorted(found, key=lambda post: int(post.id), reverse=True)

    def named(self, post: Post) -> bool:
        """Whether a post names us."""
        return f"@{self.own.username}" in post.text.lower() or f"@{self.own.username}" in post.note.lower()

    def summons(self, post: Post) -> bool:
        """Whether its author asked us for an answer: named or quoted us, or is ourselves."""
        quotes = post.quoted is not None and post.quoted.author is self.own
        return post.author is self.own or quotes or self.named(post)

    # --- JSON ---

    def written(self, name: str) -> str:
        """A field's name as X writes it now."""
        return name.replace("tweet", self.names)

    def post_json(self, post: Post, fields: Iterable[str]) -> dict[str, Any]:
        """A post with the fields that were asked for; id, text and history always come."""
        asked = {one.replace("post", "tweet") for one in fields}
        everything: dict[str, Any] = {
            "author_id": post.author.id, "conversation_id": post.conversation, "lang": "nl",
            "created_at": post.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "in_reply_to_user_id": post.reply_to.author.id if post.reply_to else None,
            "referenced_tweets": self._references(post), "note_tweet": {"text": post.note} if post.note else None,
            "attachments": {"media_keys": [m["media_key"] for m in post.media]} if post.media else None,
            "entities": _entities(post.text),
        }  # fmt: skip
        shown = {self.written(n): v for n, v in everything.items() if n in asked and v}
        text = escape(_shortened(post.text), quote=False)
        return {"id": post.id, "text": text, self.written("edit_history_tweet_ids"): list(post.history)} | shown

    def includes(self, posts: Iterable[Post], expansions: str, user_fields: str) -> dict[str, Any]:
        """What the expansions bring along."""
        posts, found = list(posts), {}
        if "author_id" in expansions:
            authors = {p.author.id: p.author for p in posts}.values()
            found["users"] = [self.user_json(a, user_fields) for a in authors]
        media = [m for p in posts for m in p.media]
        if media and "media_keys" in expansions:
            found["media"] = media
        return found

    def user_json(self, user: User, _fields: str = "") -> dict[str, Any]:
        """A user."""
        return {"id": user.id, "username": user.username, "name": user.name}

    def _references(self, post: Post) -> list[dict[str, str]]:
        named = (("replied_to", post.reply_to), ("quoted", post.quoted))
        return [{"type": kind, "id": other.id} for kind, other in named if other is not None]

    # --- pushing ---

    def event(self, kind: str, post: Post, number: int | None = None) -> bytes:
        """The body of one event of the Activity API."""
        fields = (
            "author_id",
            "conversation_id",
            "created_at",
            "in_reply_to_user_id",
            "referenced_tweets",
            "note_tweet",
        )
        data = {
            "event_uuid": f"event-{number or next(self.events)}", "filter": {"user_id": self.own.id}, "event_type": kind,
            "tag": "weerklank", "payload": self.post_json(post, fields),
            "includes": self.includes([post], "author_id", ""),
        }  # fmt: skip
        return json.dumps({"data": data}).encode()

    def signed(self, body: bytes) -> Mapping[str, str]:
        """The headers that X sends a body with."""
        mac = hmac.new(self.consumer_secret.encode(), body, sha256).digest()
        return {"x-twitter-webhooks-signature": "sha256=" + b64encode(mac).decode(), "content-type": "application/json"}


def _entities(text: str) -> dict[str, Any] | None:
    found = [word for word in text.split() if word.startswith("https://")]
    return {"urls": [{"url": short_of(url), "expanded_url": url} for url in found]} if found else None


def _shortened(text: str) -> str:
    for word in text.split():
        if word.startswith("https://"):
            text = text.replace(word, short_of(word))
    return text


def short_of(url: str) -> str:
    """The t.co address of an address."""
    return TOKEN_ADDRESS + sha256(url.encode()).hexdigest()[:10]
