"""What must hold for any ticket, world and policy."""

import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from app.routing.decision import CODES, Decision, Step
from app.routing.engine import decide
from app.routing.facts import TicketFacts
from app.routing.parse import parse_policy
from app.routing.roster import Roster
from app.routing.staff import Staff
from app.routing.world import Moment, World
from app.vocabulary import Presence, TeamMode
from tests.routing import drawn, reference
from tests.routing.drawn import Case

examples = settings(max_examples=250, deadline=None)


def decided(case: Case) -> Decision:
    return decide(case.ticket, World.of(case.staff, case.moment), case.policy)


@examples
@given(drawn.cases)
def test_it_decides_as_a_plain_scan_of_all_rules_and_agents_would(case: Case) -> None:
    decision = decided(case)
    theme, priority, team, skills, tags = reference.place(case.ticket, case.staff, case.policy)
    assert (decision.theme, decision.priority, decision.team, decision.skills) == (theme, priority, team, skills)
    assert set(decision.tags) | set(case.ticket.tags) == tags
    assert decision.agent == reference.choose(case.ticket, case.staff, case.moment, case.policy)
    assert all(step.check != "engine" for step in decision.trace)


@examples
@given(drawn.cases)
def test_a_stored_decision_replays_to_the_identical_decision(case: Case) -> None:
    decision = decided(case)
    # As it is stored: of the moment only the team's candidates.
    few = World.of(case.staff, case.moment).moment(Roster(case.staff).members(decision.team))
    stored = json.loads(json.dumps([part.to_json() for part in (case.ticket, case.staff, few, decision)]))
    world = World.of(Staff.from_json(stored[1]), Moment.from_json(stored[2]))
    again = decide(TicketFacts.from_json(stored[0]), world, case.policy)
    assert again == Decision.from_json(stored[3]) == decision
    assert again.to_json() == stored[3]


@examples
@given(drawn.cases)
def test_a_policy_is_read_back_from_its_json_unless_a_rule_is_broken_or_empty(case: Case) -> None:
    data = json.loads(json.dumps(case.policy.to_json()))
    sound = [
        number for number, rule in enumerate(case.policy.compiled) if not rule.broken and data["rules"][number]["then"]
    ]
    some = replace(case.policy, rules=tuple(case.policy.rules[number] for number in sound))
    assert parse_policy({**data, "rules": [data["rules"][number] for number in sound]}) == some


@examples
@given(drawn.cases)
def test_every_step_is_listed_with_its_parameters(case: Case) -> None:
    for step in decided(case).trace:
        assert set(step.params) == set(CODES[step.check][step.outcome].params), step
        assert json.loads(json.dumps(step.to_json())) == step.to_json()


@examples
@given(drawn.cases)
def test_whoever_gets_it_is_present_in_the_team_and_under_every_limit(case: Case) -> None:
    decision, ticket = decided(case), case.ticket
    if decision.agent is None:
        return
    agent = next(agent for agent in case.staff.agents if agent.id == decision.agent)
    now = next(now for now in case.moment.agents if now.id == decision.agent)
    team = next(team for team in case.staff.teams if team.id == decision.team)
    assert team.id in agent.teams
    assert agent.id not in ticket.excluded
    assert now.presence is Presence.AVAILABLE
    assert now.load + ticket.weight <= agent.capacity or ticket.weight == 0
    assert team.mode is TeamMode.NEXT or now.committed < team.push_limit


@examples
@given(drawn.streams)
def test_a_whole_stream_never_commits_more_than_the_limit(case: Case) -> None:
    world = World.of(case.staff, case.moment)
    limits = {team.id: team.push_limit for team in case.staff.teams if team.mode is TeamMode.PUSH}
    for ticket in case.tickets:
        decision = decide(ticket, world, case.policy)
        if decision.agent is not None:
            world = world.claimed(decision.agent, ticket.weight)
            now = next(now for now in world.moment().agents if now.id == decision.agent)
            assert now.committed <= limits.get(decision.team or 0, now.committed)


@examples
@given(drawn.cases)
def test_one_more_agent_never_makes_a_ticket_wait_that_had_somebody(case: Case) -> None:
    before = decided(case)
    staff = replace(case.staff, agents=(*case.staff.agents, case.newcomer))
    moment = Moment(case.moment.now, (*case.moment.agents, case.newcomer_now))
    after = decided(replace(case, staff=staff, moment=moment))
    assert (after.team, after.theme, after.priority) == (before.team, before.theme, before.priority)
    if before.agent is not None:
        assert after.agent in (before.agent, case.newcomer.id)


@examples
@given(drawn.cases)
def test_the_order_in_which_rows_arrive_changes_nothing(case: Case) -> None:
    staff = case.staff
    turned = replace(
        staff,
        agents=staff.agents[::-1],
        teams=staff.teams[::-1],
        mandates=staff.mandates[::-1],
        themes=staff.themes[::-1],
    )
    moment = Moment(case.moment.now, case.moment.agents[::-1])
    assert decided(replace(case, staff=turned, moment=moment)) == decided(case)


@examples
@given(drawn.cases)
def test_everybody_in_the_team_is_dropped_at_one_step_or_left_at_the_end(case: Case) -> None:
    decision = decided(case)
    dropped = [agent for step in decision.trace for agent in step.dropped]
    assert len(dropped) == len(set(dropped))
    members = set(Roster(case.staff).members(decision.team))
    assert set(dropped) <= members
    left = {agent.id for agent in reference.candidates(case.ticket, case.staff, case.moment, case.policy)}
    assert members - set(dropped) == (left if decision.team else set())
    nobody = any(step.check == "nobody" for step in decision.trace)
    assert nobody is (decision.team is not None and not left)


def test_the_made_up_cases_exercise_what_these_tests_claim() -> None:
    decisions = [decided(drawn.case(seed)) for seed in range(1_500)]
    seen = {(step.check, step.outcome) for decision in decisions for step in decision.trace}
    of_one_agent = {(check, "dropped") for check in CODES} | {("team", "kept"), ("agent", "unknown")}
    listed = {(check, outcome) for check, outcomes in CODES.items() for outcome in outcomes}
    assert listed - seen - of_one_agent == {("engine", "failed")}
    assert sum(decision.agent is not None for decision in decisions) > 300
    preferred = [step for decision in decisions for step in decision.trace if step.check == "preference"]
    assert sum(step.outcome != "only_one" for step in preferred) > 100


@settings(deadline=None)
@given(st.text(max_size=5), st.lists(st.integers(0, 2**63), unique=True).map(sorted))
def test_a_step_is_equal_to_another_that_dropped_the_same_agents(check: str, ids: list[int]) -> None:
    step = Step(check, "kept", {"left": 3}, (1 << len(ids)) - 1, tuple(ids))
    other = Step(check, "kept", {"left": 3}, ((1 << len(ids)) - 1) << 1, (0, *ids))
    assert step == other == Step.from_json(step.to_json())
    assert hash(step) == hash(other)
    assert step != Step(check, "kept", {"left": 4}, step.bits, step.ids)
    assert step != (check, "kept", {"left": 3}, step.bits, step.ids)
