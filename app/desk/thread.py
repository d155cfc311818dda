"""A ticket's messages as bubbles: whose they are, what is folded, and how each answer fares on its way out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.channels.phone_number import shown
from app.desk.delivery_words import CALLING, CORRECTING, ON_THE_WAY, STANDS, TAKING_BACK, Way
from app.tickets.standing import CORRECT, TAKE_BACK
from app.tickets.thread_rows import Entry
from app.tickets.ticket_rows import DeliveryRow, EventRow
from app.vocabulary import AddressKind, AttachmentState, DeliveryState, EventType, MessageKind, Publication, Verdict
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


@dataclass(frozen=True, slots=True)
class Change:
    """What is being done to an answer that went out, and how far the service is. `settled` is what somebody may say of it
    besides "try again"; empty where there is nothing to say.
    """

    delivery: DeliveryRow
    way: Way
    settled: str = ""

    @property
    def shown(self) -> tuple[str, str, str]:
        """Tone, icon and sentence."""
        return self.way[self.delivery.state]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text; `fold` is the label under which it is folded away, else empty."""

    text: str
    fold: str = ""


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message on the page. `day` is set on the first of each day; `verdicts` are what a moderator may decide;
    `changes` are how far the service is with removing it, and with its new words.
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
    changes: Sequence[Change] = ()

    @property
    def may_be_changed(self) -> bool:
        """Whether it is an answer that went out and stands there still, as far as we know."""
        sent = any(delivery.state is DeliveryState.SENT for delivery in self.deliveries)
        over = (DeliveryState.REFUSED, DeliveryState.SENT)
        going = any(c.way is TAKING_BACK and c.delivery.state not in over for c in self.changes)
        return self.entry.kind is MessageKind.REPLY and sent and self.entry.withdrawn_at is None and not going

    @property
    def pictures(self) -> Sequence[Mapping[str, Any]]:
        """Files to be shown: pictures that we hold, but for those that stand in the made-up form (logos, mostly)."""
        return [file for file in self.entry.attachments if file["kept"] and not file["cid"] and _is_picture(file)]

    @property
    def way(self) -> Way:
        """What the states of its deliveries are called."""
        return CALLING if self.entry.kind is MessageKind.CALL_NOTE else ON_THE_WAY

    @property
    def language(self) -> str:
        """The language of its words; empty for what an employee wrote down, in ours, whatever the person spoke."""
        return "" if any(code.startswith("entered_") for code in self.entry.advice) else self.entry.language

    @property
    def author(self) -> str:
        """Who wrote it, by the number where that is all we know; empty where nobody gave a name."""
        named = self.entry.agent_name or self.entry.author_name
        return named or (address(self.entry) if self.entry.address_kind is AddressKind.PHONE else "")


def bubbles(
    entries: Iterable[Entry], deliveries: Sequence[DeliveryRow], events: Sequence[EventRow]
) -> Iterator[Bubble]:
    """Oldest first, as they came."""
    ways: dict[int | None, list[DeliveryRow]] = {}
    back: dict[int | None, list[Change]] = {}
    corrections: dict[int | None, list[Change]] = {}
    for delivery in deliveries:
        if delivery.action == CORRECT:
            corrections[delivery.message_id] = [Change(delivery, CORRECTING, STANDS)]
        elif delivery.action != TAKE_BACK:
            ways.setdefault(delivery.message_id, []).append(delivery)
        elif delivery.message_id not in back or delivery.state is not DeliveryState.SENT:
            back[delivery.message_id] = [Change(delivery, TAKING_BACK)]
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
            changes=[*_done_with(entry, back.get(entry.id, ())), *corrections.get(entry.id, ())],
        )
        day = here


def _done_with(entry: Entry, back: Iterable[Change]) -> Iterator[Change]:
    """How far the taking back is; nothing where it is done and somebody put the answer back at its service."""
    return (change for change in back if entry.withdrawn_at or change.delivery.state is not DeliveryState.SENT)


def address(entry: Entry) -> str:
    """Where it came from, as people write it: a number as it is dialled."""
    known = entry.address or ""
    return shown(known) if entry.address_kind is AddressKind.PHONE else known


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
