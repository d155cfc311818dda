"""A long answer as several numbered posts, cut between words. Pure.

Only done where an administrator chose it: several posts cost more, and a reader may see one without the others.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.channels.contract import Refused, Sent, Uncertain

MOST = 25
_LONGEST_MARK = "(99/99)"
_WORD = re.compile(r"\S+\s*")


def in_posts(text: str, limit: int, measure: Callable[[str], int]) -> Sequence[str]:
    """The text in posts of at most `limit` by `measure`, ending in (1/3), (2/3), … where there is more than one.

    Raises `Refused` for a text that needs more than `MOST` posts, or holds a word that fits in none.
    """
    text = text.strip()
    if measure(text) <= limit:
        return (text,)
    parts = _cut(text, limit, measure)
    if len(parts) > MOST:
        raise Refused(f"This text needs {len(parts)} posts; {MOST} is the most.", code="too_long")
    return tuple(f"{part} ({number}/{len(parts)})" for number, part in enumerate(parts, 1))


@dataclass(frozen=True, slots=True)
class Said:
    """A post of our own as the service has it: what it stands under, and its words in a form that can be compared."""

    sent: Sent
    under: str
    words: str


def found_again(said: Sequence[Said], parent: str, wanted: Sequence[str]) -> Sent | None:
    """The receipt of an answer whose posts, each under the one before it, are among `said`; None when the first is not.

    Raises `Uncertain` as `whole` does.
    """
    made: list[Sent] = []
    for words in wanted:
        one = next((one.sent for one in said if one.under == parent and one.words == words), None)
        if one is None:
            break
        made.append(one)
        parent = one.external_id
    return whole(made, len(wanted)) if made else None


def whole(made: Sequence[Sent], wanted: int) -> Sent:
    """One receipt for all posts of an answer. Raises `Uncertain` where some are missing: only a person can say the rest."""
    if len(made) < wanted:
        raise Uncertain(f"{len(made)} of {wanted} posts went out. Look there, and say the rest of it there.")
    return replace(made[0], also=tuple(one.external_id for one in made[1:]))


def _cut(text: str, limit: int, measure: Callable[[str], int]) -> list[str]:
    parts, part = [], ""
    for word in _WORD.findall(text):
        if measure(f"{(part + word).rstrip()} {_LONGEST_MARK}") <= limit:
            part += word
            continue
        if not part or measure(f"{word.rstrip()} {_LONGEST_MARK}") > limit:
            raise Refused("A word or address in this text fits in no post: shorten it.", code="too_long")
        parts.append(part.rstrip())
        part = word
    return [*parts, part.rstrip()]
