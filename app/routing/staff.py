"""Who works here, in which team, with which mandate: what changes rarely.

`Staff` is plain data with a version and a JSON form, stored once per change. `Roster` (in `roster.py`) is the same as
bit sets, built once per version and kept.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from pydantic import TypeAdapter

from app.routing.week import Week
from app.vocabulary import MandateLevel, TeamMode


@dataclass(frozen=True, slots=True)
class Team:
    """`push_limit` is how many tickets the engine may commit to one agent, the one in hand included."""

    id: int
    mode: TeamMode = TeamMode.NEXT
    push_limit: int = 2


@dataclass(frozen=True, slots=True)
class Theme:
    """What work is organised around, and the team that does it."""

    id: int
    team_id: int | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """Away from `start` up to `end`; without an end until told otherwise."""

    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or (self.end is not None and self.end.tzinfo is None):
            raise ValueError("times of a leave need an offset")


@dataclass(frozen=True, slots=True)
class Agent:
    """`capacity` in the same units as a ticket's weight. `hours` None means no fixed hours: presence alone decides.
    `leads` are the teams this agent is a lead of.
    """

    id: int
    teams: tuple[int, ...] = ()
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    capacity: int = 10
    hours: Week | None = None
    leave: tuple[Leave, ...] = ()
    leads: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Mandate:
    """What an agent, or everybody in a team, may do on an account and theme; None means every one."""

    agent_id: int | None = None
    account_id: int | None = None
    theme_id: int | None = None
    level: MandateLevel = MandateLevel.ANSWER
    team_id: int | None = None


@dataclass(frozen=True, slots=True)
class Staff:
    """`fallback_team` takes what no rule or theme places, and what a broken rule touched. `languages` are those the
    organisation answers in: a ticket in another language asks for no speaker, or it would wait for ever.
    """

    version: int
    teams: tuple[Team, ...] = ()
    agents: tuple[Agent, ...] = ()
    mandates: tuple[Mandate, ...] = ()
    themes: tuple[Theme, ...] = ()
    fallback_team: int | None = None
    languages: tuple[str, ...] = ("nl", "en")
    holidays: tuple[date, ...] = ()
    zone: str = "Europe/Amsterdam"

    def to_json(self) -> dict[str, Any]:
        """JSON values; `from_json` gives an equal staff back. Defaults are left out, so a default may never change."""
        return _ADAPTER.dump_python(self, mode="json", exclude_defaults=True)  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Raises pydantic.ValidationError when `data` is not what `to_json` gives."""
        return _ADAPTER.validate_python(data)  # type: ignore[return-value]


_ADAPTER: TypeAdapter[Staff] = TypeAdapter(Staff)
