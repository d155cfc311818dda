"""A ticket's messages as bubbles: whose they are, what is folded, and how each answer fares on its way out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.tickets.standing import CORRECT, TAKE_BACK
from app.tickets.thread_rows import Entry
from app.tickets.ticket_rows import DeliveryRow, EventRow
from app.vocabulary import AttachmentState, DeliveryState, EventType, MessageKind, Publication, Verdict
from app.web.formats import ZONE
from app.web.i18n import _

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What is shown as it is; every other file is only given to be saved."""
SIDES: Mapping[MessageKind, str] = {
    MessageKind.REACTION: "theirs",
    MessageKind.REPLY: "ours",
    MessageKind.OWN_POST: "ours",
    MessageKind.RECEIPT: "machine",
    MessageKind.NOTE: "note",
    MessageKind.CALL_NOTE: "note",
}
LABELS: Mapping[MessageKind, str] = {
    MessageKind.REACTION: _("Reaction"),
    MessageKind.REPLY: _("Our answer"),
    MessageKind.OWN_POST: _("Our answer, given at the source"),
    MessageKind.RECEIPT: _("Automatic receipt"),
    MessageKind.NOTE: _("Internal note"),
    MessageKind.CALL_NOTE: _("Note of a call"),
}
ICONS: Mapping[MessageKind, str] = {
    MessageKind.REACTION: "person",
    MessageKind.REPLY: "reply",
    MessageKind.OWN_POST: "reply",
    MessageKind.RECEIPT: "machine",
    MessageKind.NOTE: "note",
    MessageKind.CALL_NOTE: "phone",
}
FOLDS: Mapping[str, str] = {"quote": _("Quoted text"), "signature": _("Signature"), "disclaimer": _("Disclaimer")}
VERDICTS: Mapping[Publication, Sequence[Verdict]] = {
    Publication.HELD: (Verdict.APPROVE, Verdict.REMOVE),
    Publication.PUBLISHED: (Verdict.HIDE, Verdict.REMOVE),
    Publication.HIDDEN: (Verdict.RESTORE, Verdict.REMOVE),
    Publication.REMOVED: (Verdict.RESTORE,),
}
# Tone, icon and sentence of each state.
ON_THE_WAY: Mapping[DeliveryState, tuple[str, str, str]] = {
    DeliveryState.WAITING: ("", "clock", _("Waiting to be sent")),
    DeliveryState.CLAIMED: ("", "send", _("Being sent")),
    DeliveryState.BEGUN: ("", "send", _("Being sent")),
    DeliveryState.SENT: ("good", "check", _("Sent")),
    DeliveryState.FAILED: ("warn", "alert", _("Not gone out yet")),
    DeliveryState.UNCERTAIN: ("bad", "question", _("Unclear whether it went out")),
    DeliveryState.REFUSED: ("bad", "cross", _("Refused by the other side")),
    DeliveryState.CANCELLED: ("", "undo", _("Called back")),
}


TAKING_BACK: Mapping[DeliveryState, tuple[str, str, str]] = {
    DeliveryState.WAITING: ("", "undo", _("Being taken back")),
    DeliveryState.CLAIMED: ("", "undo", _("Being taken back")),
    DeliveryState.BEGUN: ("", "undo", _("Being taken back")),
    DeliveryState.SENT: ("", "undo", _("Taken back")),
    DeliveryState.FAILED: ("warn", "alert", _("Not taken back yet")),
    DeliveryState.UNCERTAIN: ("bad", "question", _("Unclear whether it was taken back")),
    DeliveryState.REFUSED: ("bad", "cross", _("Could not be taken back")),
    DeliveryState.CANCELLED: ("bad", "cross", _("Could not be taken back")),
}
CORRECTING: Mapping[DeliveryState, tuple[str, str, str]] = {
    DeliveryState.WAITING: ("", "send", _("Being corrected")),
    DeliveryState.CLAIMED: ("", "send", _("Being corrected")),
    DeliveryState.BEGUN: ("", "send", _("Being corrected")),
    DeliveryState.SENT: ("good", "check", _("Corrected")),
    DeliveryState.FAILED: ("warn", "alert", _("Not corrected yet")),
    DeliveryState.UNCERTAIN: ("bad", "question", _("Unclear whether it was corrected")),
    DeliveryState.REFUSED: ("bad", "cross", _("Could not be corrected")),
    DeliveryState.CANCELLED: ("bad", "cross", _("Could not be corrected")),
}
# A call is no message: what became of it has other words. What went wrong is said beside it.
CALLING: Mapping[DeliveryState, tuple[str, str, str]] = {
    DeliveryState.WAITING: ("", "clock", _("Will be called")),
    DeliveryState.CLAIMED: ("", "phone", _("Being called now.")),
    DeliveryState.BEGUN: ("", "phone", _("Being called now.")),
    DeliveryState.SENT: ("good", "phone", _("Called")),
    DeliveryState.FAILED: ("warn", "alert", _("Not called yet")),
    DeliveryState.UNCERTAIN: ("bad", "question", _("Unclear whether there was a call")),
    DeliveryState.REFUSED: ("bad", "cross", _("Not reached")),
    DeliveryState.CANCELLED: ("", "undo", _("Not called after all")),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text; `fold` is the label under which it is folded away, else empty."""

    text: str
    fold: str = ""


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message on the page. `day` is set on the first of each day; `verdicts` are what a moderator may decide;
    `taking_back` and `correction` are how far the service is with removing it, and with its new words.
    """

    entry: Entry
    side: str
    label: str
    icon: str
    parts: Sequence[Part]
    deliveries: Sequence[DeliveryRow]
    bounced: bool
    verdicts: Sequence[Verdict]
    day: datetime | None
    taking_back: DeliveryRow | None = None
    correction: DeliveryRow | None = None

    @property
    def may_be_changed(self) -> bool:
        """Whether it is an answer that went out and stands there still, as far as we know."""
        sent = any(delivery.state is DeliveryState.SENT for delivery in self.deliveries)
        tried = self.taking_back is not None and self.taking_back.state is not DeliveryState.REFUSED
        return self.entry.kind is MessageKind.REPLY and sent and self.entry.withdrawn_at is None and not tried

    @property
    def pictures(self) -> Sequence[Mapping[str, Any]]:
        """Files to be shown: pictures that we hold, but for those that stand in the made-up form (logos, mostly)."""
        return [file for file in self.entry.attachments if file["kept"] and not file["cid"] and _is_picture(file)]

    @property
    def ways(self) -> Mapping[DeliveryState, tuple[str, str, str]]:
        """What the states of its deliveries are called."""
        return CALLING if self.entry.kind is MessageKind.CALL_NOTE else ON_THE_WAY

    @property
    def language(self) -> str:
        """The language of its words; empty for what an employee wrote down, in ours, whatever the person spoke."""
        return "" if any(code.startswith("entered_") for code in self.entry.advice) else self.entry.language

    @property
    def author(self) -> str:
        """Who wrote it; empty where nobody gave a name."""
        return self.entry.agent_name or self.entry.author_name


def bubbles(
    entries: Iterable[Entry], deliveries: Sequence[DeliveryRow], events: Sequence[EventRow]
) -> Iterator[Bubble]:
    """Oldest first, as they came."""
    ways: dict[int | None, list[DeliveryRow]] = {}
    back: dict[int | None, DeliveryRow] = {}
    corrections: dict[int | None, DeliveryRow] = {}
    for delivery in deliveries:
        if delivery.action == CORRECT:
            corrections[delivery.message_id] = delivery
        elif delivery.action != TAKE_BACK:
            ways.setdefault(delivery.message_id, []).append(delivery)
        elif delivery.message_id not in back or delivery.state is not DeliveryState.SENT:
            back[delivery.message_id] = delivery
    bounced = {event.message_id for event in events if event.type is EventType.BOUNCED}
    day: date | None = None
    for entry in entries:
        here = entry.received_at.astimezone(ZONE).date()
        yield Bubble(
            entry=entry,
            side="machine" if entry.automatic and entry.kind is MessageKind.REACTION else SIDES[entry.kind],
            label=LABELS[entry.kind],
            icon=ICONS[entry.kind],
            parts=parts(entry.text, entry.folds),
            deliveries=ways.get(entry.id, ()),
            bounced=entry.id in bounced and entry.kind is not MessageKind.CALL_NOTE,
            verdicts=_verdicts(entry),
            day=entry.received_at if here != day else None,
            taking_back=back.get(entry.id),
            correction=corrections.get(entry.id),
        )
        day = here


def parts(text: str, folds: Iterable[Any]) -> list[Part]:
    """The text cut at its folds (`[start, end, why]`); what overlaps or lies outside is left as it is, nothing is lost."""
    made: list[Part] = []
    at = 0
    for start, end, why in sorted(folds):
        if start < at or end > len(text) or start >= end:
            continue
        made += [Part(text[at:start].rstrip("\n"))] if text[at:start].strip() else []
        made.append(Part(text[start:end].strip("\n"), FOLDS.get(why, FOLDS["quote"])))
        at = end
    if text[at:].strip() or not made:
        made.append(Part(text[at:].strip("\n")))
    return made


def _is_picture(file: Mapping[str, Any]) -> bool:
    return file["content_type"] in PICTURES and file["state"] not in (
        AttachmentState.INFECTED,
        AttachmentState.TOO_LARGE,
    )


def _verdicts(entry: Entry) -> Sequence[Verdict]:
    if entry.kind is not MessageKind.REACTION or entry.publication is None:
        return ()
    return VERDICTS.get(entry.publication, ())
