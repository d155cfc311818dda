"""The rules in force, in order, with a version. `parse.py` reads a policy from JSON and names every fault at once."""

from dataclasses import dataclass, field
from typing import Any

from app.routing.conditions import Subject, Test, compile_test, vocabulary
from app.routing.rules import Condition, Rule
from app.routing.shortlist import Shortlist


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule as tests. `broken` is why it cannot be used, else empty."""

    rule: Rule
    all: tuple[Test, ...]
    any: tuple[Test, ...]
    broken: str = ""

    def matches(self, subject: Subject) -> bool:
        """Whether the conditions hold for this ticket."""
        for test in self.all:
            if not test(subject):
                return False
        for test in self.any:
            if test(subject):
                return True
        return not self.any


@dataclass(frozen=True, slots=True)
class Policy:
    """`words` are all single words that any rule looks for: a ticket's text is compared with them once. `shortlist`
    says which rules a ticket could match at all.
    """

    version: int
    rules: tuple[Rule, ...] = ()
    compiled: tuple[Compiled, ...] = field(init=False, repr=False, compare=False)
    words: frozenset[str] = field(init=False, repr=False, compare=False)
    shortlist: Shortlist = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        compiled = tuple(_compile(rule) for rule in self.rules)
        sound = [None if rule.broken else rule.rule for rule in compiled]
        object.__setattr__(self, "compiled", compiled)
        object.__setattr__(self, "words", frozenset(vocabulary(filter(None, sound))))
        object.__setattr__(self, "shortlist", Shortlist(sound))

    def to_json(self) -> dict[str, Any]:
        """The JSON form that `parse.parse_policy` reads."""
        return {"version": self.version, "rules": [_rule_json(rule) for rule in self.rules]}


def _compile(rule: Rule) -> Compiled:
    """A rule that cannot be compiled stays in the policy as broken, so that the trace can say so."""
    try:
        hash((rule, *rule.then.tags, *rule.then.skills))  # lists in a stored rule would break later, half applied
        return Compiled(rule, tuple(map(compile_test, rule.all)), tuple(map(compile_test, rule.any)))
    except (ValueError, TypeError, AttributeError) as error:
        return Compiled(rule, (), (), broken=type(error).__name__)


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
