"""Rules: which of them match a ticket, and what they then decide."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.routing.decision import Step
from app.routing.policy import Policy
from app.routing.roster import Roster
from app.routing.rules import Condition, Effects, Rule
from app.routing.sort import Sorted, sort
from app.routing.staff import Theme
from app.vocabulary import Confidentiality, Priority, TicketKind
from tests.routing.made import FALLBACK, NEXT, NO_RULES, PUSH, ROADS, TREES, agent, policy, rule, staff, ticket, when

ROSTER = Roster(staff(agent(1), agent(2, teams=(NEXT,))))
WORDS: dict[str, Any] = {"subject": "kap boom", "text": "mag ik een boom kappen in de cafe straat"}


def sorted_by(*rules: Rule, **facts: Any) -> Sorted:
    return sort(ticket(**facts), ROSTER, policy(*rules))


def steps(subject: Sorted, check: str) -> list[Step]:
    return [step for step in subject.steps if step.check == check]


@pytest.mark.parametrize(
    ("condition", "facts", "matches"),
    [
        (when("channel", "imap"), {}, True),
        (when("channel", "form", "imap"), {}, True),
        (when("channel", "mail"), {}, False),
        (when("family", "mail"), {}, True),
        (when("account", 5), {}, True),
        (when("account", 6), {}, False),
        (when("site", "voorbeeldstad"), {"site": "voorbeeldstad"}, True),
        (when("site", "voorbeeldstad"), {}, False),
        (when("page", "p1"), {"page": "p1"}, True),
        (when("process", 4), {"process_id": 4}, True),
        (when("public", True), {"is_public": True}, True),
        (when("public", True), {}, False),
        (when("confidentiality", "strict"), {"confidentiality": Confidentiality.STRICT}, True),
        (when("language", "en"), {"language": "en"}, True),
        (when("language", "en", negate=True), {}, True),
        (when("kind", "press"), {"kind": TicketKind.PRESS}, True),
        (when("theme", TREES), {}, True),
        (when("theme", ROADS), {}, False),
        (when("priority", "urgent", "high"), {"priority": Priority.HIGH}, True),
        (when("tag", "a", "b"), {"tags": ("b", "c")}, True),
        (when("tag", "a"), {"tags": ("b", "c")}, False),
        (when("sender_domain", "voorbeeldstad.example"), {"sender_domain": "mail.Voorbeeldstad.example"}, True),
        (when("sender_domain", ".VOORBEELDSTAD.example"), {"sender_domain": "voorbeeldstad.example"}, True),
        (when("sender_domain", "stad.example"), {"sender_domain": "voorbeeldstad.example"}, False),
        (when("sender_domain", "a.example"), {}, False),
        (when("text", "Boom"), WORDS, True),
        (when("text", "Café"), WORDS, True),
        (when("text", "bo"), WORDS, False),
        (when("text", "boom kappen"), WORDS, True),
        (when("text", "kappen boom"), WORDS, False),
        (when("text", "kap boom mag"), WORDS, False),  # subject and text are two texts
        (when("text", "kap"), WORDS, True),  # a text condition reads the subject too
        (when("subject", "kap boom"), WORDS, True),
        (when("subject", "kappen"), WORDS, False),
        (when("subject", "boom kappen"), {"subject": "kappen boom", "text": "boom kappen"}, False),
        (when("text", "boom", negate=True), WORDS, False),
        (when("text", "boom", negate=True), {}, True),
        (when("hours", "wed 10:00-11:00"), {}, True),  # received at 10:30 in Amsterdam
        (when("hours", "wed 09:00-10:00"), {}, False),
        (when("hours", "sun 23:00-01:00"), {"received_at": datetime(2026, 3, 29, 22, 30, tzinfo=UTC)}, True),
    ],
)
def test_a_condition_holds(condition: Condition, facts: dict[str, Any], matches: bool) -> None:
    subject = sorted_by(rule("it", condition, tags=("hit",)), **facts)
    assert subject.new_tags == (("hit",) if matches else ())
    assert bool(steps(subject, "rule")) is matches


@pytest.mark.parametrize(
    ("every", "some", "matches"),
    [
        ((), (), True),
        ((True, True), (), True),
        ((True, False), (), False),
        ((), (False, True), True),
        ((), (False, False), False),
        ((True,), (False, True), True),
        ((False,), (True,), False),
        ((True,), (False,), False),
    ],
)
def test_all_of_all_and_one_of_any(every: tuple[bool, ...], some: tuple[bool, ...], matches: bool) -> None:
    def conditions(holds: tuple[bool, ...]) -> tuple[Condition, ...]:
        return tuple(when("account", 5 if yes else 6) for yes in holds)

    subject = sorted_by(Rule("it", Effects(tags=("hit",)), conditions(every), conditions(some)))
    assert (subject.new_tags == ("hit",)) is matches


def test_the_first_rule_that_says_so_sets_each_of_theme_priority_team_and_kind() -> None:
    subject = sorted_by(
        rule("one", priority=Priority.HIGH),
        rule("two", theme=ROADS, priority=Priority.LOW, kind=TicketKind.REPORT),
        rule("three", theme=TREES, team=FALLBACK, kind=TicketKind.PRESS),
    )
    assert (subject.theme, subject.priority, subject.team, subject.kind) == (
        ROADS, Priority.HIGH, FALLBACK, TicketKind.REPORT,
    )  # fmt: skip
    assert [step.params for step in steps(subject, "rule")] == [
        {"rule": "one", "set": {"priority": "high"}},
        {"rule": "two", "set": {"theme": ROADS, "kind": "report"}},
        {"rule": "three", "set": {"team": FALLBACK}},
    ]


def test_tags_and_skills_add_up() -> None:
    subject = sorted_by(
        rule("a", tags=("x",), skills=("legal",)), rule("b", tags=("x", "y"), skills=("trees",)), tags=("t",)
    )
    assert (subject.new_tags, subject.skills) == (("x", "y"), ("legal", "trees"))


def test_a_rule_sees_what_the_rules_before_it_decided() -> None:
    subject = sorted_by(
        rule("find", when("text", "gat"), theme=ROADS, tags=("hole",)),
        rule("then", when("theme", ROADS), when("tag", "hole"), priority=Priority.URGENT),
        text="een gat",
    )
    assert subject.priority is Priority.URGENT


def test_nothing_after_a_rule_that_stops() -> None:
    subject = sorted_by(rule("a", tags=("a",), stop=True), rule("b", tags=("b",)))
    assert subject.new_tags == ("a",)


def test_what_a_person_set_no_rule_changes() -> None:
    effects = {"theme": ROADS, "team": FALLBACK, "priority": Priority.LOW, "kind": TicketKind.PRESS}
    subject = sorted_by(rule("all", **effects), team_id=NEXT, fixed=("theme", "team", "priority", "kind"))
    assert (subject.theme, subject.team, subject.priority) == (TREES, NEXT, Priority.NORMAL)
    assert subject.kind is TicketKind.QUESTION
    assert [step.outcome for step in subject.steps if step.check != "rule"] == ["by_hand"] * 3


@pytest.mark.parametrize(
    ("rules", "facts", "team", "origin"),
    [
        ((), {}, PUSH, "by_theme"),
        ((), {"team_id": NEXT}, PUSH, "by_theme"),
        ((rule("r", team=NEXT),), {}, NEXT, "by_rule"),
        ((rule("r", theme=ROADS),), {}, NEXT, "by_theme"),
        ((rule("r", team=FALLBACK),), {"team_id": NEXT, "fixed": ("team",)}, NEXT, "by_hand"),
        ((), {"theme_id": None, "team_id": NEXT}, NEXT, "as_given"),
        ((), {"theme_id": None}, FALLBACK, "fallback"),
        ((), {"theme_id": 404}, FALLBACK, "fallback"),
        ((), {"team_id": 404, "fixed": ("team",)}, PUSH, "by_theme"),
    ],
)
def test_where_the_team_comes_from(rules: tuple[Rule, ...], facts: dict[str, Any], team: int, origin: str) -> None:
    subject = sorted_by(*rules, **facts)
    assert subject.team == team
    assert [(step.outcome, step.params["team"]) for step in steps(subject, "team")] == [(origin, team)]


@pytest.mark.parametrize(
    ("facts", "theme", "outcome"),
    [({}, TREES, "by_hint"), ({"theme_id": None}, None, "none"), ({"theme_id": 404}, None, "unknown")],
)
def test_where_the_theme_comes_from(facts: dict[str, Any], theme: int | None, outcome: str) -> None:
    subject = sorted_by(**facts)
    assert (subject.theme, steps(subject, "theme")[0].outcome) == (theme, outcome)


def test_without_a_fallback_team_a_ticket_may_have_no_team() -> None:
    roster = Roster(staff(agent(1), fallback_team=None, themes=(Theme(TREES, None),)))
    subject = sort(ticket(), roster, NO_RULES)
    assert subject.team is None
    assert steps(subject, "team") == [Step("team", "none", {})]


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        (rule("bad", when("colour", "red"), tags=("x",)), "ValueError"),
        (rule("bad", when("hours", "always"), tags=("x",)), "ValueError"),
        (Rule("bad", Effects(tags=("x",)), all=(3,)), "AttributeError"),  # type: ignore[arg-type]
        (rule("bad", team=404), "team_unknown"),
        (rule("bad", theme=404), "theme_unknown"),
        (rule("bad", tags=5), "TypeError"),
    ],
)
def test_a_rule_that_breaks_sends_the_ticket_to_the_fallback_team(broken: Rule, error: str) -> None:
    before, after = rule("before", priority=Priority.HIGH, team=NEXT), rule("after", tags=("late",))
    subject = sorted_by(before, broken, after)
    assert subject.team == FALLBACK
    assert subject.priority is Priority.HIGH
    assert subject.new_tags == ()
    assert Step("rule", "failed", {"rule": "bad", "error": error}) in subject.steps


def test_a_broken_rule_that_could_not_match_anyhow_harms_nobody() -> None:
    assert sorted_by(rule("bad", when("account", 77), team=404)).team == PUSH


def test_every_rule_that_matches_is_on_the_short_list() -> None:
    tangled = Rule("any", Effects(tags=("any",)), any=(when("text", "zon"), when("site", "s1")))
    mixed = Rule("mixed", Effects(tags=("mixed",)), any=(when("text", "zon"), when("theme", TREES)))
    rules = (tangled, mixed, rule("phrase", when("text", "zeer grote boom"), tags=("phrase",)))
    chosen = Policy(1, rules)

    def tags(**facts: Any) -> tuple[str, ...]:
        return sort(ticket(**facts), ROSTER, chosen).new_tags

    assert tags(site="s1") == ("any", "mixed")
    assert tags(subject="de zon", theme_id=ROADS) == ("any", "mixed")
    assert tags(text="een zeer grote boom", theme_id=None) == ("phrase",)
    assert tags(theme_id=ROADS) == ()
