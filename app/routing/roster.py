"""The staff as bit sets: one whole number per team, skill, language and mandate, and per stretch of the week.

Built once per version of the staff (some milliseconds at 500 agents) and read by every decision.

Why stretches: whether somebody is at work at a given minute changes only where some span begins or ends, so the week is
cut there once, and a decision finds its set by bisection instead of asking each agent's hours.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from operator import xor
from typing import TypeVar
from zoneinfo import ZoneInfo

from app.routing.bits import places
from app.routing.staff import Agent, Leave, Mandate, Staff
from app.routing.week import DAY, WEEK, merged, week_minute
from app.vocabulary import MandateLevel

_K = TypeVar("_K", bound=Hashable)
_T = TypeVar("_T", int, datetime)

SEARCH = timedelta(days=21)
_WORKING_LEVELS = (MandateLevel.ANSWER, MandateLevel.DRAFT)


class Roster:
    """`ids` by place; `agents` likewise. Agents with equal ids are a ValueError."""

    __slots__ = (
        "_leave",
        "_leave_breaks",
        "_mandates",
        "_shifts",
        "_week_breaks",
        "_without_hours",
        "agents",
        "holidays",
        "ids",
        "languages",
        "leads",
        "place",
        "served",
        "skills",
        "staff",
        "team_bits",
        "teams",
        "themes",
        "zone",
    )  # fmt: skip

    def __init__(self, staff: Staff) -> None:
        self.staff = staff
        self.agents: tuple[Agent, ...] = tuple(sorted(staff.agents, key=lambda agent: agent.id))
        self.ids = tuple(agent.id for agent in self.agents)
        self.place = {agent_id: place for place, agent_id in enumerate(self.ids)}
        if len(self.place) < len(self.ids):
            raise ValueError("two agents have the same id")
        self.teams = {team.id: team for team in staff.teams}
        self.themes = {theme.id: theme for theme in staff.themes}
        self.served = frozenset(staff.languages)
        self.holidays = frozenset(staff.holidays)
        self.zone = ZoneInfo(staff.zone)
        self.team_bits = self._index(lambda agent: agent.teams)
        self.leads = self._index(lambda agent: agent.leads)
        self.skills = self._index(lambda agent: agent.skills)
        self.languages = self._index(lambda agent: agent.languages)
        self._mandates = self._index_mandates(staff.mandates)
        self._index_hours()
        self._leave_breaks, self._leave = _stretches(_leave_toggles(self.agents))

    def members(self, team_id: int | None) -> tuple[int, ...]:
        """The ids of a team's agents: those whose load and presence a decision for that team needs."""
        return self.ids_of(self.team_bits.get(team_id, 0)) if team_id is not None else ()

    def ids_of(self, bits: int) -> tuple[int, ...]:
        """The agents of a set, by id."""
        return tuple(self.ids[place] for place in places(bits))

    def bit(self, agent_id: int | None) -> int:
        """The set that holds this agent alone; empty when the agent is unknown."""
        place = self.place.get(agent_id) if agent_id is not None else None
        return 0 if place is None else 1 << place

    def mandated(self, account_id: int, theme_id: int | None) -> int:
        """Who may answer or draft on this account and theme. Mandates add up."""
        get = self._mandates.get
        whole = get((account_id, None), 0) | get((None, None), 0)
        return whole | get((account_id, theme_id), 0) | get((None, theme_id), 0)

    def on_duty(self, now: datetime) -> int:
        """Who is at work at `now` by hours, holidays and leave."""
        local = now.astimezone(self.zone)
        bits = self._without_hours
        if self._week_breaks and local.date() not in self.holidays:
            # Before the first break of the week the last stretch of the week before still runs: index -1.
            bits |= self._shifts[bisect_right(self._week_breaks, week_minute(local)) - 1]
        if self._leave_breaks:
            stretch = bisect_right(self._leave_breaks, now)
            bits &= ~(self._leave[stretch - 1] if stretch else 0)
        return bits

    def next_on_duty(self, bits: int, now: datetime) -> datetime | None:
        """The first moment after `now` at which one of these is at work (UTC); None if not within three weeks."""
        moment = now
        while moment < now + SEARCH:
            moment = self._next_change(moment)
            if bits & self.on_duty(moment):
                return moment
        return None

    def _next_change(self, moment: datetime) -> datetime:
        local = moment.astimezone(self.zone)
        minute = week_minute(local)
        index = bisect_right(self._week_breaks, minute)
        ahead = self._week_breaks[index] if index < len(self._week_breaks) else DAY * 7
        ahead = min(ahead, (minute // DAY + 1) * DAY)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, fold=0)
        wall = midnight + timedelta(minutes=ahead - local.weekday() * DAY)
        change = wall.replace(tzinfo=self.zone).astimezone(UTC)
        if change <= moment:  # the hour that a clock change repeats
            change = (moment + timedelta(minutes=1)).astimezone(UTC)
        leave = bisect_right(self._leave_breaks, moment)
        return min(change, self._leave_breaks[leave]) if leave < len(self._leave_breaks) else change

    def _index(self, of: Callable[[Agent], Iterable[_K]]) -> dict[_K, int]:
        index: dict[_K, int] = defaultdict(int)
        for place, agent in enumerate(self.agents):
            for key in of(agent):
                index[key] |= 1 << place
        return dict(index)

    def _index_mandates(self, mandates: Iterable[Mandate]) -> dict[tuple[int | None, int | None], int]:
        index: dict[tuple[int | None, int | None], int] = defaultdict(int)
        for mandate in mandates:
            if mandate.level in _WORKING_LEVELS:
                members = self.team_bits.get(mandate.team_id, 0) if mandate.team_id is not None else 0
                index[mandate.account_id, mandate.theme_id] |= self.bit(mandate.agent_id) | members
        return dict(index)

    def _index_hours(self) -> None:
        toggles: dict[int, int] = defaultdict(int)
        self._without_hours = 0
        for place, agent in enumerate(self.agents):
            if agent.hours is None:
                self._without_hours |= 1 << place
            for start, end in merged(agent.hours or ()):
                toggles[start] ^= 1 << place
                toggles[end % WEEK] ^= 1 << place
        toggles[0] ^= _at_start_of_week(self.agents)
        self._week_breaks, self._shifts = _stretches(toggles)


def _at_start_of_week(agents: tuple[Agent, ...]) -> int:
    """Whoever works up to Sunday 24:00 toggles off at Monday 00:00, where a new week begins with nobody: undo it."""
    bits = 0
    for place, agent in enumerate(agents):
        if any(end == WEEK for _, end in merged(agent.hours or ())):
            bits |= 1 << place
    return bits


def _stretches(toggles: Mapping[_T, int]) -> tuple[list[_T], list[int]]:
    """From who changes when, to sorted moments and who is in from each of them on."""
    breaks = sorted(toggles)
    return breaks, list(accumulate((toggles[moment] for moment in breaks), xor))


def _leave_toggles(agents: tuple[Agent, ...]) -> dict[datetime, int]:
    toggles: dict[datetime, int] = defaultdict(int)
    for place, agent in enumerate(agents):
        for start, end in _merged_leave(agent.leave):
            toggles[start] ^= 1 << place
            if end is not None:
                toggles[end] ^= 1 << place
    return toggles


def _merged_leave(leave: tuple[Leave, ...]) -> list[tuple[datetime, datetime | None]]:
    joined: list[tuple[datetime, datetime | None]] = []
    for period in sorted(leave, key=lambda period: period.start):
        if period.end is not None and period.end <= period.start:
            continue
        if joined and (joined[-1][1] is None or period.start <= joined[-1][1]):
            start, end = joined[-1]
            joined[-1] = (start, None if end is None or period.end is None else max(end, period.end))
        else:
            joined.append((period.start, period.end))
    return joined
