"""Why votes were set apart, in words, wherever a result is shown: to citizens and at the desk."""

from app.polls.result import Result
from app.vocabulary import Language
from app.web.i18n import _, translated

APART = {
    "repeat": _("Again with the same invitation or from the same browser"),
    "burst": _("Many votes from one network in a short time"),
    "trap_filled": _("Filled in by a program"),
    "after_closing": _("Arrived after the closing"),
}


def apart(result: Result, language: Language) -> list[tuple[str, int]]:
    """(why, how many) of the votes that were set apart."""
    return [(translated(language, APART.get(why, why)), votes) for why, votes in result.apart.items()]
