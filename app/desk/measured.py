"""What the composer says of an answer while somebody writes it: how long its channel counts it, what of it must go, as how
many posts it goes out and at what cost, and who will see it.
"""

from dataclasses import dataclass

from app.channels.contract import Audience, Limits
from app.channels.outgoing import NARROW
from app.vocabulary import Language, Visibility
from app.web.formats import number
from app.web.i18n import _, translated, translations

CONTEXT = 40
"""Characters shown of what fits, before what must go."""
MOST_SHOWN = 1000

ONLY_THEM = _("Only the person you answer")
BY_MAIL_TOO = _("%(who)s, and by mail the person you answer")


@dataclass(frozen=True, slots=True)
class Measured:
    """`at` is the index from which the text is too long; `kept` the end of what fits, `excess` what must go (its beginning)."""

    length: int
    most: int | None
    at: int | None = None
    kept: str = ""
    excess: str = ""
    said: str = ""

    @property
    def over(self) -> bool:
        """Whether it is too long to be sent."""
        return self.at is not None


def measured(limits: Limits, text: str, language: Language) -> Measured:
    """A text as it stands in the box, by the limits of the account that it goes over."""
    begins = len(text) - len(text.lstrip())
    sent = text.strip()
    length, at = limits.measure(sent), limits.excess(sent)
    if at is None:
        return Measured(length, limits.max_length, said=_said(limits, sent, language) if sent else "")
    at += begins
    kept, excess = text[max(0, at - CONTEXT) : at], text[at : at + MOST_SHOWN]
    return Measured(length, limits.max_length, at, kept, excess)


def audience(limits: Limits, visibility: Visibility, language: Language, *, mailed: bool = False) -> tuple[bool, str]:
    """Whether an answer is public, and in words who will see it: a direct message is answered to its sender alone.

    `mailed`: a public answer goes out by mail as well.
    """
    seen: Audience = limits.seen(visibility).audience
    if seen.public and visibility in NARROW:
        return False, translated(language, ONLY_THEM)
    words = seen.labels.get(language, "")
    return seen.public, translated(language, BY_MAIL_TOO, who=words) if mailed and seen.public else words


def choices(
    limits: Limits, visibility: Visibility, language: Language, *, mailed: bool = False
) -> list[tuple[str, str]]:
    """Whom the writer may let see the answer, as (value, words), where one person alone can be answered as well: by the
    channel, or by mail.
    """
    if visibility in NARROW or (limits.private is None and not mailed):
        return []
    one = (Visibility.DIRECT.value, audience(limits, Visibility.DIRECT, language)[1])
    return [("", audience(limits, visibility, language, mailed=mailed)[1]), one]


def _said(limits: Limits, text: str, language: Language) -> str:
    posts = limits.posts(text)
    say = translations(language).ngettext
    parts = []
    if posts > 1:
        parts.append(
            say("Goes out as %(num)s post.", "Goes out as %(num)s posts.", posts) % {"num": number(posts, language)}
        )
    if limits.cost is not None:
        parts.append(translated(language, _("Costs about $%(usd)s."), usd=f"{limits.cost(text):.3f}"))
    return " ".join(parts)
