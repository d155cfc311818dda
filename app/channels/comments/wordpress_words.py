"""The words of a comment: WordPress keeps them as HTML whose line ends count. Pure.

What a visitor typed is kept as typed but for `&` and `<`, which WordPress writes as entities, and a few tags that it allows
(a, b, blockquote, code, em, strong, …). What we say is text, so every sign of ours that means something in HTML is written
as an entity: an administrator's comment is not cleaned by WordPress, and an employee's words must never become markup.
"""

import html
import re

from selectolax.lexbor import LexborHTMLParser

LARGEST = 400_000  # characters of HTML that are read; WordPress keeps 65,525 bytes
_LINES = "p, div, li, blockquote, pre, tr, h1, h2, h3, h4, h5, h6"
_HIDDEN = ["script", "style", "template", "head", "title"]
_SPACE_BEFORE_END = re.compile(r"[ \t]+\n")
_MANY_LINES = re.compile(r"\n{3,}")


def text_of(raw: str) -> str:
    """The words that a reader sees, with the address of each link behind it. Total: any string gives some."""
    raw = raw[:LARGEST].replace("\r\n", "\n").replace("\r", "\n")
    text = _words(raw) if "<" in raw or "&" in raw else raw
    return _MANY_LINES.sub("\n\n", _SPACE_BEFORE_END.sub("\n", text)).strip()


def _words(raw: str) -> str:
    tree = LexborHTMLParser(raw)
    tree.strip_tags(_HIDDEN)
    for line_end in tree.css("br"):
        line_end.replace_with("\n")
    for block in tree.css(_LINES):
        block.insert_before("\n")
        block.insert_after("\n")
    for link in tree.css("a[href]"):
        address = (link.attributes.get("href") or "").strip()
        if address not in ("", link.text().strip()):
            link.insert_after(f" ({address})")
    return tree.body.text() if tree.body is not None else ""


def html_of(text: str) -> str:
    """Our words as a comment's content."""
    return html.escape(text.replace("\r\n", "\n").strip(), quote=False)


def size_of(text: str) -> int:
    """What WordPress counts: bytes of the content."""
    return len(html_of(text).encode("utf-8", "surrogatepass"))


def alike(one: str, other: str) -> bool:
    """Whether two texts have the same words: WordPress and its plugins write white space in their own way."""
    return one.split() == other.split()


def one_line(markup: str) -> str:
    """A title or a message of WordPress, which may hold tags and entities, as one line of text."""
    return " ".join(text_of(markup).split())
