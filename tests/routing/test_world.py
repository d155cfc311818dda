import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.routing.bits import bits_of, places
from app.routing.world import AgentNow, Moment, World
from app.vocabulary import Presence
from tests.routing.made import NOW, agent, moment, world

PEOPLE = (agent(1, capacity=10), agent(2, capacity=4), agent(3, capacity=0))


@settings(deadline=None)
@given(st.sets(st.integers(0, 700)))
def test_a_set_of_places_survives_as_bits(members: set[int]) -> None:
    assert list(places(bits_of(members))) == sorted(members)


def test_room_is_what_capacity_leaves() -> None:
    now = world(*PEOPLE, moment=moment(AgentNow(1, load=8), AgentNow(2, load=3), AgentNow(3)))
    assert [now.roster.ids_of(now.room_for(weight)) for weight in (1, 2, 3)] == [(1, 2), (1,), ()]
    assert now.most_room(0b111) == 2


def test_load_is_compared_as_a_share_of_capacity() -> None:
    now = world(*PEOPLE, moment=moment(AgentNow(1, load=4), AgentNow(2, load=2), AgentNow(3, load=1)))
    assert now.least_loaded(0b111) == (40, 0b001)
    assert now.least_loaded(0b110) == (50, 0b010)


def test_idle_longest_is_who_never_had_one_then_the_oldest_stamp() -> None:
    stamps = moment(AgentNow(1, idle_since=NOW), AgentNow(2, idle_since=NOW - timedelta(seconds=1)), AgentNow(3))
    now = world(*PEOPLE, moment=stamps)
    assert now.longest_idle(0b111) == 0b100
    assert now.longest_idle(0b011) == 0b010


def test_who_is_not_listed_counts_as_not_present_and_who_is_not_on_the_staff_is_left_out() -> None:
    now = world(*PEOPLE, moment=moment(AgentNow(2), AgentNow(404)))
    assert now.roster.ids_of(now.present) == (2,)
    assert now.moment() == moment(AgentNow(2))


@pytest.mark.parametrize("presence", Presence)
def test_only_available_is_present(presence: Presence) -> None:
    assert bool(world(agent(1), moment=moment(AgentNow(1, presence=presence))).present) is (presence == "available")


def test_a_moment_comes_back_from_json_equal() -> None:
    before = moment(AgentNow(1, 3, 2, Presence.BUSY, NOW - timedelta(microseconds=3)), AgentNow(2))
    assert Moment.from_json(json.loads(json.dumps(before.to_json()))) == before


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"now": "gisteren", "agents": []},
        {"now": NOW.isoformat(), "agents": [[1, 2]]},
        {"now": NOW.isoformat(), "agents": [[1, 0, 0, "asleep", None]]},
        {"now": "2026-03-25T09:30:00", "agents": []},
    ],
)
def test_json_that_is_no_moment_is_refused(data: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Moment.from_json(data)


def test_a_moment_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        Moment(datetime(2026, 3, 25))  # noqa: DTZ001


def test_the_moment_can_be_cut_to_some_agents() -> None:
    assert world(*PEOPLE).moment((1, 3)) == moment(AgentNow(1), AgentNow(3))


loads = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4)), min_size=3, max_size=3)


@settings(deadline=None)
@given(loads, st.lists(st.tuples(st.sampled_from([1, 2, 3]), st.integers(0, 4)), max_size=8))
def test_a_world_after_claims_equals_one_built_from_scratch(
    state: list[tuple[int, int]], claims: list[tuple[int, int]]
) -> None:
    now = world(*PEOPLE, moment=moment(*(AgentNow(i + 1, *pair) for i, pair in enumerate(state))))
    _seen(now)  # answers worked out before a claim must move along with it
    for agent_id, weight in claims:
        now = now.claimed(agent_id, weight)
    assert _seen(now) == _seen(World(now.roster, now.moment()))


def test_a_claim_leaves_the_world_before_it_alone() -> None:
    before = world(*PEOPLE)
    seen = _seen(before)
    assert before.claimed(1, 2).moment() == moment(AgentNow(1, 2, 1, idle_since=NOW), AgentNow(2), AgentNow(3))
    assert _seen(before) == seen


def _seen(now: World) -> object:
    room = [now.room_for(weight) for weight in range(5)]
    under = [now.under_limit(limit) for limit in range(5)]
    return now.moment(), room, under, now.levels, now.least_loaded(0b111), now.present
