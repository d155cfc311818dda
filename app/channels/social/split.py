"""A long answer as several numbered posts, cut between words. Pure.

Only done where an administrator chose it: several posts cost more, and a reader may see one without the others.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.channels.contract import ChannelError, Refused, Sent

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


def standing(said: Sequence[Said], parent: str, wanted: Sequence[str]) -> list[Sent]:
    """The posts of an answer, each under the one before it, that are among `said`, up to the first that is not."""
    made: list[Sent] = []
    for words in wanted:
        one = next((one.sent for one in said if one.under == parent and one.words == words), None)
        if one is None:
            break
        made.append(one)
        parent = one.external_id
    return made


def post_rest(posts: Sequence[str], made: list[Sent], parent: str, post: Callable[[str, str], Sent]) -> Sent:
    """Say the posts that are not `made` yet, each under the one before it; one receipt for all.

    `post` says one (its words, what it stands under). What goes wrong after the first is told with how many stand there, so
    that whoever tries again goes on after those.
    """
    for words in posts[len(made) :]:
        try:
            made.append(post(words, made[-1].external_id if made else parent))
        except ChannelError as error:
            if made:
                error.say_first(f"{len(made)} of {len(posts)} posts stand there.")
            raise
    return whole(made)


def whole(made: Sequence[Sent]) -> Sent:
    """One receipt for all posts of an answer."""
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
