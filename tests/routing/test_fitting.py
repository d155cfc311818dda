from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from app.routing.decision import CODES, Step
from app.routing.engine import decide
from app.routing.fitting import first_fitting, fits, why_not
from app.routing.staff import Mandate
from app.routing.world import AgentNow, World
from app.vocabulary import Confidentiality, Presence
from tests.routing import drawn
from tests.routing.drawn import Case
from tests.routing.made import NEXT, NO_RULES, PUSH, ROADS, TREES, agent, moment, policy, rule, ticket, when, world

BUSY = moment(AgentNow(1, load=10, committed=9, presence=Presence.AWAY))


def waiting(**facts: Any) -> Any:
    return ticket(**({"team_id": PUSH} | facts))


def test_every_check_answers_for_one_agent() -> None:
    steps = fits(1, waiting(skills=("legal",), language="nl"), world(agent(1), moment=BUSY))
    assert [(step.check, step.outcome) for step in steps] == [
        ("team", "kept"), ("excluded", "not_asked"), ("confidentiality", "not_asked"), ("mandate", "kept"),
        ("skills", "dropped"), ("language", "kept"), ("hours", "kept"), ("presence", "dropped"), ("room", "dropped"),
        ("push_limit", "dropped"),
    ]  # fmt: skip


def test_why_not_names_every_check_that_stands_in_the_way() -> None:
    steps = why_not(1, waiting(), world(agent(1), moment=BUSY), NO_RULES)
    assert steps == (
        Step("presence", "dropped", {}),
        Step("room", "dropped", {"weight": 1}),
        Step("push_limit", "dropped", {"limit": 2}),
    )
    assert why_not(1, waiting(), world(agent(1)), NO_RULES) == ()


def test_nobody_knows_an_agent_that_does_not_exist() -> None:
    unknown = (Step("agent", "unknown", {"agent": 404}),)
    assert fits(404, waiting(), world(agent(1))) == unknown
    assert why_not(404, waiting(), world(agent(1)), NO_RULES) == unknown
    assert first_fitting(404, [waiting()], world(agent(1)), NO_RULES) is None


def test_a_ticket_fits_as_it_stands_in_its_queue_not_as_rules_would_place_it_now() -> None:
    moving = policy(rule("move", theme=ROADS, team=NEXT))
    assert why_not(1, waiting(), world(agent(1)), moving) == ()
    trees_only = world(agent(1), mandates=(Mandate(1, None, TREES),))
    assert why_not(1, waiting(), trees_only, moving) == ()
    assert why_not(1, ticket(), world(agent(1)), moving) == (Step("team", "dropped", {"team": NEXT}),)


def test_skills_that_rules_ask_for_count_for_one_agent_too() -> None:
    asking = policy(rule("r", when("family", "mail"), skills=("legal",)))
    assert why_not(1, waiting(), world(agent(1)), asking) == (Step("skills", "dropped", {"skills": ["legal"]}),)


@pytest.mark.parametrize("team", [None, 404])
def test_a_ticket_without_a_team_fits_nobody(team: int | None) -> None:
    now = world(agent(1), fallback_team=None)
    [step] = why_not(1, ticket(theme_id=None, team_id=team), now, NO_RULES)
    assert step == Step("team", "dropped", {"team": None})


def test_the_next_key_takes_the_first_ticket_that_fits() -> None:
    queue = [
        waiting(id=1, skills=("legal",)),
        waiting(id=2, language="en"),
        waiting(id=3, account_id=6),
        waiting(id=4, excluded=(1,)),
        waiting(id=5, confidentiality=Confidentiality.STRICT),
        waiting(id=6, team_id=NEXT),
        waiting(id=7, language="pl"),
        waiting(id=8),
    ]
    now = world(agent(1), mandates=(Mandate(1, 5),))
    found = first_fitting(1, queue, now, NO_RULES)
    assert found is not None
    assert (found.ticket.id, found.skipped) == (7, 6)
    assert [step.outcome for step in found.trace] == [
        "kept",
        "not_asked",
        "not_asked",
        "kept",
        "not_asked",
        "not_served",
    ]


def test_whoever_presses_the_key_is_there_and_wants_work_whatever_the_moment_says() -> None:
    found = first_fitting(1, [waiting()], world(agent(1, hours=()), moment=BUSY), NO_RULES)
    assert found is not None


def test_an_empty_queue_and_one_without_a_fit_give_nothing() -> None:
    assert first_fitting(1, [], world(agent(1)), NO_RULES) is None
    assert first_fitting(1, [waiting(excluded=(1,))] * 3, world(agent(1)), NO_RULES) is None


@settings(max_examples=250, deadline=None)
@given(drawn.cases)
def test_the_engine_and_the_answers_about_one_agent_agree(case: Case) -> None:
    now = World.of(case.staff, case.moment)
    decision = decide(case.ticket, now, case.policy)
    standing = replace(
        case.ticket,
        theme_id=decision.theme,
        team_id=decision.team,
        skills=decision.skills,
        fixed=("theme", "team", "priority", "kind"),
    )
    if decision.team is None:
        return
    left = set(now.roster.members(decision.team))
    left -= {agent for step in decision.trace for agent in step.dropped}
    for agent_id in now.roster.ids:
        assert (why_not(agent_id, standing, now, NO_RULES) == ()) is (agent_id in left)


@settings(max_examples=250, deadline=None)
@given(drawn.cases)
def test_every_step_about_one_agent_is_listed_with_its_parameters(case: Case) -> None:
    for step in fits(1, case.ticket, World.of(case.staff, case.moment)):
        params = set(step.params) - ({"left"} if step.check == "team" else set())
        assert params == set(CODES[step.check][step.outcome].params)
