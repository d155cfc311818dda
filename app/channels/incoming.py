"""What a raw item turns out to be: the values that `Channel.parse` returns.

`Incoming` is a closed union: intake handles every member, and a type checker notices a forgotten one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.vocabulary import AddressKind, Publication, TicketKind, Visibility


class MachineMark(StrEnum):
    """Signs that no person wrote this by hand. Which ones forbid a ticket or a receipt is intake's decision."""

    AUTO_REPLY = "auto_reply"
    AUTO_GENERATED = "auto_generated"
    BULK = "bulk"
    BOUNCE = "bounce"
    READ_RECEIPT = "read_receipt"
    ABUSE_REPORT = "abuse_report"
    NO_REPLY = "no_reply"
    OWN_ECHO = "own_echo"


@dataclass(frozen=True, slots=True)
class Author:
    """Who sent it. `address` is normalised within its `kind` (lower-case mail, E.164, a service's account id).

    `verified`: the *service* vouches for the author (signed-in, OAuth, a signed token); a typed name or an unchecked From
    is not verified. `handle` and `url` are for showing.
    """

    kind: AddressKind
    address: str
    name: str = ""
    verified: bool = False
    handle: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentIn:
    """A file that came along. `cid` links it to an inline picture in the HTML; `alt` is its alternative text.

    `content` is None when it was too large to keep: the entry then still says that it existed.
    """

    name: str
    content_type: str
    content: bytes | None
    size: int
    cid: str = ""
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """The thing reacted on: a page, a photo, a post, a poll. `key` is the service's own stable id, never the URL."""

    key: str
    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Fold:
    """A passage of the text to show folded: a quote or a signature. Character offsets, end exclusive."""

    start: int
    end: int
    why: str


@dataclass(frozen=True, slots=True)
class Reaction:
    """Somebody reacted.

    `external_id` is the service's id within the account; `digest` (hex) covers the content where the id alone is no
    identity (mail), and `shared` tells that the identity means the same at every account (mail again). `references` are
    the ids of earlier messages this one names, nearest first. `tokens` are strings that may be our signed reply or status
    tokens. `recipients` are the addresses it was sent to. `sent_at` is the author's claim, shown but never trusted for
    order. `publication` is set where the comment is visible, or waits to be, on a page of its own. `advice` are facts to
    show (a spoof warning, an authentication result), code → text. `on_behalf` tells that a form sent it for the author.
    `conversation` tells that the service knows no threads: all that its author and this account say is one (SMS, calls).
    """

    external_id: str
    author: Author
    text: str
    html: str = ""
    title: str = ""
    sent_at: datetime | None = None
    language: str = ""
    visibility: Visibility = Visibility.PRIVATE
    digest: str = ""
    shared: bool = False
    parent_id: str = ""
    root_id: str = ""
    references: Sequence[str] = ()
    tokens: Sequence[str] = ()
    recipients: Sequence[str] = ()
    subject: Subject | None = None
    attachments: Sequence[AttachmentIn] = ()
    marks: frozenset[MachineMark] = frozenset()
    publication: Publication | None = None
    kind: TicketKind | None = None
    process_key: str = ""
    stance: str = ""
    on_behalf: bool = False
    conversation: bool = False
    folds: Sequence[Fold] = ()
    advice: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Revision:
    """An edit of, or an addition to (a late transcript), an earlier reaction or post of ours.

    `publication` is where it stands at its source now, where the service tells: somebody may have approved or hidden it
    there. `back`: it had been taken away there, and stands there again; without `publication` as it stood before.
    """

    external_id: str
    text: str
    html: str = ""
    revised_at: datetime | None = None
    attachments: Sequence[AttachmentIn] = ()
    publication: Publication | None = None
    back: bool = False


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The author or the service took it away."""

    external_id: str
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What became of something we sent: a bounce, a delay, a status callback.

    `external_id` is our message's id as far as the report tells it, `key` what our delivery carried, where that comes back
    beside the id (both empty: match on `tokens`). `outcome` is `delivered`, `delayed` or `failed`.
    """

    external_id: str
    outcome: str
    recipient: str = ""
    code: str = ""
    detail: str = ""
    reported_at: datetime | None = None
    tokens: Sequence[str] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote in a poll. `choices` maps a question's key to the chosen option keys, or to one written answer.

    `voter` is who may vote once (an invitation, a browser), `source` a keyed hash of where it came from, by which bursts are
    found. `apart` is a reason that the channel knows to count it apart (a program's mark); intake finds the others.
    """

    external_id: str
    poll_key: str
    choices: Mapping[str, Sequence[str]]
    voter: Author | None = None
    voted_at: datetime | None = None
    invited: bool = False
    source: str = ""
    apart: str = ""


@dataclass(frozen=True, slots=True)
class Signal:
    """Something found by listening that is not owed an answer."""

    external_id: str
    author: Author
    text: str
    url: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OwnPost:
    """Something our side said: a colleague's answer in the platform's own app, or the echo of our own delivery.

    `visibility` is what it has at the service: a colleague's direct answer is not a public one. `to` is whom it was said
    to, at a service that knows conversations and no threads.
    """

    external_id: str
    text: str
    parent_id: str = ""
    author_name: str = ""
    sent_at: datetime | None = None
    references: Sequence[str] = ()
    visibility: Visibility = Visibility.PUBLIC
    to: Author | None = None


Incoming = Reaction | Revision | Withdrawal | DeliveryReport | Vote | Signal | OwnPost
