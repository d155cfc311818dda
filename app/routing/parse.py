"""Read a policy from JSON and name everything that is wrong with it at once.

    {"version": 3, "rules": [
        {"name": "Trees", "all": [{"field": "text", "in": ["tree", "cut down"]}, {"field": "language", "in": ["en"]}],
         "then": {"theme": 4, "priority": "high", "skills": ["ecology"], "stop": true}}]}

`all` and `any` are lists of conditions, each with a field, `in` (a list of values) and optionally `"not": true`.
"""

from collections.abc import Mapping
from typing import Any

from app.errors import Fault, Invalid
from app.routing.policy import Policy
from app.routing.rules import FIELDS, VALUE_FIELDS, WORD_FIELDS, Condition, Effects, Rule
from app.routing.week import parse_week
from app.routing.words import fold
from app.vocabulary import Confidentiality, Priority, TicketKind

MAX_RULES = 1_000
MAX_CONDITIONS = 50
MAX_VALUES = 500
MAX_LENGTH = 200

_WORDS = {
    "kind": frozenset(TicketKind),
    "priority": frozenset(Priority),
    "confidentiality": frozenset(Confidentiality),
}


def parse_policy(data: object) -> Policy:
    """The policy that `data` (JSON values) describes. Raises Invalid with one Fault for each mistake."""
    reader = _Reader()
    policy = reader.policy(data)
    if reader.faults or policy is None:
        raise Invalid("policy_invalid", "Correct the rules named here and save again.", reader.faults)
    return policy


class _Reader:
    """Collects faults; a part with a fault reads as something empty, so that reading goes on."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, where: str, code: str, fix: str) -> None:
        self.faults.append(Fault(where, code, fix))

    def policy(self, data: object) -> Policy | None:
        if not isinstance(data, Mapping):
            self.fault("", "not_an_object", 'Give an object with "version" and "rules".')
            return None
        self.known(data, ("version", "rules"), "")
        version = self.id("" if data.get("version") is None else data["version"], "version")
        items = self.items(data.get("rules", []), "rules", MAX_RULES)
        rules = tuple(self.rule(item, f"rules[{i}]") for i, item in enumerate(items))
        self.unique([rule.name for rule in rules])
        return None if self.faults or version is None else Policy(version, rules)

    def rule(self, data: object, where: str) -> Rule:
        if not isinstance(data, Mapping):
            self.fault(where, "not_an_object", 'Give an object with "name", "all", "any" and "then".')
            return Rule("", Effects())
        self.known(data, ("name", "all", "any", "then"), where)
        name = data.get("name")
        if not isinstance(name, str) or not name.strip() or len(name) > MAX_LENGTH:
            self.fault(f"{where}.name", "name_missing", "Give the rule a name of at most 200 characters.")
            name = ""
        effects = self.effects(data.get("then"), f"{where}.then")
        every, some = (self.conditions(data.get(key, []), f"{where}.{key}") for key in ("all", "any"))
        return Rule(name, effects, every, some)

    def unique(self, names: list[str]) -> None:
        for i, name in enumerate(names):
            if name and name in names[:i]:
                self.fault(f"rules[{i}].name", "name_taken", "Give each rule a name of its own.")

    def conditions(self, data: object, where: str) -> tuple[Condition, ...]:
        items = self.items(data, where, MAX_CONDITIONS)
        return tuple(self.condition(item, f"{where}[{i}]") for i, item in enumerate(items))

    def condition(self, data: object, where: str) -> Condition:
        empty = Condition("text", ())
        if not isinstance(data, Mapping):
            self.fault(where, "not_an_object", 'Give an object with "field" and "in".')
            return empty
        self.known(data, ("field", "in", "not"), where)
        field, negate = data.get("field"), data.get("not", False)
        if not isinstance(negate, bool):
            self.fault(f"{where}.not", "not_a_boolean", "Give true or false.")
        if not isinstance(field, str) or field not in FIELDS:
            self.fault(f"{where}.field", "field_unknown", f"Choose one of: {', '.join(FIELDS)}.")
            return empty
        items = self.items(data.get("in"), f"{where}.in", MAX_VALUES)
        if data.get("in") == []:
            self.fault(f"{where}.in", "no_values", "Give at least one value.")
        values = tuple(self.value(field, value, f"{where}.in[{i}]") for i, value in enumerate(items))
        return Condition(field, values, bool(negate))

    def value(self, field: str, value: object, where: str) -> str | int | bool:
        kind = VALUE_FIELDS[field][1] if field in VALUE_FIELDS else str
        if kind is int and not _is_id(value):
            self.fault(where, "not_a_number", "Give the id, a whole number.")
        elif kind is bool and not isinstance(value, bool):
            self.fault(where, "not_a_boolean", "Give true or false.")
        elif kind is str and not (isinstance(value, str) and 0 < len(value.strip()) <= MAX_LENGTH):
            self.fault(where, "not_a_text", "Give a text of 1 to 200 characters.")
        elif isinstance(value, str):
            self.text(field, value, where)
        return value if isinstance(value, str | int) else ""

    def text(self, field: str, value: str, where: str) -> None:
        if field in _WORDS and value not in _WORDS[field]:
            self.fault(where, "value_unknown", f"Choose one of: {', '.join(sorted(_WORDS[field]))}.")
        elif field in WORD_FIELDS and not fold(value):
            self.fault(where, "no_word", "Give at least one letter or digit.")
        elif field == "hours":
            try:
                parse_week([value])
            except ValueError as error:
                self.fault(where, "hours_unreadable", f"{error}".capitalize() + ".")

    def effects(self, data: object, where: str) -> Effects:
        if not isinstance(data, Mapping) or not data:
            self.fault(where, "no_effect", "Say what it decides: theme, priority, team, kind, tags, skills or stop.")
            return Effects()
        self.known(data, ("theme", "priority", "team", "kind", "tags", "skills", "stop"), where)
        stop = data.get("stop", False)
        if not isinstance(stop, bool):
            self.fault(f"{where}.stop", "not_a_boolean", "Give true or false.")
        priority = self.word("priority", data.get("priority"), f"{where}.priority")
        kind = self.word("kind", data.get("kind"), f"{where}.kind")
        return Effects(
            theme=self.id(data.get("theme"), f"{where}.theme"),
            priority=Priority(priority) if priority else None,
            team=self.id(data.get("team"), f"{where}.team"),
            kind=TicketKind(kind) if kind else None,
            tags=self.labels(data.get("tags", []), f"{where}.tags"),
            skills=self.labels(data.get("skills", []), f"{where}.skills"),
            stop=bool(stop),
        )

    def id(self, value: object, where: str) -> int | None:
        if value is None or _is_id(value):
            return value  # type: ignore[return-value]
        self.fault(where, "not_a_number", "Give a whole number.")
        return None

    def word(self, name: str, value: object, where: str) -> str | None:
        if value is None:
            return None
        if isinstance(value, str) and value in _WORDS[name]:
            return value
        self.fault(where, "value_unknown", f"Choose one of: {', '.join(sorted(_WORDS[name]))}.")
        return None

    def labels(self, data: object, where: str) -> tuple[str, ...]:
        items = self.items(data, where, MAX_VALUES)
        for i, item in enumerate(items):
            if not isinstance(item, str) or not 0 < len(item.strip()) <= MAX_LENGTH:
                self.fault(f"{where}[{i}]", "not_a_text", "Give a text of 1 to 200 characters.")
        return tuple(sorted({item for item in items if isinstance(item, str)}))

    def items(self, data: object, where: str, most: int) -> list[Any]:
        if not isinstance(data, list):
            self.fault(where, "not_a_list", "Give a list.")
            return []
        if len(data) > most:
            self.fault(where, "too_many", f"Give at most {most}.")
            return []
        return data

    def known(self, data: Mapping[Any, Any], names: tuple[str, ...], where: str) -> None:
        if any(key not in names for key in data):
            self.fault(where, "key_unknown", f"Use only: {', '.join(names)}.")


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
