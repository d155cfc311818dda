"""The HTML of a post as readable text.

Posts are a few paragraphs: blocks become lines, paragraphs are set apart, everything else is its words. The walk has its
own stack, so that no nesting can exhaust Python's. Links keep their whole address, also where a part of it is hidden for
the eye (Mastodon hides `https://` and the tail in spans); a picture becomes its alternative text.
"""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

LARGEST = 1_000_000  # characters of HTML that are read; a post is a thousandth of it
_HIDDEN = frozenset("script style template head title svg math object iframe".split())
_LINES = frozenset("div li ul ol h1 h2 h3 h4 h5 h6 section article tr hr pre blockquote p".split())
_PARAGRAPHS = frozenset("p pre blockquote ul ol h1 h2 h3 h4 h5 h6".split())
_SPACES = re.compile(r"[ \t\r\n\f\v]+")
_SOFT = "\v"  # a line ends here, if it has not already: never in the text itself, where it counts as a space
_SOFT_BREAKS = re.compile(r" *\v[ \v]*")
_AROUND_BREAKS = re.compile(r" *\n *")
_MANY_BREAKS = re.compile(r"\n{3,}")


def html_to_text(html: str) -> str:
    """The text that a reader sees. Total: any string gives one."""
    root = LexborHTMLParser(html[:LARGEST]).body
    if root is None:
        return ""
    joined = _AROUND_BREAKS.sub("\n", _SOFT_BREAKS.sub("\n", "".join(_pieces(root))))
    return _MANY_BREAKS.sub("\n\n", joined).strip()


def _pieces(root: LexborNode) -> list[str]:
    pieces: list[str] = []
    stack: list[tuple[LexborNode, bool]] = [(root, False)]
    while stack:
        node, leaving = stack.pop()
        tag = node.tag or ""
        if node.is_text_node:
            pieces.append(_SPACES.sub(" ", node.text_content or ""))
        elif leaving:
            pieces.append("\n\n" if tag in _PARAGRAPHS else _SOFT)
        elif node.is_element_node and tag not in _HIDDEN:
            pieces.append(_opening(node, tag))
            if tag in _LINES:
                stack.append((node, True))
            stack.extend((child, False) for child in reversed(_children(node)))
    return pieces


def _opening(node: LexborNode, tag: str) -> str:
    if tag == "br":
        return "\n"
    if tag == "img":
        alt = (node.attrs.get("alt") or "").strip()
        return f"[{alt}]" if alt else ""
    if tag == "li":
        return f"{_SOFT}- "
    return _SOFT if tag in _LINES else ""


def _children(node: LexborNode) -> list[LexborNode]:
    found, child = [], node.first_child
    while child is not None:
        found.append(child)
        child = child.next
    return found
