"""What a channel is: small protocols, composed.

What a channel *can do* is which of these protocols it implements (`isinstance`), so that no flag can lie and nothing
raises "not implemented". The desk, the API and the table in docs/channels.md all read it from here.

A channel talks to one outside service for one configured account. It knows no database, no web framework and no other
channel: raw items come out, outgoing messages go in, and everything between is `app/intake` and `app/delivery`. `parse`
and `receive` are pure, so one recorded item is one complete test.

The values that travel are in `incoming.py` (what a raw item turns out to be) and `outgoing.py` (what we send), re-exported
here, since this module is the one that everybody imports.

Why no base class: a protocol says what is promised and nothing about how; five very different families share promises,
not code.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import Protocol, runtime_checkable

from pydantic import BaseModel

from app.channels.errors import ChannelError, NotAuthentic, Refused, Uncertain, Unreachable, Unreadable
from app.channels.incoming import (
    AttachmentIn,
    Author,
    DeliveryReport,
    Incoming,
    MachineMark,
    OwnPost,
    Reaction,
    Revision,
    Signal,
    Subject,
    Vote,
    Withdrawal,
)
from app.channels.outgoing import (
    AttachmentOut,
    Audience,
    Limits,
    OutgoingMessage,
    Recipient,
    Sent,
    Thread,
)
from app.vocabulary import Verdict

__all__ = [
    "Accepts", "AccountConfig", "Amends", "AttachmentIn", "AttachmentOut", "Audience", "Author", "Channel",
    "ChannelError", "Completes", "Connects", "Consent", "DeliveryReport", "HandedOver", "Health", "Incoming", "Kind",
    "Limits", "Listens", "Lists", "MachineMark", "Moderates", "Moderation", "NotAuthentic", "OutgoingMessage",
    "OwnPost", "Page", "Pulls", "Quota", "RawItem", "Reaction", "Receives", "Recipient", "Refreshes", "Refused",
    "Revision", "Revokes", "Sends", "Sent", "Signal", "Subject", "Thread", "Uncertain", "Unreachable", "Unreadable", "Vote",
    "WebhookAnswer", "WebhookRequest", "Withdrawal", "capabilities",
]  # fmt: skip


# --- what crosses ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RawItem:
    """One thing as the service gave it, byte for byte.

    `key` is unique within the account and stable over repeats (mail: `imap:FOLDER:UIDVALIDITY:UID`; webhook: the event's id).
    `meta` is what came beside the bytes (envelope recipient, flags, a header), strings only. `completed` holds what
    `Completes.complete` fetched, by name; it is stored apart so that the original stays untouched.
    """

    key: str
    body: bytes
    media_type: str = "application/json"
    meta: Mapping[str, str] = field(default_factory=dict)
    completed: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of raw items, oldest first, and the cursor to store *with* them. `behind` estimates what is left.

    `quotas` is what the service said of our allowance in the same answer; `spent` is what reading it cost, in US dollars.
    """

    items: Sequence[RawItem]
    cursor: str
    behind: int | None = None
    quotas: Sequence["Quota"] = ()
    spent: float = 0.0


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A push as it reached us. `url` is the public one (signatures cover it); header names are lower case.

    `received_at` is a fact handed in, so that the replay window can be tested. `remote` is the peer's address. `caller` is
    whom the web layer has authenticated by an API token (`site:7`); empty for the open web, and never from a header.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    remote: str
    received_at: datetime
    caller: str = ""


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What to say once `items` are stored. A challenge (X's CRC, Meta's hub.challenge) has a body and no items."""

    items: Sequence[RawItem] = ()
    status: int = 200
    body: bytes = b""
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Bytes from a program on this machine that has given them up to us (LMTP, an MTA's pipe)."""

    body: bytes
    sender: str
    recipient: str
    door: str


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of an allowance is used. `unit` is `calls`, `posts`, `usd`, …"""

    unit: str
    used: float
    limit: float | None = None
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """What `check` found. `problem` is a sentence with the fix, or None when all is well."""

    problem: str | None = None
    missing_scopes: Sequence[str] = ()
    quotas: Sequence[Quota] = ()
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Moderation:
    """A verdict on one comment, with the reason that its author hears. `key` is the delivery's, the same at every try."""

    external_id: str
    verdict: Verdict
    reason: str
    subject: Subject | None = None
    key: str = ""


# --- the protocols --------------------------------------------------------------------------------------------------


@runtime_checkable
class Channel(Protocol):
    """Every configured account."""

    @property
    def limits(self) -> Limits:
        """What a text here may be, and who will see it; may differ per account (a Mastodon server sets its own)."""
        ...

    def parse(self, item: RawItem) -> Sequence[Incoming]:
        """What the item means. Pure; raises `Unreadable` and nothing else. Empty = nothing for us, which is counted."""
        ...

    def check(self) -> Health:
        """Ask the service whether it can be reached, with which rights, until when. Raises nothing."""
        ...


@runtime_checkable
class Pulls(Protocol):
    """Can be read: pages of items, from where we left off."""

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Pages after `cursor` (None = the start: backfill as configured), oldest first.

        Changes nothing at the other side before the caller asks for the next page, which means: the last is stored.
        Raises `Unreachable`.
        """
        ...


@runtime_checkable
class Listens(Protocol):
    """Can tell that there is something to pull (IMAP IDLE, a stream)."""

    def listen(self, wake: Callable[[], None], stop: Event) -> None:
        """Block until `stop`, calling `wake` whenever there may be something to pull. Raises `Unreachable`."""
        ...


@runtime_checkable
class Receives(Protocol):
    """Is pushed to over HTTP: webhooks and forms."""

    def receive(self, request: WebhookRequest) -> WebhookAnswer:
        """Verify, then cut into raw items. No I/O. Raises `NotAuthentic` (401) or `Unreadable` (400)."""
        ...


@runtime_checkable
class Accepts(Protocol):
    """Is handed bytes by a program on this machine."""

    def takes(self, recipient: str) -> bool:
        """Whether this address (as an MTA gives it) is one of the account's own. Pure."""
        ...

    def accept(self, handed: HandedOver) -> RawItem:
        """The raw item for bytes handed over on this machine. Pure. Raises `Refused` (a mail address not ours)."""
        ...


@runtime_checkable
class Completes(Protocol):
    """Has items that only point to the thing itself, or hold a part of it."""

    def complete(self, item: RawItem) -> RawItem:
        """Fetch what the item only points to (a recording, a picture). Raises `Unreachable` or `Unreadable`."""
        ...


@runtime_checkable
class Lists(Protocol):
    """Can tell what the other side holds."""

    def inventory(self) -> Iterator[str]:
        """The `RawItem.key`s that the other side holds now, for the ledger. Raises `Unreachable`.

        One that ends in a colon stands for every key that begins so: what follows it changes with the item's words.
        """
        ...


@runtime_checkable
class Sends(Protocol):
    """Can answer, or publish."""

    def send(self, message: OutgoingMessage) -> Sent:
        """Send a reply, or a publication without a parent.

        Raises `Unreachable` (nothing happened), `Refused` (final) or `Uncertain` (may have gone out).
        """
        ...

    def find_sent(self, message: OutgoingMessage) -> Sent | None:
        """Did it go out after all? None = certainly not. Raises `Uncertain` where the service cannot tell."""
        ...


@runtime_checkable
class Amends(Protocol):
    """Can correct or take back what we said."""

    def amend(self, sent: Sent, message: OutgoingMessage) -> Sent:
        """Correct what we said, in place. Raises as `send` does."""
        ...

    def retract(self, sent: Sent) -> None:
        """Take back what we said. Raises as `send` does; already gone is fine."""
        ...


@runtime_checkable
class Moderates(Protocol):
    """Can approve, hide, restore or remove a reaction at its source."""

    def moderate(self, moderation: Moderation) -> None:
        """Carry out a verdict at the source. Repeating it changes nothing. Raises as `send` does."""
        ...


@dataclass(frozen=True, slots=True)
class Consent:
    """Where to send the administrator's browser, and what we must remember until it comes back (a PKCE verifier, a
    request token's secret): kept sealed at our side, never in the address.
    """

    url: str
    keep: Mapping[str, str] = field(default_factory=dict)


@runtime_checkable
class Connects(Protocol):
    """Gets its rights by consent in a browser (OAuth 1.0a, OAuth 2.0)."""

    def consent(self, redirect_uri: str, state: str) -> Consent:
        """The service's page that asks for consent. May call the service first. Raises `Unreachable` or `Refused`."""
        ...

    def connected(self, redirect_uri: str, query: Mapping[str, str], keep: Mapping[str, str]) -> BaseModel:
        """The account's settings with the tokens that the consent gave. Raises `Refused` (no consent, missing scopes)."""
        ...


@runtime_checkable
class Refreshes(Protocol):
    """Has tokens that end and can be renewed."""

    def refreshed(self) -> BaseModel | None:
        """The settings with new tokens when the present ones end soon; None while they are good.

        Called under the account's lock, since a service may end the old refresh token at its first use (RFC 6749, 6).
        Raises `Refused` when somebody has to connect again.
        """
        ...


@runtime_checkable
class Revokes(Protocol):
    """Can give back the rights that a consent gave."""

    def revoke(self) -> None:
        """End them at the service, so that whoever kept a token can do nothing with it. Raises as `send` does."""
        ...


# --- how a kind of channel is offered -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AccountConfig:
    """What a channel is built from: one account's row, opened. `settings` is an instance of the kind's own model.

    `public_url` is where the world reaches this account's webhook or form, `own_addresses` is filled for kinds whose own
    messages may come back to us (mail).
    """

    id: int
    name: str
    settings: BaseModel
    public_url: str
    language: str = "nl"


@dataclass(frozen=True, slots=True)
class Kind:
    """One service in a family: `mail`, `comments.form`, `social.mastodon`, …

    `labels` are by language; `build` opens nothing (connections are made when used). `settings` is a Pydantic model with
    secrets as `SecretStr`; the desk draws its form from it. `points` tells by an item's `meta` whether there may be something
    to complete.
    """

    key: str
    labels: Mapping[str, str]
    settings: type[BaseModel]
    channel: type
    build: Callable[[AccountConfig], Channel]
    points: Callable[[Mapping[str, str]], bool] = lambda _: True

    @property
    def family(self) -> str:
        """The part of the key before the dot: `mail`, `comments`, …"""
        return self.key.partition(".")[0]


CAPABILITIES: tuple[type, ...] = (
    Pulls, Listens, Receives, Accepts, Completes, Lists, Sends, Amends, Moderates, Connects, Refreshes, Revokes,
)  # fmt: skip


def capabilities(channel: type | Channel) -> tuple[str, ...]:
    """The names of the protocols that a channel, or a channel class, implements: `("Pulls", "Sends")`."""
    if isinstance(channel, type):
        return tuple(p.__name__ for p in CAPABILITIES if all(hasattr(channel, m) for m in _methods(p)))
    return tuple(p.__name__ for p in CAPABILITIES if isinstance(channel, p))


def _methods(protocol: type) -> list[str]:
    return [name for name, value in vars(protocol).items() if callable(value) and not name.startswith("_")]
