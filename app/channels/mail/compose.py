"""From an outgoing message to the mail that goes out: RFC 5322 bytes and the envelope to put round them. Pure.

An automatic mail has an empty envelope sender and says in its headers that no person wrote it (RFC 3834), so that no
machine answers it. Every other one comes back to an address with the signed token, answers (Reply-To) and bounces
(envelope) alike. The Message-ID is the delivery's, the same at every try.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from app.channels.contract import OutgoingMessage, Recipient, Refused
from app.channels.mail import write_headers as headers
from app.channels.mail.envelope import for_envelope, is_address, needs_utf8
from app.channels.mail.message_id import chain, cited, message_id
from app.channels.mail.write_body import body
from app.vocabulary import AddressKind

_REPLY = re.compile(r"\s*(re|aw|antw|sv|vs|r[ée]f|odp)\s*(\[\d+\])?\s*:", re.IGNORECASE)
_UNTITLED = {"nl": "Uw bericht aan {}", "en": "Your message to {}"}


@dataclass(frozen=True, slots=True)
class From:
    """Who sends: the account's address, the organisation's name, and how reply addresses and ids are made."""

    address: str
    name: str
    reply_template: str
    id_domain: str


@dataclass(frozen=True, slots=True)
class Mail:
    """Bytes and envelope. An empty `sender` is the null sender. `utf8`: an address needs SMTPUTF8."""

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    content: bytes
    automatic: bool
    utf8: bool


def compose(message: OutgoingMessage, sender: From, at: datetime) -> Mail:
    """The mail for `message`. Raises `Refused` for an address, token or key that cannot be written."""
    to = _people([message.recipient] if message.recipient else [])
    copies = _people(list(message.copies))
    if not to:
        raise Refused("there is nobody to send this to; give a recipient", code="recipient")
    own_id = message_id(message.key, sender.id_domain)
    home = reply_address(sender.reply_template, message.reply_token) if message.reply_token else ""
    lines = _who(sender, to, copies, home) + _what(message, sender, own_id, at) + _marks(message)
    addresses = tuple(dict.fromkeys(a for _, a in to + copies))
    return Mail(
        message_id=own_id,
        sender="" if message.automatic else home or for_envelope(sender.address),
        recipients=addresses,
        content=lines + body(message, sender.id_domain),
        automatic=message.automatic,
        utf8=any(needs_utf8(a) for a in (*addresses, home, for_envelope(sender.address))),
    )


def reply_address(template: str, token: str) -> str:
    """The template with the token in it. Raises `Refused` when that is no address (64 characters before the @)."""
    address = template.replace("{token}", token)
    if not is_address(address):
        raise Refused("the reply address is too long or malformed; shorten it in the account", code="reply-address")
    return for_envelope(address)


def subject(message: OutgoingMessage, organisation: str) -> str:
    """The title, with one "Re: " before it in an answer."""
    title = " ".join(message.title.split())
    if not title:
        title = _UNTITLED.get(message.language, _UNTITLED["nl"]).format(organisation)
    if not message.thread.parent_id or _REPLY.match(title):
        return title
    return f"Re: {title}"


def _people(recipients: list[Recipient]) -> list[tuple[str, str]]:
    if any(r.kind is not AddressKind.EMAIL for r in recipients):
        raise Refused("this person has no mail address here; answer over another channel", code="recipient")
    return [(r.name, for_envelope(r.address)) for r in recipients]


def _who(sender: From, to: list[tuple[str, str]], copies: list[tuple[str, str]], home: str) -> bytes:
    lines = headers.mailboxes("From", [(sender.name, for_envelope(sender.address))]) + headers.mailboxes("To", to)
    if copies:
        lines += headers.mailboxes("Cc", copies)
    if home:
        lines += headers.mailboxes("Reply-To", [(sender.name, home)])
    return lines


def _what(message: OutgoingMessage, sender: From, own_id: str, at: datetime) -> bytes:
    lines = headers.words("Subject", subject(message, sender.name or sender.address))
    lines += headers.plain("Date", format_datetime(at)) + headers.ids("Message-ID", [own_id])
    if parent := cited(message.thread.parent_id):
        lines += headers.ids("In-Reply-To", [parent])
    if references := chain(message.thread.references, message.thread.parent_id):
        lines += headers.ids("References", references)
    return lines


def _marks(message: OutgoingMessage) -> bytes:
    lines = b""
    if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", message.language):
        lines += headers.plain("Content-Language", message.language)
    if message.automatic:
        lines += headers.plain("Auto-Submitted", "auto-replied" if message.thread.parent_id else "auto-generated")
        lines += headers.plain("X-Auto-Response-Suppress", "All")
    return lines
