"""A mail that a colleague forwards: who wrote it first. A fact for a proposal, never the author: anybody can type such lines."""

import re

from app.channels.mail.addresses import Mailbox, mailboxes

_MARK = re.compile(
    r"^[ \t>]*(?:-{2,}[ \t]*(?:forwarded message|original message|doorgestuurd bericht|oorspronkelijk bericht|origineel bericht)"
    r"[ \t]*-{2,}|begin forwarded message:|begin doorgestuurd bericht:|_{20,})[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_SENDER = re.compile(r"^[ \t>*]*(?:van|from)[ \t]*:\*?[ \t]*([^\n]{3,300})$", re.IGNORECASE | re.MULTILINE)
_SUBJECT = re.compile(r"^\s*(?:fwd?|fw|doorst|doorgest(?:uurd)?|dgs)\s*:", re.IGNORECASE)
_OTHERS = re.compile(
    r"^[ \t>*]*(?:verzonden|sent|datum|date|aan|to|onderwerp|subject)[ \t]*:", re.IGNORECASE | re.MULTILINE
)
_LOOKED_AT = 50_000


def inner_sender(subject: str, text: str) -> Mailbox | None:
    """The sender in the first forwarded header block (`Van: …` with `Verzonden:`, `Aan:`, … near it), or None."""
    looked_at = text[:_LOOKED_AT]
    mark = _MARK.search(looked_at)
    if mark is None and not _SUBJECT.match(subject):
        return None
    for sender in _SENDER.finditer(looked_at, mark.end() if mark else 0):
        block = max(mark.end() if mark else 0, sender.start() - 500)
        if len(_OTHERS.findall(looked_at, block, sender.end() + 1_000)) < 2:
            continue
        found = [box for box in mailboxes(sender[1].replace("[mailto:", "<").replace("]", ">")) if box.address]
        return found[0] if found else None
    return None
