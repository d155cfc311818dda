"""The world at the moment of a decision: the roster, and how loaded, present and idle people are right now.

`Moment` is the part that changes all the time: stored with each decision, for the candidates of its team only. `World`
joins it to the roster as bit sets. An agent that the moment does not list counts as not present.

Why load is a share of capacity: somebody who works two days a week has a smaller capacity, and the same number of open
tickets weighs more on them. Zero tickets is zero for everybody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from app.routing.bits import bits_of, places
from app.routing.roster import Roster
from app.routing.staff import Staff
from app.vocabulary import Presence

NEVER = float("-inf")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class AgentNow:
    """`load`: weight of the open work; `committed`: tickets given by the engine and not finished yet; `idle_since`:
    when the agent last got or finished one (None: never, which counts as longest ago).
    """

    id: int
    load: int = 0
    committed: int = 0
    presence: Presence = Presence.AVAILABLE
    idle_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """What is true right now: the time, and the agents that a decision may choose from."""

    now: datetime
    agents: tuple[AgentNow, ...] = ()

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("the moment needs an offset")

    def to_json(self) -> dict[str, Any]:
        """JSON values; `from_json` gives an equal moment back.

        An agent is `[id, load, committed, presence, idle since, in microseconds since 1970]`: every decision stores
        those of its team, and with names that is twice the size.
        """
        return {"now": self.now.isoformat(), "agents": [_row(agent) for agent in self.agents]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Raises KeyError, TypeError or ValueError when `data` is not what `to_json` gives."""
        return cls(datetime.fromisoformat(data["now"]), tuple(_agent(*row) for row in data["agents"]))


def _row(agent: AgentNow) -> list[Any]:
    idle = None if agent.idle_since is None else (agent.idle_since - _EPOCH) // _MICROSECOND
    # The member itself, which is a str: `.value` costs more than everything else here.
    return [agent.id, agent.load, agent.committed, agent.presence, idle]


def _agent(agent_id: int, load: int, committed: int, presence: str, idle: int | None) -> AgentNow:
    since = None if idle is None else _EPOCH + idle * _MICROSECOND
    return AgentNow(agent_id, load, committed, Presence(presence), since)


class World:
    """What `decide` reads. Never changes; `claimed` gives the next one."""

    __slots__ = ("_now_at", "_order", "_room", "_under", "levels", "now", "on_duty", "present", "roster")

    def __init__(self, roster: Roster, moment: Moment) -> None:
        self.roster = roster
        self.now = moment.now
        self.on_duty = roster.on_duty(moment.now)
        self._now_at: dict[int, AgentNow] = {}
        self.present = 0
        self.levels: dict[int, int] = {}
        for agent in moment.agents:
            place = roster.place.get(agent.id)
            if place is None:
                continue
            self._now_at[place] = agent
            if agent.presence is Presence.AVAILABLE:
                self.present |= 1 << place
            level = self._level(place, agent.load)
            self.levels[level] = self.levels.get(level, 0) | 1 << place
        self._order = tuple(sorted(self.levels))
        # Worked out when first asked: few weights and limits exist. The answers depend on nothing but this world.
        self._room: dict[int, int] = {}
        self._under: dict[int, int] = {}

    @classmethod
    def of(cls, staff: Staff, moment: Moment) -> Self:
        """For tests and replays; who decides often keeps the roster."""
        return cls(Roster(staff), moment)

    def moment(self, agent_ids: tuple[int, ...] | None = None) -> Moment:
        """The present as data: of everybody listed, or of these agents only (what a stored decision needs)."""
        wanted = sorted(self._now_at) if agent_ids is None else sorted(self.roster.place[i] for i in agent_ids)
        return Moment(self.now, tuple(self._now_at[place] for place in wanted if place in self._now_at))

    def agent(self, place: int) -> AgentNow | None:
        """What is known of the agent at this place; None when the moment does not list them."""
        return self._now_at.get(place)

    def room_for(self, weight: int) -> int:
        """Who has capacity left for a ticket of this weight."""
        bits = self._room.get(weight)
        if bits is None:
            bits = self._room[weight] = self._where(lambda place, agent: self._spare(place, agent) >= weight)
        return bits

    def under_limit(self, limit: int) -> int:
        """To whom fewer than `limit` tickets are committed."""
        bits = self._under.get(limit)
        if bits is None:
            bits = self._under[limit] = self._where(lambda place, agent: agent.committed < limit)
        return bits

    def most_room(self, bits: int) -> int:
        """The largest capacity that any of these has left."""
        return max((self._spare(p, self._now_at[p]) for p in places(bits) if p in self._now_at), default=0)

    def least_loaded(self, bits: int) -> tuple[int, int]:
        """The lowest load, in percent of capacity, that occurs among these, and who has it. `bits` is not empty."""
        for level in self._order:
            if bits & self.levels[level]:
                return level, bits & self.levels[level]
        return 0, bits

    def longest_idle(self, bits: int) -> int:
        """Who of these is idle longest; all of them on a tie."""
        longest, since = 0, float("inf")
        for place in places(bits):
            idle = _idle(self._now_at.get(place))
            if idle < since:
                longest, since = 1 << place, idle
            elif idle == since:
                longest |= 1 << place
        return longest

    def claimed(self, agent_id: int, weight: int) -> "World":
        """The world after this agent was given a ticket: one bit moves in each set that it changes."""
        place = self.roster.place[agent_id]
        before = self._now_at.get(place) or AgentNow(agent_id, presence=Presence.AWAY)
        after = AgentNow(agent_id, before.load + weight, before.committed + 1, before.presence, self.now)
        world = World.__new__(World)
        world.roster, world.now, world.on_duty, world.present = self.roster, self.now, self.on_duty, self.present
        world._now_at = {**self._now_at, place: after}
        world.levels = _moved(self.levels, place, self._level(place, before.load), self._level(place, after.load))
        world._order = tuple(sorted(world.levels))
        spare, flag = self._spare(place, after), 1 << place
        world._room = {w: bits | flag if spare >= w else bits & ~flag for w, bits in self._room.items()}
        world._under = {n: bits | flag if after.committed < n else bits & ~flag for n, bits in self._under.items()}
        return world

    def _where(self, holds: Callable[[int, AgentNow], bool]) -> int:
        return bits_of(place for place, agent in self._now_at.items() if holds(place, agent))

    def _spare(self, place: int, agent: AgentNow) -> int:
        return self.roster.agents[place].capacity - agent.load

    def _level(self, place: int, load: int) -> int:
        return load * 100 // max(1, self.roster.agents[place].capacity)


def _moved(levels: dict[int, int], place: int, old: int, new: int) -> dict[int, int]:
    moved = dict(levels)
    moved[old] = moved.get(old, 0) & ~(1 << place)
    moved[new] = moved.get(new, 0) | 1 << place
    return {level: bits for level, bits in moved.items() if bits}


def _idle(agent: AgentNow | None) -> float:
    return agent.idle_since.timestamp() if agent and agent.idle_since else NEVER
