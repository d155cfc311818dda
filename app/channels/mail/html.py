"""HTML of a mail: to text, and to HTML that may be shown.

Pictures on other servers are not loaded until somebody asks (they tell the sender that, when and where the mail was read):
their address moves to `data-remote-src`. Pictures that came along keep `src="cid:…"`.

Why an own walker: a parser's plain text breaks "Ik ben <b>tegen</b> de" over three lines, and one library tried gave an
empty text for 5,000 nested elements. The walk has its own stack.
"""

import re

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

from app.channels.mail.charset import storable
from app.channels.mail.limits import MAX_HTML, MAX_HTML_DEPTH

_CONTENT_GONE = {
    "script",
    "style",
    "title",
    "template",
    "noframes",
    "svg",
    "math",
    "object",
    "iframe",
    "select",
    "textarea",
}
_INVISIBLE = frozenset({*_CONTENT_GONE, "head"})
_BLOCKS = frozenset(
    "address article aside blockquote body center dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6"
    " header li main nav ol p pre section table tbody tfoot thead tr ul hr".split()
)
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre"})
_TAGS = frozenset(
    "a abbr b blockquote br caption center cite code col colgroup dd del div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr"
    " i ins kbd li ol p pre q s small span strike strong sub sup table tbody td tfoot th thead tr tt u ul wbr".split()
)
_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "blockquote": {"type"},
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign", "scope"},
    "ol": {"start", "type"},
    "col": {"span"},
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_PICTURE = frozenset({"src", "alt", "width", "height", "data-remote-src"})
_DATA_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*\Z")
_REMOTE = re.compile(r"(?:https?:)?//[^\s]+\Z", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^>]*>?")
_ENDLESS = frozenset("area base br col embed hr img input link meta p li td tr th dd dt option source wbr".split())
_QUOTE_CLASS = re.compile(r"\b(?:gmail_quote|yahoo_quoted|protonmail_quote|moz-cite|cite)", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f\v\xa0\u200b\ufeff]+")
_BREAKS = re.compile(r"[ \t\r\n\f\v]+")
_MANY_BREAKS = re.compile(r"\n{3,}")


def _picture_attribute(tag: str, name: str, value: str) -> str | None:
    """Called for every attribute: the last word on what may be loaded."""
    if name == "src":
        return value if value[:4].lower() == "cid:" or _DATA_PICTURE.match(value) else None
    if name == "data-remote-src":
        return value if _REMOTE.match(value) else None
    if name == "href" and value.lower().startswith(("cid:", "data:")):
        return None
    return value


_plain_cleaner = nh3.Cleaner(
    tags=set(_TAGS), attributes=_ATTRIBUTES, url_schemes=_SCHEMES, clean_content_tags=_CONTENT_GONE
)
_picture_cleaner = nh3.Cleaner(
    tags={*_TAGS, "img"},
    attributes={**_ATTRIBUTES, "img": set(_PICTURE)},
    url_schemes={*_SCHEMES, "cid", "data"},
    clean_content_tags=_CONTENT_GONE,
    attribute_filter=_picture_attribute,
)


def sanitised(html: str) -> str:
    """HTML that can be shown: no script, style, form, class or id, nothing that loads. Empty when it is too large or deep."""
    if len(html) > MAX_HTML or _too_deep(html):
        return ""
    if "<im" in html or "<IM" in html or "<Im" in html:
        return _picture_cleaner.clean(_remote_apart(html))
    return _plain_cleaner.clean(html)


def to_text(html: str) -> str:
    """The readable text, block by block; quotes of earlier mail get `> `. Total."""
    if _too_deep(html):
        return _MANY_BREAKS.sub("\n\n", storable(_TAG.sub("\n", html))).strip()
    root = LexborHTMLParser(html).body
    return _Text().read(root) if root is not None else ""


def _remote_apart(html: str) -> str:
    tree = LexborHTMLParser(html)
    for picture in tree.css("img"):
        src = (picture.attrs.get("src") or "").strip()
        if not src or src[:4].lower() == "cid:" or _DATA_PICTURE.match(src):
            continue
        if _REMOTE.match(src):
            picture.attrs["data-remote-src"] = src
        del picture.attrs["src"]
    body = tree.body
    return (body.html or "") if body is not None else html


def _too_deep(html: str) -> bool:
    """An upper estimate of how deep elements nest; only counted where there are enough of them to hurt."""
    if html.count("<") < 5 * MAX_HTML_DEPTH:
        return False
    depth = 0
    for tag in _TAG.finditer(html):
        if tag[2].lower() not in _ENDLESS:
            depth += -1 if tag[1] else 1
            if depth > MAX_HTML_DEPTH:
                return True
    return False


class _Text:
    """Collects lines while walking; white space collapses as in a browser."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._words: list[str] = []
        self._quotes = 0
        self._preformatted = 0

    def read(self, root: LexborNode) -> str:
        stack: list[tuple[LexborNode, bool]] = [(root, False)]
        while stack:
            node, leaving = stack.pop()
            if leaving:
                self._leave(node)
            elif node.is_text_node:
                self._write(node.text_content or "")
            elif node.is_element_node and node.tag not in _INVISIBLE:
                self._enter(node)
                stack.append((node, True))
                child = node.last_child
                while child is not None:
                    stack.append((child, False))
                    child = child.prev
        self._end_line()
        return _MANY_BREAKS.sub("\n\n", storable("\n".join(self._lines))).strip("\n")

    def _enter(self, node: LexborNode) -> None:
        tag = node.tag
        if tag == "br":
            self._end_line(empty=True)
        elif tag == "img":
            self._picture(node)
        elif tag in _BLOCKS:
            self._end_line()
            self._open_block(node, tag or "")
        elif tag in ("td", "th"):
            self._words.append(" ")

    def _open_block(self, node: LexborNode, tag: str) -> None:
        if tag in _PARAGRAPHS and not _is_outlook_line(node):
            self._blank()
        if tag == "li":
            self._words.append("- ")
        if tag == "hr":
            self._words.append("---")
        if tag == "pre":
            self._preformatted += 1
        if tag == "blockquote" and _is_quote(node):
            self._quotes += 1

    def _leave(self, node: LexborNode) -> None:
        tag = node.tag
        if tag not in _BLOCKS:
            return
        self._end_line()
        if tag == "pre":
            self._preformatted -= 1
        if tag == "blockquote" and _is_quote(node):
            self._quotes -= 1
        if tag in _PARAGRAPHS and not _is_outlook_line(node):
            self._blank()

    def _picture(self, node: LexborNode) -> None:
        alt = (node.attrs.get("alt") or "").strip()
        if alt:
            self._words.append(f"[{alt}]")

    def _write(self, text: str) -> None:
        if not self._preformatted:
            self._words.append(_BREAKS.sub(" ", text))
            return
        first, *others = text.splitlines() or [""]
        self._words.append(first)
        for line in others:
            self._end_line(empty=True)
            self._words.append(line)

    def _end_line(self, empty: bool = False) -> None:
        text = "".join(self._words)
        self._words.clear()
        empty = empty or "\xa0" in text  # how editors write an empty line
        text = text.rstrip() if self._preformatted else _SPACES.sub(" ", text).strip()
        if text or empty:
            self._lines.append(self._prefix() + text)

    def _blank(self) -> None:
        empty = self._prefix().rstrip()
        if self._lines and self._lines[-1].strip("> "):
            self._lines.append(empty)
        elif self._lines:
            self._lines[-1] = empty  # the quote ended: its last empty line belongs to what follows

    def _prefix(self) -> str:
        return "> " * min(self._quotes, 9)


def _is_quote(node: LexborNode) -> bool:
    """Many programs indent with blockquote: only one that says it quotes is a quote."""
    attributes = node.attrs
    if (attributes.get("type") or "").lower() == "cite" or attributes.get("cite"):
        return True
    return bool(_QUOTE_CLASS.search(attributes.get("class") or ""))


def _is_outlook_line(node: LexborNode) -> bool:
    """Outlook writes every line as a paragraph of class MsoNormal."""
    return node.tag == "p" and "mso" in (node.attrs.get("class") or "").lower()
