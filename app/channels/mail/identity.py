"""Which mail this is, and which mails it answers.

A Message-ID alone is no key (left out, reused), and neither are the bytes (each delivery adds other trace headers): the
identity is the Message-ID with a digest of From, Date, Subject and the decoded parts.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping

from app.channels.mail.addresses import mailboxes, normalised
from app.channels.mail.limits import MAX_REFERENCES, MAX_TOKENS
from app.channels.mail.mime import Headers, Part
from app.channels.mail.own import OwnMail, tag_of
from app.channels.mail.words import decode_words

_BRACKETED = re.compile(r"<([^<>]{1,2000})>")
_SPACE = re.compile(r"\s+")
_LONGEST_ID = 400
_ENVELOPE = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to")


def message_id(headers: Headers) -> str:
    """`<left@right>`, without white space; an empty string when there is none that can be read."""
    for value in headers.every("message-id"):
        found = _ids(value)
        if found:
            return found[0]
    return ""


def references(headers: Headers) -> tuple[str, ...]:
    """Ids of the mails that this one answers, nearest first: In-Reply-To, then References backwards. Bounded."""
    direct = [i for value in headers.every("in-reply-to") for i in _ids(value)]
    chain = [i for value in headers.every("references") for i in _ids(value)]
    return tuple(dict.fromkeys((*direct[:10], *reversed(chain))))[:MAX_REFERENCES]


def digest(headers: Headers, root: Part, subject: str) -> str:
    """SHA-256 (hex) over From, Date, decoded Subject and every decoded part with its type; each piece with its length."""
    total = hashlib.sha256()
    for header in (decode_words(headers.first("from")), headers.first("date"), subject):
        _feed(total, header.encode("utf-8", "replace"))
    for leaf in root.leaves():
        _feed(total, leaf.content_type.encode("utf-8", "replace"))
        content = leaf.content()
        text = leaf.content_type.startswith("text/")
        _feed(total, content.rstrip(b"\r\n").replace(b"\r\n", b"\n") if text else content)
    return total.hexdigest()


def tokens(headers: Headers, ids: Iterable[str], own: OwnMail, meta: Mapping[str, str]) -> tuple[str, ...]:
    """Strings that may be reply tokens of ours: tags of our addresses, and left halves of ids that we made."""
    found: dict[str, None] = {}
    for address in _addressed(headers, meta):
        for token in _in_address(address, own):
            found[token] = None
    for one in ids:
        if key := own_key(one, own):
            found[key] = None
    return tuple(found)[:MAX_TOKENS]


def own_key(one: str, own: OwnMail) -> str:
    """The left half of an id in our own domain, or an empty string."""
    left, _, right = one.strip("<>").rpartition("@")
    return left if own.own_domain and right.lower() == own.own_domain else ""


def _addressed(headers: Headers, meta: Mapping[str, str]) -> list[str]:
    """Addresses as written: a token may be sensitive to case until somebody lowered it."""
    raw = [meta["recipient"]] if meta.get("recipient") else []
    for name in _ENVELOPE:
        raw.extend(headers.every(name)[:10])
    for name in ("to", "cc"):
        for value in headers.every(name)[:5]:
            raw.extend(_with_case(value))
    return raw[:500]


def _with_case(value: str) -> list[str]:
    if "+" not in value and "@" in value and len(value) < 200 and "<" not in value:
        return [value]
    spelled = {normalised(word): word for word in re.split(r"[\s<>,;\"]+", value) if "@" in word}
    return [spelled.get(box.address, box.address) for box in mailboxes(value)]


def _in_address(address: str, own: OwnMail) -> list[str]:
    lowered = normalised(address)
    spelled = address.strip().strip("<>")
    spelled = spelled if spelled.lower() == lowered else lowered
    token = tag_of(spelled) if own.is_own(lowered) else _in_template(spelled, own)
    return list(dict.fromkeys((token, token.lower()))) if token else []


def _in_template(address: str, own: OwnMail) -> str:
    before, mark, after = own.reply_template.lower().partition("{token}")
    lowered = address.lower()
    if not mark or not (lowered.startswith(before) and lowered.endswith(after)):
        return ""
    return address[len(before) : len(address) - len(after)]


def _ids(value: str) -> list[str]:
    found = _BRACKETED.findall(value)
    if not found:
        found = [word.strip("<>") for word in value.split() if "@" in word]
        if not found and value.strip(" <>"):
            found = [value.strip(" <>")] if " " not in value.strip() else []
    return [_bounded(_SPACE.sub("", one)) for one in found if one.strip()]


def _bounded(one: str) -> str:
    """Very long ids are kept as a digest: the same for the mail itself and for who refers to it."""
    if len(one) <= _LONGEST_ID:
        return f"<{one}>"
    return f"<{hashlib.sha256(one.encode('utf-8', 'replace')).hexdigest()}@long.invalid>"


def _feed(total: "hashlib._Hash", data: bytes) -> None:
    total.update(b"%d:" % len(data))
    total.update(data)
