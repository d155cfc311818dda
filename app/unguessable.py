"""Names that nobody can guess, for what stands in a link, a form or a command."""

import secrets
import string

_LETTERS = string.ascii_letters + string.digits


def unguessable(length: int = 22) -> str:
    """Letters and digits of ASCII, 5.95 random bits each: 131 bits unless told otherwise.

    Not urlsafe base64, which may begin with a dash, so that a command takes the name for an option, or end in one, so that
    a mail program leaves it out of the link.
    """
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
