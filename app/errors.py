"""The four kinds of error inside Weerklank.

Each carries a stable code for programs and one sentence for people that says how to fix it. `app/web/errors.py` turns
them into problem+json or a desk page; nothing below the web knows about HTTP. What goes wrong *at a channel* has its
own errors in `app/channels/contract.py`, since they say what to do next rather than who is to blame.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the input: where, which rule, and how to fix it. Never holds the input itself."""

    field: str
    code: str
    fix: str


class DomainError(Exception):
    """Base of the four. `code` is stable; `fix` is a sentence for people; `faults` lists every wrong field at once."""

    def __init__(self, code: str, fix: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(f"{code}: {fix}")
        self.code = code
        self.fix = fix
        self.faults = tuple(faults)


class NotFound(DomainError):
    """It does not exist, or the asker may not know that it does."""


class Conflict(DomainError):
    """It changed since the asker last saw it, or somebody else was first."""


class Forbidden(DomainError):
    """The asker is known and may not do this."""


class Invalid(DomainError):
    """The input breaks a rule."""
