"""A channel for these tests: its items are JSON that says what they mean. Real in every respect except the other side."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import Any

from pydantic import BaseModel

from app.channels.contract import (
    AccountConfig,
    AttachmentIn,
    Audience,
    Author,
    Channel,
    DeliveryReport,
    HandedOver,
    Health,
    Incoming,
    Kind,
    Limits,
    MachineMark,
    NotAuthentic,
    OutgoingMessage,
    OwnPost,
    Page,
    RawItem,
    Reaction,
    Refused,
    Revision,
    Sent,
    Signal,
    Subject,
    Unreadable,
    Vote,
    WebhookAnswer,
    WebhookRequest,
    Withdrawal,
)
from app.vocabulary import AddressKind, Publication, TicketKind, Visibility


class NotesSettings(BaseModel):
    address: str = "notes@voorbeeldstad.example"


@dataclass
class OtherSide:
    """What the service holds, shared by all channels of these tests: pages to pull, an outage, what it lists."""

    pages: list[Page] = field(default_factory=list)
    outage: Exception | None = None
    held: list[str] = field(default_factory=list)
    completing: Callable[[RawItem], RawItem] | None = None


@dataclass
class NotesChannel:
    """Pulls, receives, accepts and lists; an item's body is `{"parts": [{"is": "reaction", …}, …]}`."""

    config: AccountConfig
    other: OtherSide

    @property
    def limits(self) -> Limits:
        return Limits(Audience(False, {"nl": "Alleen de afzender", "en": "Only the sender"}))

    def parse(self, item: RawItem) -> Sequence[Incoming]:
        try:
            given = json.loads(item.body)
        except ValueError as error:
            raise Unreadable("no JSON") from error
        if given.get("raise"):
            raise ZeroDivisionError(given["raise"])
        return [_part(part) for part in given["parts"]]

    def check(self) -> Health:
        return Health()

    def pull(self, cursor: str | None) -> Iterator[Page]:
        if self.other.outage is not None:
            raise self.other.outage
        start = int(cursor or 0)
        yield from self.other.pages[start:]

    def listen(self, wake: Callable[[], None], stop: Event) -> None:
        stop.wait()

    def receive(self, request: WebhookRequest) -> WebhookAnswer:
        if request.headers.get("x-key") != "right":
            raise NotAuthentic("wrong key")
        given = json.loads(request.body)
        return WebhookAnswer([RawItem(one["key"], json.dumps(one).encode()) for one in given], body=b"ok")

    def takes(self, recipient: str) -> bool:
        assert isinstance(self.config.settings, NotesSettings)
        return recipient == self.config.settings.address

    def accept(self, handed: HandedOver) -> RawItem:
        if not self.takes(handed.recipient):
            raise Refused("not ours", "550")
        return RawItem(f"{handed.door}:{hash(handed.body)}", handed.body, meta={"recipient": handed.recipient})

    def send(self, message: OutgoingMessage) -> Sent:
        return Sent(message.key)

    def find_sent(self, message: OutgoingMessage) -> Sent | None:
        return None

    def inventory(self) -> Iterator[str]:
        yield from self.other.held


@dataclass
class PushedChannel:
    """One that can do nothing of itself."""

    config: AccountConfig

    @property
    def limits(self) -> Limits:
        return Limits(Audience(False, {}))

    def parse(self, item: RawItem) -> Sequence[Incoming]:
        return []

    def check(self) -> Health:
        return Health()


@dataclass
class CompletingChannel(NotesChannel):
    """The same, with items that point to something."""

    def complete(self, item: RawItem) -> RawItem:
        assert self.other.completing is not None
        return self.other.completing(item)


def kinds(other: OtherSide) -> dict[str, Kind]:
    """The registry of these tests."""
    labels = {"nl": "Notities", "en": "Notes"}
    return {
        "notes.plain": Kind("notes.plain", labels, NotesSettings, NotesChannel, lambda c: _channel(c, other)),
        "notes.pushed": Kind("notes.pushed", labels, NotesSettings, PushedChannel, PushedChannel),
        "notes.completing": Kind(
            "notes.completing", labels, NotesSettings, CompletingChannel, lambda c: CompletingChannel(c, other)
        ),
    }


def item(key: str, *parts: dict[str, Any]) -> RawItem:
    """A raw item with these parts."""
    return RawItem(key, json.dumps({"parts": parts}).encode())


def mail(number: int, author: str = "anna@burger.example", **given: Any) -> dict[str, Any]:
    """A part that behaves as a mail does."""
    return {
        "is": "reaction",
        "external_id": f"<{number}@burger.example>",
        "digest": f"d{number}",
        "shared": True,
        "author": {"kind": "email", "address": author, "name": given.pop("name", "Anna")},
        "text": f"Vraag {number}",
        **given,
    }


def comment(number: int, author: str = "u1", **given: Any) -> dict[str, Any]:
    """A part that behaves as a comment of somebody signed in does."""
    return {
        "is": "reaction",
        "external_id": f"c{number}",
        "author": {"kind": "site_user", "address": author, "verified": given.pop("verified", True)},
        "text": f"Reactie {number}",
        "visibility": "public",
        "publication": "published",
        **given,
    }


def _channel(config: AccountConfig, other: OtherSide) -> Channel:
    return NotesChannel(config, other)


def _author(given: dict[str, Any]) -> Author:
    return Author(**{**given, "kind": AddressKind(given["kind"])})


def _reaction(given: dict[str, Any]) -> Reaction:
    words: dict[str, Any] = {"visibility": Visibility, "publication": Publication, "kind": TicketKind}
    made: dict[str, Any] = {name: words[name](value) if name in words else value for name, value in given.items()}
    made["author"] = _author(given["author"])
    made["marks"] = frozenset(MachineMark(m) for m in given.get("marks", ()))
    made["subject"] = Subject(**given["subject"]) if "subject" in given else None
    made["attachments"] = _files(given)
    return Reaction(**made)


def _files(given: dict[str, Any]) -> list[AttachmentIn]:
    return [
        AttachmentIn(name, "text/plain", text.encode() if text is not None else None, len(text or ""))
        for name, text in given.get("attachments", {}).items()
    ]


def _part(given: dict[str, Any]) -> Incoming:
    rest = {k: v for k, v in given.items() if k != "is"}
    match given["is"]:
        case "reaction":
            return _reaction(rest)
        case "revision":
            at = datetime.fromisoformat(rest["revised_at"]) if "revised_at" in rest else None
            shown = Publication(rest["publication"]) if "publication" in rest else None
            return Revision(**{**rest, "attachments": _files(rest), "revised_at": at, "publication": shown})
        case "withdrawal":
            return Withdrawal(**rest)
        case "report":
            return DeliveryReport(**rest)
        case "vote":
            return Vote(**{**rest, "voter": _author(rest["voter"]) if "voter" in rest else None})
        case "signal":
            return Signal(**{**rest, "author": _author(rest["author"])})
        case "own_post":
            to = Author(AddressKind.PHONE, rest["to"], verified=True) if "to" in rest else None
            at = datetime.fromisoformat(rest["sent_at"]) if "sent_at" in rest else None
            return OwnPost(**{**rest, "to": to, "sent_at": at})
    raise Unreadable(f"unknown part {given['is']}")
