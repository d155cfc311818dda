"""What an emulated Mastodon server holds, and what tests do to it. JSON shapes: docs.joinmastodon.org/entities."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import count
from typing import Any

_MENTION = re.compile(r"(?<![\w/])@([\w.-]*\w)(?:@([\w.-]+\w))?")
_URL = re.compile(r"https?://\S+")


@dataclass(slots=True)
class Account:
    """Somebody. `acct` has the server's name for those who live elsewhere."""

    id: str
    acct: str
    name: str


@dataclass(slots=True)
class Status:
    """A post, as its author wrote it."""

    id: str
    account: Account
    text: str
    visibility: str
    created_at: datetime
    reply_to: "Status | None" = None
    edited_at: datetime | None = None
    application: str = "Web"
    language: str = "nl"
    warning: str = ""
    media: list[dict[str, Any]] = field(default_factory=list)
    mentions: list[Account] = field(default_factory=list)


@dataclass(slots=True)
class Notification:
    """That somebody mentioned us. A `filtered` one is only given to whoever asks for those too."""

    id: str
    status: Status
    created_at: datetime
    filtered: bool = False


class State:
    """One server with one account of ours, `gemeente`."""

    def __init__(self, host: str = "social.voorbeeldstad.example") -> None:
        self.host = host
        self.base = ""
        self.accounts: dict[str, Account] = {}
        self.statuses: dict[str, Status] = {}
        self.notifications: list[Notification] = []
        self.moment: datetime | None = None
        self._ids = count(116_000_000_000_000_001, 7)
        self._notification_ids = count(9)
        self.own = self.account("gemeente", "Gemeente Voorbeeldstad")

    def now(self) -> datetime:
        """The server's time; a test may stop it in `moment`."""
        return self.moment or datetime.now(UTC)

    def account(self, acct: str, name: str = "") -> Account:
        """Somebody by handle, made at the first mention."""
        if acct not in self.accounts:
            self.accounts[acct] = Account(str(next(self._ids)), acct, name or acct.partition("@")[0].title())
        return self.accounts[acct]

    def add(self, account: Account, text: str, **more: Any) -> Status:
        """A post by anybody."""
        reply_to = self.statuses[more.pop("reply_to")] if more.get("reply_to") else more.pop("reply_to", None)
        status = Status(
            str(next(self._ids)), account, text, more.pop("visibility", "public"),
            more.pop("created_at", self.now()), reply_to, mentions=self._mentioned(text), **more,
        )  # fmt: skip
        self.statuses[status.id] = status
        return status

    def mention(self, acct: str, text: str, *, filtered: bool = False, **more: Any) -> str:
        """Somebody mentions us; gives the id of their post."""
        status = self.add(self.account(acct), f"@{self.own.acct} {text}", **more)
        self.notifications.append(Notification(str(next(self._notification_ids)), status, status.created_at, filtered))
        return status.id

    def in_the_app(self, text: str, **more: Any) -> str:
        """A colleague posts in Mastodon's own app; gives the id of the post."""
        return self.add(self.own, text, **more).id

    def edit(self, status_id: str, text: str) -> None:
        """The author corrects a post."""
        status = self.statuses[status_id]
        status.text, status.edited_at = text, self.now() + timedelta(milliseconds=len(text))

    def delete(self, status_id: str) -> None:
        """The author takes a post away, and with it what it told us."""
        gone = self.statuses.pop(status_id)
        self.notifications = [one for one in self.notifications if one.status is not gone]

    def posted(self, parent: str = "") -> list[Status]:
        """What our account said, oldest first; under one post where it is given."""
        return [
            s for s in self.statuses.values()
            if s.account is self.own and (not parent or (s.reply_to is not None and s.reply_to.id == parent))
        ]  # fmt: skip

    def below(self, status: Status) -> list[Status]:
        """Everything under a post, depth first."""
        found: list[Status] = []
        for one in self.statuses.values():
            if one.reply_to is status:
                found += [one, *self.below(one)]
        return found

    def _mentioned(self, text: str) -> list[Account]:
        found = []
        for name, host in _MENTION.findall(text):
            acct = name if not host or host == self.host else f"{name}@{host}"
            if acct in self.accounts:
                found.append(self.accounts[acct])
        return found


def length(text: str) -> int:
    """The server's count: addresses 23, mentions without their server."""
    return len(_MENTION.sub(r"@\1", _URL.sub("x" * 23, text)))


def account_json(state: State, account: Account) -> dict[str, Any]:
    """Entity Account."""
    name, _, host = account.acct.partition("@")
    return {
        "id": account.id, "username": name, "acct": account.acct, "display_name": account.name, "locked": False,
        "bot": False, "group": False, "created_at": "2024-01-01T00:00:00.000Z", "note": "", "avatar": "", "header": "",
        "url": f"https://{host or state.host}/@{name}", "uri": f"https://{host or state.host}/users/{name}",
        "followers_count": 1, "following_count": 1, "statuses_count": 1, "fields": [], "emojis": [],
    }  # fmt: skip


def status_json(state: State, status: Status) -> dict[str, Any]:
    """Entity Status, as its author or a reader with rights sees it. Only our own posts tell the application."""
    shown = {
        "id": status.id, "created_at": _iso(status.created_at),
        "in_reply_to_id": status.reply_to.id if status.reply_to else None,
        "in_reply_to_account_id": status.reply_to.account.id if status.reply_to else None,
        "sensitive": bool(status.warning), "spoiler_text": status.warning, "visibility": status.visibility,
        "language": status.language, "uri": f"https://{state.host}/statuses/{status.id}",
        "url": f"https://{state.host}/@{status.account.acct}/{status.id}", "replies_count": 0, "reblogs_count": 0,
        "favourites_count": 0, "edited_at": _iso(status.edited_at) if status.edited_at else None,
        "content": html(state, status.text), "reblog": None, "account": account_json(state, status.account),
        "media_attachments": status.media, "tags": [], "emojis": [], "card": None, "poll": None,
        "mentions": [
            {"id": a.id, "username": a.acct.partition("@")[0], "acct": a.acct, "url": f"https://{state.host}/@{a.acct}"}
            for a in status.mentions
        ],
    }  # fmt: skip
    if status.account is state.own:
        shown["application"] = {"name": status.application, "website": None}
    return shown


def notification_json(state: State, notification: Notification) -> dict[str, Any]:
    """Entity Notification."""
    return {
        "id": notification.id, "type": "mention", "created_at": _iso(notification.created_at),
        "group_key": f"ungrouped-{notification.id}", "filtered": notification.filtered,
        "account": account_json(state, notification.status.account), "status": status_json(state, notification.status),
    }  # fmt: skip


def html(state: State, text: str) -> str:
    """The server's HTML of a text: paragraphs, breaks, mentions and shortened addresses."""
    paragraphs = [escape(p, quote=False).replace("\n", "<br />") for p in text.split("\n\n")]
    return "".join(f"<p>{_linked(state, p)}</p>" for p in paragraphs)


def _linked(state: State, text: str) -> str:
    def address(match: re.Match[str]) -> str:
        shown = match[0].partition("://")[2]
        hidden = f'<span class="invisible">{match[0][: match[0].index("://") + 3]}</span>'
        tail = f'<span class="ellipsis">{shown[:30]}</span><span class="invisible">{shown[30:]}</span>'
        return f'<a href="{match[0]}" rel="nofollow noopener">{hidden}{tail}</a>'

    def mention(match: re.Match[str]) -> str:
        url = f"https://{match[2] or state.host}/@{match[1]}"
        return f'<span class="h-card"><a href="{url}" class="u-url mention">@<span>{match[1]}</span></a></span>'

    return _MENTION.sub(mention, _URL.sub(address, text)) if "://" not in text else _URL.sub(address, text)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
