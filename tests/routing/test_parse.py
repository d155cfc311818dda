import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import Invalid
from app.routing.parse import parse_policy
from app.routing.policy import Policy
from app.routing.rules import FIELDS, Condition, Effects, Rule
from app.vocabulary import Priority, TicketKind

TREES: dict[str, Any] = {
    "name": "Trees",
    "all": [{"field": "text", "in": ["tree", "cut down"]}, {"field": "language", "in": ["en"], "not": True}],
    "any": [{"field": "account", "in": [4, 5]}, {"field": "public", "in": [True]}],
    "then": {
        "theme": 4,
        "priority": "high",
        "team": 2,
        "kind": "report",
        "tags": ["b", "a"],
        "skills": ["x"],
        "stop": True,
    },
}


def faults(data: object) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        parse_policy(data)
    assert all(fault.fix.endswith(".") for fault in caught.value.faults)
    return [(fault.field, fault.code) for fault in caught.value.faults]


def one(**changes: Any) -> dict[str, Any]:
    return {"version": 1, "rules": [{**TREES, **changes}]}


def condition(field: object, *values: object, **rest: object) -> dict[str, Any]:
    return one(all=[{"field": field, "in": list(values), **rest}])


def test_a_policy_is_read_from_json() -> None:
    effects = Effects(4, Priority.HIGH, 2, TicketKind.REPORT, ("a", "b"), ("x",), stop=True)
    every = (Condition("text", ("tree", "cut down")), Condition("language", ("en",), negate=True))
    some = (Condition("account", (4, 5)), Condition("public", (True,)))
    assert parse_policy({"version": 3, "rules": [TREES]}) == Policy(3, (Rule("Trees", effects, every, some),))


def test_a_policy_written_as_json_is_read_back_equal() -> None:
    policy = parse_policy({"version": 3, "rules": [TREES, {"name": "Rest", "then": {"team": 1}}]})
    assert parse_policy(json.loads(json.dumps(policy.to_json()))) == policy


def test_no_rules_are_a_policy_too() -> None:
    assert parse_policy({"version": 0, "rules": []}) == Policy(0)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (None, [("", "not_an_object")]),
        ([], [("", "not_an_object")]),
        ({"rules": []}, [("version", "not_a_number")]),
        ({"version": True}, [("version", "not_a_number")]),
        ({"version": 2**63}, [("version", "not_a_number")]),
        ({"version": 1, "rules": {}}, [("rules", "not_a_list")]),
        ({"version": 1, "rules": [3]}, [("rules[0]", "not_an_object")]),
        ({"version": 1, "rule": []}, [("", "key_unknown")]),
        (one(name=""), [("rules[0].name", "name_missing")]),
        (one(name="x" * 201), [("rules[0].name", "name_missing")]),
        (one(then={}), [("rules[0].then", "no_effect")]),
        (one(then={"owner": 3}), [("rules[0].then", "key_unknown")]),
        (one(then={"theme": "4"}), [("rules[0].then.theme", "not_a_number")]),
        (one(then={"team": -1}), [("rules[0].then.team", "not_a_number")]),
        (one(then={"priority": "asap"}), [("rules[0].then.priority", "value_unknown")]),
        (one(then={"kind": []}), [("rules[0].then.kind", "value_unknown")]),
        (one(then={"tags": ["a", 1, ""]}), [("rules[0].then.tags[1]", "not_a_text"), ("rules[0].then.tags[2]", "not_a_text")]),
        (one(then={"stop": 1}), [("rules[0].then.stop", "not_a_boolean")]),
        (one(all="x"), [("rules[0].all", "not_a_list")]),
        (one(all=[3]), [("rules[0].all[0]", "not_an_object")]),
        (condition("colour", "red"), [("rules[0].all[0].field", "field_unknown")]),
        (condition(["text"], "red"), [("rules[0].all[0].field", "field_unknown")]),
        (condition("text"), [("rules[0].all[0].in", "no_values")]),
        (condition("text", "tree", negate=True), [("rules[0].all[0]", "key_unknown")]),
        (condition("text", "tree", **{"not": "yes"}), [("rules[0].all[0].not", "not_a_boolean")]),
        (condition("text", "!?"), [("rules[0].all[0].in[0]", "no_word")]),
        (condition("text", "x" * 201), [("rules[0].all[0].in[0]", "not_a_text")]),
        (condition("text", 3), [("rules[0].all[0].in[0]", "not_a_text")]),
        (condition("theme", 1, "2"), [("rules[0].all[0].in[1]", "not_a_number")]),
        (condition("theme", True), [("rules[0].all[0].in[0]", "not_a_number")]),
        (condition("public", 1), [("rules[0].all[0].in[0]", "not_a_boolean")]),
        (condition("kind", "question", "wish"), [("rules[0].all[0].in[1]", "value_unknown")]),
        (condition("hours", "mon-fri 09:00-17:00", "always"), [("rules[0].all[0].in[1]", "hours_unreadable")]),
        (one(all=[{"field": "text", "in": ["a"]}] * 51), [("rules[0].all", "too_many")]),
        (condition("text", *["a"] * 501), [("rules[0].all[0].in", "too_many")]),
        ({"version": 1, "rules": [TREES, TREES]}, [("rules[1].name", "name_taken")]),
    ],
)  # fmt: skip
def test_a_mistake_is_named_where_it_is(data: object, found: list[tuple[str, str]]) -> None:
    assert faults(data) == found


def test_all_mistakes_are_named_at_once() -> None:
    data = {"version": "x", "rules": [{"name": 1, "all": [{"field": "x"}], "then": {"theme": "x", "team": "y"}}, 4]}
    assert faults(data) == [
        ("version", "not_a_number"),
        ("rules[0].name", "name_missing"),
        ("rules[0].then.theme", "not_a_number"),
        ("rules[0].then.team", "not_a_number"),
        ("rules[0].all[0].field", "field_unknown"),
        ("rules[1]", "not_an_object"),
    ]


def test_a_fault_never_repeats_what_was_sent() -> None:
    with pytest.raises(Invalid) as caught:
        parse_policy(condition("secretfield", "secret", secretkey=1))
    assert "secret" not in repr([(fault.code, fault.fix) for fault in caught.value.faults])


scraps = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from([*FIELDS, "high"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["version", "rules", "name", "all", "any", "then", "field", "in", "not", "theme", "x"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)
rules = st.fixed_dictionaries({"name": scraps, "all": scraps, "any": scraps, "then": scraps})


@settings(deadline=None)
@given(scraps | st.fixed_dictionaries({"version": st.just(1), "rules": st.lists(rules, max_size=2)}))
def test_whatever_is_sent_is_read_or_refused_with_faults(data: object) -> None:
    try:
        policy = parse_policy(data)
    except Invalid:
        assert faults(data)
        return
    assert parse_policy(policy.to_json()) == policy
    assert not any(rule.broken for rule in policy.compiled)
