"""Address headers as others write them: display names, groups, comments, several or no addresses, plain nonsense.

Why not `email.utils.getaddresses`: it recurses per nested comment and splits names with commas into addresses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.channels.mail.words import decode_words

_TOKEN = re.compile(r'"((?:[^"\\]|\\.?)*)"?|<([^<>]*)>?|([,;:()])|[^",;:<>()]+|.', re.DOTALL)
_ADDRESS = re.compile(r'[^\s@<>"(),;:\\]{1,256}@[^\s@<>"(),;:\\]{1,255}')
_ROUTE = re.compile(r"^(?:@[^:@]+,?)+:")
_LONGEST = 32_768


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address, normalised (lower case), and the name written beside it. `address` is empty when it is none."""

    name: str
    address: str


def mailboxes(value: str) -> list[Mailbox]:
    """The addresses of one header's value, in order. Total; linear."""
    found: list[Mailbox] = []
    pending = ""
    for name, address in _entries(value[:_LONGEST]):
        if not address and "@" not in name:
            pending = f"{pending}{name}, " if name else pending  # Jansen, Jan <jan@…> without quotes
            continue
        found.append(_mailbox(pending + name, address))
        pending = ""
    if pending and not found:
        found.append(Mailbox(decode_words(pending.rstrip(", ")), ""))
    return found


def normalised(address: str) -> str:
    """`<Jan@Voorbeeld.Example>` → `jan@voorbeeld.example`; an empty string for what is no address."""
    text = address.strip().strip("<>'\"").strip()
    if text.lower().startswith("mailto:"):
        text = text[7:]
    text = _ROUTE.sub("", text)
    if " " in text or "\t" in text:
        text = re.sub(r"\s+", "", text)
    found = _ADDRESS.search(text)
    return found[0].strip(".'").lower() if found else ""


def _mailbox(name: str, address: str) -> Mailbox:
    if address:
        shown = decode_words(name)
        return Mailbox(shown.strip("'\" "), normalised(decode_words(address)))
    if "@" in name:
        return Mailbox("", normalised(decode_words(name)))
    return Mailbox(decode_words(name), "")


def _entries(value: str) -> Iterator[tuple[str, str]]:
    """(phrase, what stood between angle brackets) for each entry; a comment is the name when there is no other."""
    phrase: list[str] = []
    comment: list[str] = []
    angle = ""
    depth = 0
    for token in _TOKEN.finditer(value):
        mark = token[3]
        if mark == "(" or mark == ")":
            depth = depth + 1 if mark == "(" else max(0, depth - 1)
        elif depth:
            comment.append(token[0])
        elif mark == ":" and "@" not in "".join(phrase):
            phrase = []  # the name of a group: `undisclosed-recipients:;`
        elif mark in (",", ";"):
            yield _entry(phrase, comment, angle)
            phrase, comment, angle = [], [], ""
        elif token[2] is not None:
            angle = angle or token[2]
        elif not angle:
            phrase.append(token[1].replace("\\", "") if token[1] is not None else token[0])
    if phrase or angle:
        yield _entry(phrase, comment, angle)


def _entry(phrase: list[str], comment: list[str], angle: str) -> tuple[str, str]:
    name = " ".join("".join(phrase).split())
    if not angle and comment and "@" in name:
        return "".join(comment).strip(), name
    return name or (("".join(comment)).strip() if angle else ""), angle
