"""What we send: the values that `Sends.send` takes and gives, and the limits that a text must fit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.channels.errors import Refused
from app.channels.incoming import Subject
from app.vocabulary import AddressKind, Visibility

NARROW = frozenset({Visibility.PRIVATE, Visibility.DIRECT})
"""What only the recipient sees."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who will see an answer, in words: `labels` by language ("Iedereen op de pagina", "Alleen de afzender")."""

    public: bool
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Limits:
    """What an outgoing text may be.

    `measure(text)` counts as the service counts; `max_length` is in that unit, which `unit` names by language where it is
    not characters. `reply_window` is how long after the last reaction an answer is still possible. `max_attachments` of 0 =
    none can be sent. `html` tells that rich text is kept.

    `parts` is there only where an administrator chose splitting: the posts that a long text goes out as; raises `Refused`
    for one that cannot be split either. `cost` is what sending a text costs, in US dollars; it is counted with the account.
    `private` holds what an answer that only its recipient sees may be, where that differs.
    """

    audience: Audience
    max_length: int | None = None
    measure: Callable[[str], int] = len
    reply_window: timedelta | None = None
    max_attachments: int = 0
    max_attachment_bytes: int = 0
    html: bool = False
    parts: Callable[[str], Sequence[str]] | None = None
    cost: Callable[[str], float] | None = None
    private: "Limits | None" = None
    unit: Mapping[str, str] | None = None

    def seen(self, visibility: Visibility) -> "Limits":
        """What an answer that is seen so may be."""
        return self.private if self.private is not None and visibility in NARROW else self

    def posts(self, text: str) -> int:
        """How many posts a text goes out as. Raises `Refused` where it cannot."""
        return 1 if self.parts is None else len(self.parts(text))

    def excess(self, text: str) -> int | None:
        """The index from which a text is too long; None when it fits.

        The longest beginning that fits is looked for by halves, since only the service's own counting can tell.
        """
        if self._fits(text):
            return None
        fits, too_long = 0, len(text)
        while too_long - fits > 1:
            middle = (fits + too_long) // 2
            fits, too_long = (middle, too_long) if self._fits(text[:middle]) else (fits, middle)
        return fits

    def _fits(self, text: str) -> bool:
        if self.parts is None:
            return self.max_length is None or self.measure(text) <= self.max_length
        try:
            self.parts(text)
        except Refused:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom an answer is for, in the same address space as the `Author` it came from."""

    kind: AddressKind
    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentOut:
    """A file to send. `open()` gives its bytes when they are needed; `alt` is a picture's alternative text."""

    name: str
    content_type: str
    size: int
    open: Callable[[], bytes]
    alt: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """Where an answer belongs. All empty for a publication without a parent.

    `parent_id` and `root_id` are external ids at the service; `references` the whole known chain, oldest first.
    """

    parent_id: str = ""
    root_id: str = ""
    references: Sequence[str] = ()
    subject: Subject | None = None


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message on its way out.

    `key` derives from the delivery, is the same at every try, and is what a service's idempotency takes (mail: the left
    half of the Message-ID). `reply_token` is the signed token by which the answer to this comes home. `automatic` tells
    that a machine wrote it (RFC 3834 marks it). `text` and `html` are complete: greeting, signature, status link.
    `signed_by` is the name shown beside a public answer. `through` is who of ours is connected first (a call). `made_at` is
    when it was written: what the service had before then is something else. `again` tells that it was tried before.
    """

    key: str
    recipient: Recipient | None
    text: str
    html: str = ""
    title: str = ""
    language: str = "nl"
    visibility: Visibility = Visibility.PRIVATE
    thread: Thread = Thread()
    attachments: Sequence[AttachmentOut] = ()
    reply_token: str = ""
    automatic: bool = False
    signed_by: str = ""
    copies: Sequence[Recipient] = ()
    through: Recipient | None = None
    made_at: datetime | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """What the service said it made: its id for our message, where it can be seen, and its own words kept for later.

    `also` are the ids of the further posts where it went out as several.
    """

    external_id: str
    url: str = ""
    sent_at: datetime | None = None
    detail: Mapping[str, str] = field(default_factory=dict)
    also: Sequence[str] = ()
