"""Conditions as small tests: made once per policy, run for every ticket.

Texts were compared with all words of the policy beforehand (`Subject.words_of_text`), so a condition on words is an
intersection of two small sets; only a phrase whose words all occur is looked for in the text itself.
"""

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Protocol
from zoneinfo import ZoneInfo

from app.routing.facts import TicketFacts
from app.routing.rules import VALUE_FIELDS, WORD_FIELDS, Condition, Rule
from app.routing.week import covers, parse_week
from app.routing.words import fold, has_phrase
from app.vocabulary import Priority, TicketKind

MAX_LABELS = 127


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


def compile_test(condition: Condition) -> Test:
    """Raises ValueError when the condition makes no sense: `parse.py` refuses those before they are stored."""
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

    return lambda subject: not domains.isdisjoint(domains_above(subject.ticket.sender_domain))


def domains_above(domain: str | None) -> list[str]:
    """`a.b.example` and everything it is part of: itself, `b.example`, `example`."""
    labels = domain.lower().split(".") if domain else []
    return [".".join(labels[start:]) for start in range(min(len(labels), MAX_LABELS))]


def _hours_test(texts: list[str]) -> Test:
    """By the moment it was received, on the organisation's wall clock: deciding again later answers the same."""
    week = parse_week(texts)

    def holds(subject: Subject) -> bool:
        return covers(week, subject.ticket.received_at.astimezone(subject.zone))

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


def vocabulary(rules: Iterable[Rule]) -> Iterable[str]:
    """All single words that any of these rules looks for."""
    for rule in rules:
        for condition in (*rule.all, *rule.any):
            if condition.field in WORD_FIELDS:
                for value in condition.values:
                    yield from fold(str(value)).split()
