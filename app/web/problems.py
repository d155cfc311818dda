"""Errors → what is said about them: one table from everything that can go wrong to status, code and a sentence.

A problem never holds what was sent: that may be private, and an infinite number in it cannot even be written as JSON.
"""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from app import log
from app.channels.contract import ChannelError, NotAuthentic, Refused, Unreachable
from app.errors import Conflict, DomainError, Fault, Forbidden, Invalid, NotFound
from app.identity.unique import TAKEN
from app.web.i18n import _
from app.web.principal import SignInNeeded

_STATUS: Mapping[type[DomainError], int] = {NotFound: 404, Conflict: 409, Forbidden: 403, Invalid: 400}
# Codes that have a status of their own in HTTP.
_BY_CODE = {"changed": 412, "if_match_missing": 428, "too_large": 413, "too_many": 429}

TITLES = {
    400: _("This cannot be processed"),
    401: _("Sign in first"),
    403: _("You may not do this"),
    404: _("This page does not exist"),
    405: _("That is not possible here"),
    409: _("Somebody was ahead of you"),
    412: _("It changed in the meantime"),
    413: _("This is too large"),
    415: _("This kind of content is not understood here"),
    428: _("Say which version you saw"),
    429: _("Too many attempts"),
    500: _("Something went wrong on our side"),
    503: _("We are out of order for a moment"),
}
FIXES = {
    400: _("Check what you entered and try again."),
    401: _("Sign in, then try again."),
    403: _("Ask an administrator, or sign in as somebody who may."),
    404: _("Check the address, or go back to the start."),
    405: _("Use one of the methods named in the Allow header."),
    409: _("Look at what is there now, then try again."),
    412: _("Look at what is there now, then try again."),
    413: _("Send less at once: a smaller file, or fewer files."),
    415: _("Use the form on our own page."),
    428: _("Look at what is there now, then try again."),
    429: _("Wait a while, then try again."),
    500: _("Try again. If it happens again, report it with the number below."),
    503: _("Nothing was lost. Try again in a minute."),
}
_WITH_WORDS = (413, 415, 429)  # raised by us alone, with a sentence that knows more


@dataclass(frozen=True, slots=True)
class Problem:
    """RFC 9457, in our words. `fix` and the title are marked for translation; `incident` finds the log line."""

    status: int
    code: str
    fix: str
    faults: Sequence[Fault] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    incident: str = ""

    @property
    def title(self) -> str:
        """A few words for this status, marked for translation."""
        return TITLES.get(self.status, TITLES[400])

    def document(self, name: Callable[[str], str] = str) -> dict[str, Any]:
        """The JSON of application/problem+json; `name` gives the name that a field has outside."""
        errors = [{"field": name(f.field), "code": f.code, "fix": f.fix} for f in self.faults]
        found = {"status": self.status, "title": self.title, "detail": self.fix, "code": self.code}
        return {
            **found,
            **({"errors": errors} if errors else {}),
            **({"incident": self.incident} if self.incident else {}),
        }


def outside(field: str) -> str:
    """A field by the name that it has in the API; those of a channel's settings are written as its schema has them."""
    return field if field.startswith("settings.") else re.sub(r"_([a-z])", lambda found: found[1].upper(), field)


def problem_of(error: Exception) -> Problem:
    """What to say about an error; logs the ones that are ours to mend."""
    match error:
        case DomainError():
            if isinstance(error, Forbidden):
                log.event("access.denied", code=error.code)
            status = _BY_CODE.get(error.code) or next(s for kind, s in _STATUS.items() if isinstance(error, kind))
            return Problem(status, error.code, error.fix, error.faults)
        case RequestValidationError():
            return Problem(400, "invalid", FIXES[400], [fault_of(e) for e in error.errors()])
        case SignInNeeded():
            return Problem(401, "sign_in", FIXES[401], headers={"WWW-Authenticate": 'Bearer realm="Weerklank"'})
        case HTTPException():
            fix = (
                str(error.detail)
                if error.status_code in _WITH_WORDS
                else FIXES.get(error.status_code, str(error.detail))
            )
            return Problem(error.status_code, _code(error.status_code), fix, headers=error.headers or {})
        case ChannelError():
            return _of_channel(error)
        case SQLAlchemyError():
            return _of_database(error)
    return _unexpected(error)


def _of_database(error: SQLAlchemyError) -> Problem:
    match error:
        case IntegrityError():
            taken = getattr(error.orig, "sqlstate", "") == TAKEN
            log.trouble("database.refused_row", taken=taken)
            return Problem(409, "taken", FIXES[409]) if taken else Problem(400, "reference", FIXES[400])
        case DataError():
            log.trouble("database.refused_value", error=error.orig)
            return Problem(400, "invalid", FIXES[400])
        case OperationalError() | InterfaceError() | PoolTimeout():
            log.trouble("database.away", reason=type(error.__cause__ or error).__name__)
            return Problem(503, "unavailable", FIXES[503], headers={"Retry-After": "10"})
    return _unexpected(error)


def _of_channel(error: ChannelError) -> Problem:
    match error:
        case NotAuthentic():
            return Problem(401, "not_authentic", _("Sign what you send with this account's own secret."))
        case Unreachable():
            return Problem(503, "unreachable", error.detail, headers={"Retry-After": str(int(error.retry_after or 60))})
        case Refused():
            return Problem(400, error.code or "refused", error.detail)
    return Problem(400, "unreadable", error.detail)


def _unexpected(error: Exception) -> Problem:
    incident = secrets.token_hex(6)
    log.trouble("request.failed", incident=incident, error=error)
    return Problem(500, "unexpected", FIXES[500], incident=incident)


def _code(status: int) -> str:
    names = {404: "not_found", 405: "method", 413: "too_large", 415: "content_type", 429: "too_many"}
    return names.get(status, "invalid" if status < 500 else "unexpected")


# --- input that breaks a rule, by Pydantic's name of the rule -------------------------------------------------------

_SENTENCES = {
    "missing": "is needed",
    "extra_forbidden": "remove the fields that do not exist here",
    "json_invalid": "send JSON that can be parsed",
    "enum": "choose one of {expected}",
    "literal_error": "choose one of {expected}",
    "string_too_short": "give at least {min_length} characters",
    "string_too_long": "give at most {max_length} characters",
    "too_short": "give at least {min_length}",
    "too_long": "give at most {max_length}",
    "greater_than_equal": "give at least {ge}",
    "less_than_equal": "give at most {le}",
    "greater_than": "give more than {gt}",
    "less_than": "give less than {lt}",
    "string_type": "give a text",
    "string_pattern_mismatch": "write it in the form {pattern}",
    "bool_type": "give true or false",
    "int_type": "give a whole number",
    "int_parsing": "give a whole number",
    "finite_number": "give a finite number",
    "list_type": "give a list",
    "dict_type": "give an object",
    "timezone_aware": "give a date and time with its offset, such as 2026-11-03T14:05:00+01:00",
}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,60}")


def fault_of(error: Mapping[str, Any]) -> Fault:
    """One of Pydantic's errors in our words. Only names and limits of ours enter, nothing that was sent."""
    kind, context = str(error["type"]), dict(error.get("ctx") or {})
    if kind == "value_error":
        return Fault(_where(error), kind, str(context.get("error", "give a valid value")))
    sentence = _SENTENCES.get(kind, "give a valid value")
    return Fault(_where(error), kind, sentence.format_map(_Known(context)))


def _where(error: Mapping[str, Any]) -> str:
    parts = list(error["loc"])
    if error["type"] in ("extra_forbidden", "json_invalid"):  # the last part is the sender's own word, or a position
        parts.pop()
    named = [str(p) if isinstance(p, int) or _NAME.fullmatch(str(p)) else "?" for p in parts]
    return ".".join(named[1:] if named[1:] and named[0] == "body" else named)


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"
