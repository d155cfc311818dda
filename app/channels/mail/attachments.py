"""Files that came along: named, sniffed, bounded. One too large keeps its entry, without content: it never just vanishes."""

from collections.abc import Sequence

from app.channels.contract import AttachmentIn
from app.channels.mail.filename import safe_name
from app.channels.mail.mime import Part, read_headers
from app.channels.mail.own import OwnMail
from app.channels.mail.params import parameters
from app.channels.mail.sniff import sniffed
from app.channels.mail.tnef import unpacked
from app.channels.mail.words import decode_words

_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})


def read_attachments(files: Sequence[Part], own: OwnMail, notes: set[str]) -> tuple[AttachmentIn, ...]:
    """In the order of the mail. Adds `attachments_left_out` to `notes` when there are more than may be kept."""
    found: list[AttachmentIn] = []
    room = own.max_attachments_bytes
    for part in files:
        for one in _files_in(part, len(found) + 1):
            if len(found) >= own.max_attachments:
                notes.add("attachments_left_out")
                return tuple(found)
            kept = one.size <= min(own.max_attachment_bytes, room)
            if not kept:
                notes.add("attachment_too_large")
            room -= one.size if kept else 0
            found.append(one if kept else AttachmentIn(one.name, one.content_type, None, one.size, one.cid))
    return tuple(found)


def _files_in(part: Part, number: int) -> list[AttachmentIn]:
    content = part.content()
    name = _name_of(part, content)
    packed = part.content_type in _TNEF or name.lower() == "winmail.dat"
    if packed and (inside := unpacked(content)):
        return [_attachment(f.name, "", f.content, "", number + i) for i, f in enumerate(inside)]
    if part.content_type in ("message/rfc822", "message/global"):
        return [AttachmentIn(safe_name(name, "message/rfc822", number), "message/rfc822", content, len(content))]
    cid = part.headers.first("content-id").strip("<> ")[:300]
    return [_attachment(name, part.content_type, content, cid, number)]


def _attachment(name: str, declared: str, content: bytes, cid: str, number: int) -> AttachmentIn:
    kind = sniffed(content, declared, name)
    return AttachmentIn(safe_name(name, kind, number), kind, content, len(content), cid)


def _name_of(part: Part, content: bytes) -> str:
    disposition = parameters(part.headers.first("content-disposition"))
    name = disposition.get("filename") or part.params.get("name") or ""
    if not name and part.content_type == "message/rfc822":
        subject = decode_words(read_headers(content)[0].first("subject"))
        name = f"{subject[:80].replace('/', '-')}.eml" if subject else ""
    return name or decode_words(part.headers.first("content-description"))[:80]
