import json

from app.routing.parse import MAX_CONDITIONS, MAX_RULES, MAX_VALUES, parse_policy
from app.routing.rules import FIELDS
from tests.docs.pages import blocks, coded, page, rows

PAGE = page("routing")


def test_the_example_is_a_policy() -> None:
    (example,) = blocks(PAGE, "json")
    policy = parse_policy({"version": 1, **json.loads(example)})
    assert [rule.broken for rule in policy.compiled] == ["", ""]


def test_the_table_has_every_field_that_a_condition_can_look_at() -> None:
    assert {name for row in rows(PAGE) for name in coded(row[0])} == set(FIELDS)


def test_the_bounds_are_those_of_the_program() -> None:
    assert f"At most {MAX_RULES:,} rules, {MAX_CONDITIONS} conditions in each list, {MAX_VALUES}\nvalues." in PAGE
