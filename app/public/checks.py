"""What is wrong with a comment before it is sent on, field by field, so that a form can say it beside the field.

The channel checks again: this is for the reader's sake, that is for the data's.
"""

from collections.abc import Mapping, Sequence

from app.errors import Fault
from app.web.i18n import _

TEXT_EMPTY = _("Write your comment first.")
TEXT_LONG = _("Your comment is longer than %(most)s characters. Shorten it.")
EMAIL_ODD = _("This is no e-mail address. Write it like name@example.nl, or leave the field empty.")
LONG = _("Use at most 200 characters.")


def faults(fields: Mapping[str, str], max_length: int | None) -> Sequence[Fault]:
    """Every fault at once; `fix` is marked for translation and may hold `%(most)s`."""
    found = []
    text = fields.get("text", "").strip()
    if not text:
        found.append(Fault("text", "empty", TEXT_EMPTY))
    elif max_length is not None and len(text) > max_length:
        found.append(Fault("text", "too_long", TEXT_LONG))
    if not _plausible(fields.get("email", "").strip()):
        found.append(Fault("email", "email", EMAIL_ODD))
    if len(fields.get("name", "").strip()) > 200:
        found.append(Fault("name", "too_long", LONG))
    return found


def _plausible(email: str) -> bool:
    if not email:
        return True
    local, at, domain = email.rpartition("@")
    whole = bool(at and local and "." in domain.strip(".")) and len(email) <= 254
    return whole and not any(c.isspace() or ord(c) < 32 for c in email)
