"""The rules in force: what they ask of a ticket and what they decide.

A `Policy` is plain data, compiled once into small tests. `parse.py` reads one from JSON and names every fault at once.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from app.routing.facts import TicketFacts
from app.routing.week import covers, parse_week
from app.routing.words import fold, has_phrase
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


class Subject(Protocol):
    """What a condition may look at: the ticket, as changed by the rules before."""

    ticket: TicketFacts
    theme: int | None
    priority: Priority
    kind: TicketKind
    tags: set[str]
    zone: ZoneInfo
    words_of_text: frozenset[str]
    words_of_subject: frozenset[str]


Test = Callable[[Subject], bool]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule as tests. `broken` is why it cannot be used, else empty."""

    rule: Rule
    all: tuple[Test, ...]
    any: tuple[Test, ...]
    broken: str = ""

    def matches(self, subject: Subject) -> bool:
        for test in self.all:
            if not test(subject):
                return False
        return not self.any or any(test(subject) for test in self.any)


@dataclass(frozen=True, slots=True)
class Policy:
    """`words` are all single words that any rule looks for: a ticket's text is compared with them once."""

    version: int
    rules: tuple[Rule, ...] = ()
    compiled: tuple[Compiled, ...] = field(init=False, repr=False, compare=False)
    words: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "compiled", tuple(_compile(rule) for rule in self.rules))
        object.__setattr__(self, "words", frozenset(_vocabulary(self.rules)))

    def to_json(self) -> dict[str, Any]:
        """The JSON form that `parse.parse_policy` reads."""
        return {"version": self.version, "rules": [_rule_json(rule) for rule in self.rules]}


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


def _compile(rule: Rule) -> Compiled:
    """A rule that cannot be compiled stays in the policy as broken, so that the trace can say so."""
    try:
        return Compiled(rule, tuple(map(_test, rule.all)), tuple(map(_test, rule.any)))
    except (ValueError, TypeError, AttributeError) as error:
        return Compiled(rule, (), (), broken=type(error).__name__)


def _test(condition: Condition) -> Test:
    test = _plain_test(condition)
    return (lambda subject: not test(subject)) if condition.negate else test


def _plain_test(condition: Condition) -> Test:
    values = frozenset(condition.values)
    match condition.field:
        case "tag":
            return lambda subject: not values.isdisjoint(subject.tags)
        case "sender_domain":
            return _domain_test({str(value).lower().strip(".") for value in values})
        case "hours":
            return _hours_test([str(value) for value in condition.values])
        case "subject" | "text":
            return _words_test(condition.field, condition.values)
        case name if name in VALUE_FIELDS:
            get = attrgetter(VALUE_FIELDS[name][0])
            return lambda subject: get(subject) in values
    raise ValueError(f"no such field: {condition.field}")


def _domain_test(domains: set[str]) -> Test:
    """The domain itself or anything below it."""

    def holds(subject: Subject) -> bool:
        rest = (subject.ticket.sender_domain or "").lower()
        while rest:
            if rest in domains:
                return True
            rest = rest.partition(".")[2]
        return False

    return holds


def _hours_test(texts: list[str]) -> Test:
    """By the moment it was received, on the organisation's wall clock: deciding again later answers the same."""
    week = parse_week(texts)

    def holds(subject: Subject) -> bool:
        received: datetime = subject.ticket.received_at
        return covers(week, received.astimezone(subject.zone))

    return holds


def _words_test(name: str, values: Iterable[object]) -> Test:
    folded = {fold(str(value)) for value in values} - {""}
    words = frozenset(value for value in folded if " " not in value)
    phrases = [(phrase, frozenset(phrase.split())) for phrase in sorted(folded) if " " in phrase]
    get = attrgetter(f"words_of_{name}")

    def holds(subject: Subject) -> bool:
        present: frozenset[str] = get(subject)
        if not present:
            return False
        if not words.isdisjoint(present):
            return True
        return any(parts <= present and _found(subject.ticket, name, phrase) for phrase, parts in phrases)

    return holds


def _found(ticket: TicketFacts, name: str, phrase: str) -> bool:
    return has_phrase(ticket.subject, phrase) or (name == "text" and has_phrase(ticket.text, phrase))


def _vocabulary(rules: Iterable[Rule]) -> Iterable[str]:
    for rule in rules:
        for condition in (*rule.all, *rule.any):
            if condition.field in WORD_FIELDS:
                for value in condition.values:
                    yield from fold(str(value)).split()


def _rule_json(rule: Rule) -> dict[str, Any]:
    then = rule.then
    decided = {"theme": then.theme, "priority": then.priority, "team": then.team, "kind": then.kind}
    effects: dict[str, Any] = {name: value for name, value in decided.items() if value is not None}
    effects |= {name: list(value) for name, value in (("tags", then.tags), ("skills", then.skills)) if value}
    data: dict[str, Any] = {"name": rule.name, "then": effects | ({"stop": True} if then.stop else {})}
    for name, conditions in (("all", rule.all), ("any", rule.any)):
        if conditions:
            data[name] = [_condition_json(condition) for condition in conditions]
    return data


def _condition_json(condition: Condition) -> dict[str, Any]:
    data: dict[str, Any] = {"field": condition.field, "in": list(condition.values)}
    return data | ({"not": True} if condition.negate else {})
