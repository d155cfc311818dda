"""Which parts of a mail are its text, and what the rest is.

Plain text is preferred; where a multipart/alternative has none, or only a stub that says "your program cannot show HTML",
the HTML is turned into text. Texts that stand one after another are put one after another.
"""

import re
from dataclasses import dataclass, field
from html import escape

from app.channels.mail.charset import decode
from app.channels.mail.flowed import unflowed
from app.channels.mail.html import sanitised, to_text
from app.channels.mail.limits import MAX_HTML, MAX_TEXT
from app.channels.mail.mime import Part

_STUB = re.compile(r"\bhtml\b", re.IGNORECASE)
_STUB_LENGTH = 400
_TEXTS = frozenset({"text/plain", "text/html"})
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE)


@dataclass(slots=True)
class Content:
    """`text` as it is stored, `html` sanitised (empty: none, or not showable), `files` the parts that are attachments.

    `notes` has codes out of `text_cut`, `html_left_out`.
    """

    text: str = ""
    html: str = ""
    files: list[Part] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Piece:
    """What stands in one place of the mail: the same text once or twice (alternatives)."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)


def read_content(root: Part) -> Content:
    """Total: a part that cannot be read as text becomes a file."""
    content = Content()
    pieces: dict[int, _Piece] = {}
    for leaf in root.leaves():
        if not _is_text(leaf, bool(pieces)):
            content.files.append(leaf)
            continue
        piece = pieces.setdefault(leaf.alternative or -1 - leaf.start, _Piece())
        if leaf.content_type == "text/html":
            piece.html.append(decode(leaf.content(), leaf.charset or _declared_inside(leaf.content())))
        else:
            piece.plain.append(_plain(leaf))
    _join(content, list(pieces.values()))
    return content


def _is_text(leaf: Part, has_text: bool) -> bool:
    if leaf.content_type not in _TEXTS or leaf.disposition == "attachment":
        return False
    named = "name" in leaf.params or "filename" in leaf.headers.first("content-disposition").lower()
    return not (named and (has_text or leaf.disposition == "inline"))


def _plain(leaf: Part) -> str:
    text = decode(leaf.content(), leaf.charset)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if leaf.params.get("format", "").lower() == "flowed":
        text = unflowed(text, leaf.params.get("delsp", "").lower() == "yes")
    return text


def _declared_inside(content: bytes) -> str:
    found = _META_CHARSET.search(content, 0, 4_096)
    return found[1].decode("ascii", "replace") if found else ""


def _join(content: Content, pieces: list[_Piece]) -> None:
    rich = any(piece.html for piece in pieces)
    texts, shown = [], []
    for piece in pieces:
        text = _text_of(piece)
        texts.append(text.strip("\n") if text.strip() else "")
        if rich:
            shown.append(_html_of(piece, text, content.notes))
    content.text = "\n\n".join(text for text in texts if text)
    if "html_left_out" not in content.notes:
        content.html = "\n".join(part for part in shown if part)
    if len(content.text) > MAX_TEXT:
        content.notes.add("text_cut")
        content.text = content.text[:MAX_TEXT]


def _text_of(piece: _Piece) -> str:
    plain = "\n".join(piece.plain)
    if not piece.html or (plain.strip() and not (len(plain) < _STUB_LENGTH and _STUB.search(plain))):
        return plain
    read = to_text("\n".join(piece.html)[: 4 * MAX_HTML])
    return read if len(read) > len(plain) or not plain.strip() else plain


def _html_of(piece: _Piece, text: str, notes: set[str]) -> str:
    if not piece.html:
        return f"<p>{escape(text).replace(chr(10), '<br>')}</p>" if text.strip() else ""
    safe = sanitised("\n".join(piece.html))
    if not safe and text.strip():
        notes.add("html_left_out")
    return safe
