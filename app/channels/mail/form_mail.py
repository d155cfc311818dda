"""Mail that a website's contact form sends from the organisation's own address: the citizen is the author.

The citizen stands in Reply-To, or in the text as `E-mail: …`, `Naam: …`, labels in Dutch or English, with the value behind
the colon or on the next line.
"""

import re

from app.channels.mail.addresses import Mailbox, mailboxes, normalised
from app.channels.mail.mime import Headers
from app.channels.mail.own import OwnMail

_LABELS = {
    "email": r"(?:uw |jouw |your )?e-?mail(?:[- ]?adres|[- ]?address)?(?: van (?:de )?(?:afzender|inzender))?"
    r"|reply[- ]?to|afzender|from|van",
    "name": r"(?:uw |jouw |your )?(?:volledige |full )?na(?:am|me)|ingezonden door|submitted by|voor- en achternaam",
    "first": r"voornaam|first[ -]?name|voorletters|initials",
    "last": r"achternaam|last[ -]?name|surname|family name",
    "infix": r"tussenvoegsels?",
    "phone": r"(?:uw |your )?(?:telefoon(?:nummer)?|tel\.?|phone(?: number)?|mobiel(?:nummer)?|mobile)",
}
_FIELD = re.compile(
    r"^[ \t>*•-]{0,8}(?:" + "|".join(f"(?P<{key}>{label})" for key, label in _LABELS.items()) + r")[ \t]*\*?[ \t]*"
    r"(?::[ \t]*\*?[ \t]*(?P<value>[^\n]{0,300})|\n[ \t]*(?P<next>[^\n:]{1,300}))$",
    re.IGNORECASE | re.MULTILINE,
)
_LOOKED_AT = 20_000


def is_form_mail(author: Mailbox, own: OwnMail) -> bool:
    """Whether a form may have sent it: from an address of ours, or from one configured as a form's sender."""
    return own.is_own(author.address) or author.address in own.form_senders


def citizen_in(headers: Headers, text: str, own: OwnMail) -> tuple[Mailbox, str] | None:
    """(the citizen, their telephone number or an empty string), or None when no address but ours can be found."""
    fields = _fields(text[:_LOOKED_AT])
    name = fields.get("name") or " ".join(fields[key] for key in ("first", "infix", "last") if key in fields)
    for value in headers.every("reply-to"):
        for box in mailboxes(value):
            if box.address and not _ours(box.address, own):
                return Mailbox(box.name if _is_name(box.name) else name, box.address), fields.get("phone", "")
    address = normalised(fields.get("email", ""))
    if address and not _ours(address, own):
        return Mailbox(name, address), fields.get("phone", "")
    return None


def _ours(address: str, own: OwnMail) -> bool:
    return own.is_own(address) or address in own.form_senders


def _is_name(text: str) -> bool:
    return bool(text) and "@" not in text


def _fields(text: str) -> dict[str, str]:
    """The first value of each label; an e-mail label counts only with an address behind it."""
    fields: dict[str, str] = {}
    for found in _FIELD.finditer(text):
        key = found.lastgroup if found.lastgroup in _LABELS else next(k for k in _LABELS if found[k] is not None)
        value = (found["value"] if found["value"] is not None else found["next"] or "").strip(" \t*")
        if value and key not in fields and (key != "email" or normalised(value)):
            fields[key] = value
    return fields
