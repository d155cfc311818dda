"""Address headers as others write them: display names, groups, comments, several or no addresses, plain nonsense.

Why not `email.utils.getaddresses`: it recurses per nested comment and splits names with commas into addresses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.channels.mail.words import decode_words

_TOKEN = re.compile(r'"((?:[^"\\]|\\.?)*)"?|<([^<>]*)>?|([,;:()])|[^",;:<>()]+|.', re.DOTALL)
_ADDRESS = re.compile(r'[^\s@<>"(),;:\\]{1,256}@[^\s@<>"(),;:\\]{1,255}')
_ROUTE = re.compile(r"^(?:@[^:@]+,?)+:")
_ROUND_AT = re.compile(r"\s*@\s*")
_SIMPLE = re.compile(r"(?:([A-Za-z0-9 ._-]{0,80}) ?<)?([A-Za-z0-9!#$%&*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,190})(>?)")
_LONGEST = 32_768


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address, normalised (lower case), and the name written beside it. `address` is empty when it is none."""

    name: str
    address: str


def mailboxes(value: str) -> list[Mailbox]:
    """The addresses of one header's value, in order. Total; linear."""
    simple = _SIMPLE.fullmatch(value)
    if simple and (simple[1] is not None) == bool(simple[3]):
        return [Mailbox((simple[1] or "").strip(), simple[2].strip(".").lower())]
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
    if text[:1] == "@":
        text = _ROUTE.sub("", text)
    if " " in text or "\t" in text:
        text = _ROUND_AT.sub("@", text)
    found = _ADDRESS.search(text)
    return found[0].strip(".'").lower() if found else ""


def _mailbox(name: str, address: str) -> Mailbox:
    if address:
        shown = decode_words(name)
        return Mailbox(shown.strip("'\" "), normalised(decode_words(address)))
    if "@" in name:
        return Mailbox("", normalised(decode_words(name)))
    return Mailbox(decode_words(name), "")


@dataclass(slots=True)
class _Entry:
    """What has been read of one entry: words, a comment, what stood between angle brackets."""

    phrase: list[str] = field(default_factory=list)
    comment: list[str] = field(default_factory=list)
    angle: str = ""

    def read(self, token: re.Match[str]) -> None:
        if token[2] is not None:
            self.angle = self.angle or token[2]
        elif not self.angle:
            self.phrase.append(token[0] if token[1] is None else token[1].replace("\\", ""))

    def found(self) -> tuple[str, str]:
        """(name or bare address, angle address); a comment is the name when there is no other."""
        name = " ".join("".join(self.phrase).split())
        comment = "".join(self.comment).strip()
        if not self.angle and comment and "@" in name:
            return comment, name
        return name or (comment if self.angle else ""), self.angle


def _entries(value: str) -> Iterator[tuple[str, str]]:
    entry, depth = _Entry(), 0
    for token in _TOKEN.finditer(value):
        mark = token[3] or ""
        if mark in ("(", ")"):
            depth = depth + 1 if mark == "(" else max(0, depth - 1)
        elif depth:
            entry.comment.append(token[0])
        elif mark in (",", ";"):
            yield entry.found()
            entry = _Entry()
        elif mark == ":" and "@" not in "".join(entry.phrase):
            entry.phrase.clear()  # the name of a group: `undisclosed-recipients:;`
        else:
            entry.read(token)
    yield entry.found()
