"""What a verb says when it refuses, in the reader's language, also where the sentence holds a number or a name.

Below the web nobody knows who reads, so errors carry an English sentence. One without values is looked up as it is; the
patterns here find those with values.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from app.desk.troubles import TROUBLES
from app.vocabulary import Language
from app.web.i18n import _, translated, translations

SENTENCES: Sequence[str] = (
    _("Say why %(what)s."),
    _("This channel cannot send."),
    _("It counts %(used)s; this channel takes %(most)s. Shorten it."),
    _("This channel takes %(most)s files."),
    _("A file may have at most %(most)s MB here. Send a link, or a smaller file."),
    _("This ticket was merged into %(target)s. Work on that one, or unmerge this one first."),
    _("Choose a password of %(least)s to %(most)s characters; a few words are fine."),
    _("Write a note of 1 to %(most)s characters."),
    _("Give a tag of 1 to %(most)s letters."),
    _("The Twilio account is %(status)s: look at it on Twilio's console."),
    _("Twilio does not push to us yet: set the number's webhook to %(url)s (POST)."),
)
FOUND: Sequence[str] = (
    _("This number is not in the Twilio account: check the number and the account SID."),
    _("Give the user the role Editor in WordPress."),
    _("Rights are missing: connect the account again and allow all that is asked."),
    _("Facebook does not push to us: connect the account again."),
)
"""What the check of an account found, here to be translated."""
_PLACE = re.compile(r"%\\\((\w+)\\\)s|%\((\w+)\)s")


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(_PLACE.sub(lambda m: f"(?P<{m[1] or m[2]}>.+?)", re.escape(sentence)))


_PATTERNS = tuple((_pattern(sentence), sentence) for sentence in (*SENTENCES, *TROUBLES))


@lru_cache(1000)
def said(language: Language, fix: str) -> str:
    """The sentence in this language; one that nobody translated stays as it is, and so do the other side's own words."""
    found = translations(language).gettext(fix)
    if found != fix or language is Language.ENGLISH:
        return found
    for pattern, sentence in _PATTERNS:
        if match := pattern.fullmatch(fix):
            values = {name: said(language, value) for name, value in match.groupdict().items()}
            return translated(language, sentence, **values)
    return fix
