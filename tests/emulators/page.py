"""A page for people: what an emulated service shows of its threads."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Shown:
    """One post on the page. `depth` indents an answer; `notes` are words like "direct" or "edited"."""

    key: str
    author: str
    text: str
    depth: int = 0
    ours: bool = False
    notes: str = ""


def page(service: str, posts: Iterable[Shown]) -> str:
    """The whole page."""
    rows = "\n".join(_post(post) for post in posts) or "<p>Nothing was said yet.</p>"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(service)} (emulator)</title>'
        "<style>body{font:16px/1.5 sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
        "article{border-left:4px solid #bbb;padding:.25rem 1rem;margin:.75rem 0}article.ours{border-color:#06c}"
        "p{white-space:pre-wrap;margin:.25rem 0}small{color:#555}</style>"
        f"<h1>{escape(service)}</h1><p><small>An emulator: nobody outside sees this.</small></p>{rows}</html>"
    )


def _post(post: Shown) -> str:
    kind = "ours" if post.ours else "theirs"
    notes = f" · {escape(post.notes)}" if post.notes else ""
    return (
        f'<article class="{kind}" id="post-{escape(post.key)}" style="margin-left:{post.depth * 2}rem">'
        f"<small><b>{escape(post.author)}</b>{notes}</small><p>{escape(post.text)}</p></article>"
    )
