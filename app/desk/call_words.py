"""What the desk says of calls: how one ended, and what an employee can say of it.

The channel itself says the same sentences in English, with an answer that it could not give; here they are translated.
"""

from collections.abc import Mapping

from app.web.i18n import _

TRIED: Mapping[str, str] = {
    "called": _("Called."),
    "under_way": _("Being called now."),
    "refused": _("The call could not be made."),
    "employee_busy": _("The colleague's own telephone was busy."),
    "employee_no_answer": _("The colleague's own telephone was not picked up."),
    "employee_failed": _("The colleague's own telephone could not be reached."),
    "employee_canceled": _("The call was broken off."),
    "citizen_busy": _("The citizen's line was busy."),
    "citizen_no_answer": _("The citizen did not pick up."),
    "citizen_failed": _("The citizen's number could not be reached."),
    "citizen_canceled": _("The call was broken off before the citizen picked up."),
    "citizen_machine": _("An answering machine picked up."),
}
PROBLEMS = (
    _("The SMS did not arrive."),
    _("There is no telephone number to answer to: answer another way, and note how."),
    _("This number is a short code, a paid service or no number: it is not called."),
    _("An SMS takes no files: send a link, or answer by mail."),
    _("Say on which telephone you want to be called, or let an administrator set the desk's number."),
)
"""What else these channels say, here to be translated."""

OUTCOMES: Mapping[str, str] = {
    "reached": _("Spoke to them"),
    "not_reached": _("No answer"),
    "voicemail": _("Voicemail"),
    "dropped": _("No longer needed"),
}


def ended(code: str) -> str:
    """How a call ended, to be translated; a code that only the service knows is one that could not be made."""
    return TRIED.get(code, TRIED["refused"])
