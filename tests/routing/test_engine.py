"""Who gets the ticket, told step by step. What must hold for any input stands in `test_engine_properties.py`."""

from datetime import timedelta
from typing import Any

import pytest

from app.routing.decision import Decision, Step
from app.routing.engine import decide
from app.routing.staff import Agent, Mandate
from app.routing.week import parse_week
from app.routing.world import AgentNow, World
from app.vocabulary import Confidentiality, MandateLevel, Presence, TicketKind
from tests.routing.made import (
    FALLBACK,
    NEXT,
    NO_RULES,
    NOW,
    PUSH,
    ROADS,
    TREES,
    agent,
    moment,
    policy,
    rule,
    ticket,
    when,
    world,
)  # fmt: skip


def of(world: World, **facts: Any) -> Decision:
    return decide(ticket(**facts), world, NO_RULES)


def step(decision: Decision, check: str) -> Step:
    """The one step of this check."""
    [found] = [step for step in decision.trace if step.check == check]
    return found


def test_the_whole_trace_of_an_ordinary_push() -> None:
    people = (agent(1), agent(2, languages=("en",)), agent(3), agent(4, teams=(NEXT,)), agent(5))
    now = moment(AgentNow(1, load=2), AgentNow(2), AgentNow(3, load=1), AgentNow(5, presence=Presence.BUSY))
    decision = decide(ticket(language="nl"), world(*people, moment=now), policy(rule("all", tags=("t",))))
    assert (decision.ticket, decision.theme, decision.team, decision.agent) == (1, TREES, PUSH, 3)
    assert (decision.policy_version, decision.staff_version, decision.tags) == (3, 7, ("t",))
    assert [(step.check, step.outcome, step.params, step.dropped) for step in decision.trace] == [
        ("rule", "matched", {"rule": "all", "set": {"tags": ["t"]}}, ()),
        ("theme", "by_hint", {"theme": TREES}, ()),
        ("priority", "as_given", {"priority": "normal"}, ()),
        ("team", "by_theme", {"team": PUSH, "left": 4}, ()),
        ("excluded", "not_asked", {}, ()),
        ("confidentiality", "not_asked", {}, ()),
        ("mandate", "kept", {"account": 5, "theme": TREES, "left": 4}, ()),
        ("skills", "not_asked", {}, ()),
        ("language", "kept", {"language": "nl", "left": 3}, (2,)),
        ("hours", "kept", {"left": 3}, ()),
        ("presence", "kept", {"left": 2}, (5,)),
        ("room", "kept", {"weight": 1, "left": 2}, ()),
        ("push_limit", "kept", {"limit": 2, "left": 2}, ()),
        ("preference", "least_loaded", {"agent": 3, "load": 10}, ()),
    ]


@pytest.mark.parametrize(
    ("check", "person", "facts"),
    [
        ("mandate", agent(1), {"account_id": 6}),
        ("mandate", agent(3), {}),
        ("skills", agent(1, skills=("trees",)), {"skills": ("legal", "trees")}),
        ("language", agent(1, languages=("de", "en")), {"language": "nl"}),
        ("hours", agent(1, hours=parse_week(["wed 11:00-17:00"])), {}),
        ("excluded", agent(1), {"excluded": (1,)}),
        ("confidentiality", agent(1), {"confidentiality": Confidentiality.STRICT}),
    ],
)
def test_a_check_drops_who_does_not_pass_and_says_who(check: str, person: Agent, facts: dict[str, Any]) -> None:
    able = agent(2, skills=("legal", "trees"), leads=(PUSH,))
    mandates = (Mandate(1, 5), Mandate(2), Mandate(3, level=MandateLevel.READ))
    decision = of(world(person, able, mandates=mandates), **facts)
    assert decision.agent == 2
    assert step(decision, check).dropped == (person.id,)
    assert step(decision, "preference").outcome == "only_one"


@pytest.mark.parametrize(
    ("check", "state", "facts"),
    [
        ("presence", AgentNow(1, presence=Presence.AWAY), {}),
        ("presence", AgentNow(1, presence=Presence.BUSY), {}),
        ("room", AgentNow(1, load=9), {"weight": 2}),
        ("push_limit", AgentNow(1, committed=2), {}),
    ],
)
def test_a_check_of_the_moment_drops_who_cannot_have_it_now(check: str, state: AgentNow, facts: dict[str, Any]) -> None:
    decision = of(world(agent(1), agent(2), moment=moment(state, AgentNow(2, load=8))), **facts)
    assert decision.agent == 2
    assert step(decision, check).dropped == (1,)


@pytest.mark.parametrize(
    ("people", "state", "facts", "nobody"),
    [
        ((agent(1, teams=()),), AgentNow(1), {}, ("team", {"team": PUSH})),
        ((agent(1),), AgentNow(1), {"excluded": (1,)}, ("excluded", {})),
        ((agent(1),), AgentNow(1), {"confidentiality": Confidentiality.STRICT}, ("confidentiality", {})),
        ((agent(2),), AgentNow(2), {}, ("mandate", {"account": 5, "theme": TREES})),
        ((agent(1),), AgentNow(1), {"skills": ("legal",)}, ("skills", {"skills": ["legal"]})),
        ((agent(1),), AgentNow(1), {"language": "en"}, ("language", {"language": "en"})),
        (
            (agent(1, hours=parse_week(["mon-thu 12:00-17:00"])),),
            AgentNow(1),
            {},
            ("hours", {"next": "2026-03-25T11:00:00+00:00"}),
        ),
        ((agent(1, hours=()),), AgentNow(1), {}, ("hours", {"next": None})),
        ((agent(1),), AgentNow(1, presence=Presence.AWAY), {}, ("presence", {"agents": 1})),
        ((agent(1),), AgentNow(1, load=8), {"weight": 3}, ("room", {"weight": 3, "most": 2})),
        ((agent(1),), AgentNow(1, committed=2), {}, ("push_limit", {"limit": 2})),
    ],
)
def test_when_nobody_is_left_the_trace_says_what_would_have_to_change(
    people: tuple[Agent, ...], state: AgentNow, facts: dict[str, Any], nobody: tuple[str, dict[str, Any]]
) -> None:
    decision = of(world(*people, moment=moment(state), mandates=(Mandate(1),)), **facts)
    assert decision.agent is None
    found = step(decision, "nobody")
    assert (found.outcome, found.params) == nobody
    assert decision.trace[-1] == Step("queue", "waits", {"team": PUSH})


def test_who_knows_the_contact_goes_before_who_is_least_loaded() -> None:
    now = moment(AgentNow(1, load=5), AgentNow(2))
    decision = of(world(agent(1), agent(2), moment=now), contact_agent_id=1)
    assert decision.agent == 1
    assert decision.trace[-1] == Step("preference", "knows_contact", {"agent": 1})


def test_who_knows_the_contact_but_is_away_is_not_waited_for() -> None:
    now = moment(AgentNow(1, presence=Presence.AWAY), AgentNow(2, load=5), AgentNow(3, load=6))
    assert of(world(agent(1), agent(2), agent(3), moment=now), contact_agent_id=1).agent == 2


def test_equal_loads_go_to_who_is_idle_longest() -> None:
    idle = [NOW - timedelta(minutes=minutes) for minutes in (5, 9, 9)]
    now = moment(*(AgentNow(number, 3, idle_since=since) for number, since in enumerate(idle, 1)), AgentNow(4, 4))
    decision = of(world(*map(agent, (1, 2, 3, 4)), moment=now))
    assert (decision.agent, decision.trace[-1].outcome) == (2, "lowest_id")
    decision = of(world(*map(agent, (1, 2, 4)), moment=now))
    assert (decision.agent, decision.trace[-1].outcome) == (2, "longest_idle")


def test_half_a_week_of_work_counts_double() -> None:
    now = moment(AgentNow(1, load=3), AgentNow(2, load=2))
    assert of(world(agent(1, capacity=10), agent(2, capacity=5), moment=now)).agent == 1


def test_a_team_that_works_by_next_gets_no_agent_and_hears_how_many_could_take_it() -> None:
    people = (agent(1, teams=(NEXT,)), agent(2, teams=(NEXT,)), agent(3, teams=(NEXT,), languages=()))
    decision = of(world(*people), theme_id=ROADS, language="nl")
    assert (decision.team, decision.agent) == (NEXT, None)
    assert decision.trace[-1] == Step("queue", "next", {"team": NEXT, "could_take": 2})


def test_in_a_team_that_works_by_next_nobody_has_a_push_limit() -> None:
    now = moment(AgentNow(1, committed=99))
    assert step(of(world(agent(1, teams=(NEXT,)), moment=now), theme_id=ROADS), "push_limit").outcome == "not_asked"


@pytest.mark.parametrize(("team", "theme"), [(PUSH, TREES), (NEXT, ROADS)])
def test_a_ticket_that_comes_back_goes_to_its_owner_who_is_present(team: int, theme: int) -> None:
    now = moment(AgentNow(1), AgentNow(2, load=5))
    decision = of(world(agent(1, teams=(team,)), agent(2, teams=(team,)), moment=now), theme_id=theme, owner_id=2)
    assert decision.agent == 2
    assert decision.trace[-1] == Step("owner", "preferred", {"agent": 2})


@pytest.mark.parametrize(
    ("owner", "person", "state", "check"),
    [
        (2, agent(2), AgentNow(2, presence=Presence.AWAY), "presence"),
        (2, agent(2, hours=()), AgentNow(2), "hours"),
        (2, agent(2), AgentNow(2, committed=2), "push_limit"),
        (2, agent(2), AgentNow(2, load=10), "room"),
        (2, agent(2, teams=(NEXT,)), AgentNow(2), "team"),
        (404, agent(2, teams=(NEXT,)), AgentNow(2), "team"),
    ],
)
def test_an_owner_who_cannot_have_it_is_passed_over_and_the_trace_says_why(
    owner: int, person: Agent, state: AgentNow, check: str
) -> None:
    decision = of(world(agent(1), person, moment=moment(AgentNow(1), state)), owner_id=owner)
    assert decision.agent == 1
    assert step(decision, "owner") == Step("owner", "passed_over", {"agent": owner, "check": check})


def test_a_strictly_confidential_ticket_may_go_to_its_owner() -> None:
    decision = of(world(agent(1), agent(2)), confidentiality=Confidentiality.STRICT, owner_id=2)
    assert decision.agent == 2


@pytest.mark.parametrize("language", ["pl", "tlh"])
def test_a_language_the_organisation_does_not_answer_in_asks_for_no_speaker(language: str) -> None:
    decision = of(world(agent(1)), language=language)
    assert decision.agent == 1
    assert step(decision, "language") == Step("language", "not_served", {"language": language})


def test_no_language_at_all_is_not_asked() -> None:
    assert step(of(world(agent(1)), language=""), "language").outcome == "not_asked"


def test_skills_that_a_rule_asks_for_count() -> None:
    asking = policy(rule("r", when("family", "mail"), skills=("legal",)))
    decision = decide(ticket(), world(agent(1), agent(2, skills=("legal",))), asking)
    assert (decision.agent, decision.skills) == (2, ("legal",))


def test_without_any_team_it_waits_among_the_unassigned() -> None:
    decision = of(world(agent(1), fallback_team=None), theme_id=None)
    assert (decision.team, decision.agent) == (None, None)
    assert decision.trace[-1] == Step("queue", "no_team", {})


def test_a_rule_that_breaks_is_a_step_and_the_fallback_team_gets_it() -> None:
    decision = decide(ticket(), world(agent(1)), policy(rule("bad", team=404)))
    assert (decision.team, decision.agent) == (FALLBACK, None)
    assert decision.trace[0] == Step("rule", "failed", {"rule": "bad", "error": "team_unknown"})


def test_facts_that_break_the_engine_itself_wait_in_the_fallback_team() -> None:
    decision = of(world(agent(1)), excluded=3, kind=TicketKind.COMPLAINT)
    assert (decision.team, decision.agent, decision.kind) == (FALLBACK, None, TicketKind.COMPLAINT)
    assert decision.trace == (
        Step("engine", "failed", {"error": "TypeError"}),
        Step("queue", "waits", {"team": FALLBACK}),
    )
