"""What a rule is: conditions on a ticket and what they decide. Data only; `conditions.py` makes tests of it."""

from dataclasses import dataclass

from app.vocabulary import Priority, TicketKind


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds when `field` has one of these values (a text: contains one of these words); `negate` turns it."""

    field: str
    values: tuple[str | int | bool, ...]
    negate: bool = False


@dataclass(frozen=True, slots=True)
class Effects:
    """What a rule decides. None leaves it open. `stop` ends the rules."""

    theme: int | None = None
    priority: Priority | None = None
    team: int | None = None
    kind: TicketKind | None = None
    tags: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    stop: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Matches when each of `all` holds and, if there are any, at least one of `any`. Without conditions: always."""

    name: str
    then: Effects
    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()


VALUE_FIELDS: dict[str, tuple[str, type]] = {
    "account": ("ticket.account_id", int),
    "site": ("ticket.site", str),
    "page": ("ticket.page", str),
    "language": ("ticket.language", str),
    "process": ("ticket.process_id", int),
    "public": ("ticket.is_public", bool),
    "confidentiality": ("ticket.confidentiality", str),
    "family": ("ticket.family", str),
    "channel": ("ticket.channel", str),
    "kind": ("kind", str),
    "theme": ("theme", int),
    "priority": ("priority", str),
}
"""Fields with one value: where it stands and its type."""

WORD_FIELDS = ("subject", "text")
OTHER_FIELDS = ("tag", "sender_domain", "hours")
FIELDS = (*VALUE_FIELDS, *WORD_FIELDS, *OTHER_FIELDS)
