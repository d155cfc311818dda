import itertools
import sys

from app.routing.engine import decide
from app.simulation.routing_load import TEAMS, measure, scenario


def test_a_scenario_follows_from_its_size_and_seed() -> None:
    stream, world, policy = scenario(60, 4, tickets=50)
    again = scenario(60, 4, tickets=50)
    assert (stream, world.moment(), policy, world.roster.staff) == (
        again[0], again[1].moment(), again[2], again[1].roster.staff,
    )  # fmt: skip
    assert scenario(60, 5, tickets=50)[0] != stream


def test_a_scenario_is_as_large_as_the_target_says() -> None:
    stream, world, policy = scenario(500, 1)
    assert (len(world.roster.ids), len(world.roster.teams), len(policy.rules)) == (500, 20, 40)
    assert all(world.roster.members(team) for team in TEAMS)
    assert all(not rule.broken for rule in policy.compiled)
    outcomes = [decide(ticket, world, policy) for ticket in stream]
    assert sum(decision.agent is not None for decision in outcomes) > len(stream) / 3
    assert sum(decision.agent is None for decision in outcomes) > len(stream) / 10
    assert sum(step.check == "rule" for decision in outcomes for step in decision.trace) > len(stream)


def _calls(agents: int) -> int:
    """How many functions are called, of Python's and of its library's, to decide about 300 tickets."""
    stream, world, policy = scenario(agents, 1, tickets=300)
    called = itertools.count()
    sys.setprofile(lambda *_: next(called))
    try:
        for ticket in stream:
            decide(ticket, world, policy)
    finally:
        sys.setprofile(None)
    return next(called)


def test_twice_as_many_agents_cost_hardly_more_a_decision() -> None:
    """The promise, without a clock: the bench has the seconds."""
    assert _calls(1_000) / _calls(500) < 1.3


def test_a_measure_says_what_it_decided() -> None:
    """How fast is for `weerklank bench routing` to say: a test that is timed fails whenever a neighbour is busy."""
    small, large = measure(60, 90, rounds=2)
    assert (small.agents, large.agents) == (60, 90)
    for figures in (small, large):
        assert figures.decisions == len(scenario(figures.agents, 1)[0])
        assert 0 < figures.pushed <= figures.decisions
        assert min(figures.per_second, figures.per_second_with_claims) > 0
