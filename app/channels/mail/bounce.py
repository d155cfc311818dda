"""Mail about our mail: delivery status (RFC 3464), the bounces of servers that know no RFC, read receipts (MDN, RFC 8098)
and abuse reports (ARF, RFC 5965)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.channels.contract import DeliveryReport, MachineMark
from app.channels.mail.addresses import mailboxes, normalised
from app.channels.mail.charset import one_line
from app.channels.mail.identity import message_id
from app.channels.mail.limits import MAX_REPORTS
from app.channels.mail.mime import Headers, Part, read_headers
from app.channels.mail.words import decode_words

_OUTCOMES = {
    "failed": "failed",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "delivered",
    "expanded": "delivered",
}
_POSTMASTER = re.compile(
    r"^(?:mailer[-_]?daemon|postmaster|mail[-_]?delivery(?:[-_]?(?:sub)?system)?|bounces?|mdaemon)(?:@|\b)"
)
_SUBJECT = re.compile(
    r"undeliver(?:ed|able)|delivery (?:status notification|failure|has failed|incomplete)|mail delivery (?:failed|problem)"
    r"|returned mail|failure notice|niet (?:bezorgd|afgeleverd|bestelbaar)|onbestelbaar|could not be delivered"
    r"|bezorging (?:mislukt|vertraagd)|delivery (?:delayed|warning)|delayed mail",
    re.IGNORECASE,
)
_DELAY = re.compile(r"\bdelay|vertraagd|will (?:be retried|keep trying)|\bwarning\b", re.IGNORECASE)
_CODE = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_REPLY_CODE = re.compile(r"\b(5\d\d|4\d\d)[ -]")
_QMAIL = re.compile(r"<([^<>\s]{3,254}@[^<>\s]{3,254})>:?[ \t]*\n")
_ANY_ADDRESS = re.compile(r"[^\s<>()\[\]\"';:,]{1,64}@[^\s<>()\[\]\"';:,]{3,190}")
_ORIGINAL = re.compile(r"(?im)^[ >\t]*Message-ID:[ \t]*(<[^<>\s]{3,400}>)")
_COPIES = frozenset(
    {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "message/rfc822-headers"}
)
_COPY_BEGINS = re.compile(r"^-{3,}.*$|^(?:Return-Path|Received):", re.MULTILINE)
_LOOKED_AT = 100_000


@dataclass(frozen=True, slots=True)
class Original:
    """What a report says of the mail it is about: its headers, read from the copy inside; empty when there is none."""

    headers: Headers

    @property
    def id(self) -> str:
        """The Message-ID of the mail that was reported on, or an empty string."""
        return message_id(self.headers)


def report_mark(root: Part) -> MachineMark | None:
    """What kind of multipart/report this is: a bounce, a read receipt, an abuse report, or None."""
    kind = root.params.get("report-type", "").lower()
    types = {part.content_type for part in root.walk()} if root.content_type == "multipart/report" or kind else set()
    if kind == "delivery-status" or types & {"message/delivery-status", "message/global-delivery-status"}:
        return MachineMark.BOUNCE
    if kind == "disposition-notification" or types & {"message/disposition-notification"}:
        return MachineMark.READ_RECEIPT
    if kind == "feedback-report" or "message/feedback-report" in types:
        return MachineMark.ABUSE_REPORT
    return None


def is_plain_bounce(headers: Headers, author: str, subject: str) -> bool:
    """A bounce in no standard form: it says so in a header, or comes from nobody or a postmaster with such a subject."""
    if "x-failed-recipients" in headers:
        return True
    return (not author or bool(_POSTMASTER.match(author))) and says_so(subject)


def says_so(subject: str) -> bool:
    """Whether this is a subject of bounces. A citizen whose parcel was not delivered writes such a one too."""
    return bool(_SUBJECT.search(subject))


def is_from_nobody(headers: Headers) -> bool:
    """Whether the envelope had no sender, as with bounces, and with what programs send that want no answer."""
    return headers.first("return-path").replace(" ", "") == "<>"


def original_of(root: Part, text: str) -> Original:
    """The mail inside the report: an attached message, its headers, or a Message-ID line quoted in the text."""
    for part in root.leaves():
        if part.content_type in _COPIES:
            headers = read_headers(part.content().lstrip(b"\r\n"))[0]
            if headers.order:
                return Original(headers)
    headers = Headers()
    if found := _ORIGINAL.search(text[:_LOOKED_AT]):
        headers.values["message-id"] = [found[1]]
        headers.order.append(("message-id", found[1]))
    return Original(headers)


def reports(
    root: Part, headers: Headers, text: str, original: Original, at: datetime | None, tokens: Sequence[str]
) -> list[DeliveryReport]:
    """One report per recipient that the bounce names; one without a recipient when it names none."""
    found: list[DeliveryReport] = []
    for part in root.leaves():
        if part.content_type in ("message/delivery-status", "message/global-delivery-status"):
            found.extend(_from_status(part, original, at, tokens))
    return found[:MAX_REPORTS] or _from_text(headers, text, original, at, tokens)


def _from_status(part: Part, original: Original, at: datetime | None, tokens: Sequence[str]) -> list[DeliveryReport]:
    found: list[DeliveryReport] = []
    data, start = part.content(), 0
    for _ in range(4 * MAX_REPORTS):
        if start >= len(data) or len(found) >= MAX_REPORTS:
            break
        block, body = read_headers(data, start)
        if body <= start:
            break
        start = body
        if recipient := block.first("final-recipient") or block.first("original-recipient"):
            outcome = _OUTCOMES.get(block.first("action").partition(" ")[0].lower(), "failed")
            detail = " ".join(decode_words(block.first("diagnostic-code")).split())[:500]
            code = _CODE.search(block.first("status")) or _CODE.search(detail)
            address = normalised(recipient.partition(";")[2] or recipient)
            found.append(
                DeliveryReport(original.id, outcome, address, code[1] if code else "", detail, at, tuple(tokens))
            )
    return found


def _from_text(
    headers: Headers, text: str, original: Original, at: datetime | None, tokens: Sequence[str]
) -> list[DeliveryReport]:
    looked_at = text[:_LOOKED_AT]
    code = _CODE.search(looked_at) or _REPLY_CODE.search(looked_at)
    subject = decode_words(headers.first("subject"))
    outcome = "delayed" if _DELAY.search(subject) else "failed"
    detail = " ".join(one_line(looked_at[:2_000]).split())[:500]
    return [
        DeliveryReport(original.id, outcome, recipient, code[1] if code else "", detail, at, tuple(tokens))
        for recipient in _recipients(headers, looked_at, original) or [""]
    ]


def _recipients(headers: Headers, text: str, original: Original) -> list[str]:
    named = [box.address for value in headers.every("x-failed-recipients") for box in mailboxes(value)]
    said = _COPY_BEGINS.split(text, maxsplit=1)[0]
    if not named:
        named = [normalised(address) for address in _QMAIL.findall(said)]
    if not named and (to := original.headers.first("to")):
        named = [box.address for box in mailboxes(to)]
    if not named:
        named = [normalised(found[0]) for found in _ANY_ADDRESS.finditer(said)][:1]
    return [address for address in dict.fromkeys(named) if address][:MAX_REPORTS]
