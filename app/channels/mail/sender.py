"""Who wrote a mail, as far as its headers tell."""

from dataclasses import dataclass

from app.channels.mail.addresses import Mailbox, mailboxes
from app.channels.mail.advice import Advice
from app.channels.mail.mime import Headers
from app.channels.mail.own import OwnMail

NOBODY = Mailbox("", "")


@dataclass(frozen=True, slots=True)
class Sender:
    """The first author, and the addresses of the others in From."""

    box: Mailbox
    others: tuple[str, ...] = ()


def sender_of(headers: Headers) -> Sender:
    """The first readable From; without one Sender, then Reply-To. `NOBODY` when there is none at all."""
    found = [box for value in headers.every("from") for box in mailboxes(value)]
    readable = [box for box in found if box.address]
    if readable:
        others = tuple(dict.fromkeys(box.address for box in readable[1:] if box.address != readable[0].address))
        return Sender(readable[0], others[:10])
    name = found[0].name if found else ""
    for header in ("sender", "reply-to"):
        for value in headers.every(header):
            for box in mailboxes(value):
                if box.address:
                    return Sender(Mailbox(name or box.name, box.address))
    return Sender(Mailbox(name, ""))


def sender_advice(headers: Headers, sender: Sender, own: OwnMail, auth: str) -> dict[str, str]:
    """What somebody who reads this mail should know about who sent it."""
    advice: dict[str, str] = {Advice.AUTH: auth}
    box = sender.box
    if not box.address:
        advice[Advice.NO_AUTHOR] = ""
    if sender.others:
        advice[Advice.SEVERAL_AUTHORS] = ", ".join(sender.others)
    if "@" in box.name and box.address not in box.name.lower():
        advice[Advice.SENDER_DIFFERS] = box.name
    if box.address and auth != "pass" and own.is_staff(box.address):
        advice[Advice.STAFF_UNVERIFIED] = box.address
    reply = next((b.address for value in headers.every("reply-to") for b in mailboxes(value) if b.address), "")
    if reply and reply != box.address:
        advice[Advice.REPLY_TO] = reply
    return advice


def recipients_of(headers: Headers, envelope: str) -> tuple[str, ...]:
    """Every address it was sent to, the envelope's first; normalised, each once, not yet bounded."""
    found = [envelope] if envelope else []
    for name in ("to", "cc", "delivered-to", "x-original-to"):
        found.extend(box.address for value in headers.every(name) for box in mailboxes(value))
    return tuple(dict.fromkeys(address for address in found if address))
