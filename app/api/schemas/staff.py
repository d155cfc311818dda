"""Organisations, teams, agents and themes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from app.routing.week import week_of
from app.vocabulary import Language, Presence, Role, TeamMode
from app.web.strict import Given, Id, Told

Name = Annotated[str, Field(min_length=1, max_length=200)]
Word = Annotated[str, Field(min_length=1, max_length=60)]
Span = Annotated[
    list[Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]], Field(min_length=2, max_length=2)
]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _readable(hours: Mapping[str, Sequence[Sequence[str]]]) -> Mapping[str, Sequence[Sequence[str]]]:
    week_of(hours)
    return hours


Hours = Annotated[dict[Day, Annotated[list[Span], Field(max_length=6)]], AfterValidator(_readable)]
AnswerHours = dict[Literal["low", "normal", "high", "urgent"], Annotated[float, Field(gt=0, le=10_000)]]


class Team(Told):
    """`hours` are opening hours; `answerHours` the norm per priority, in working hours."""

    id: int
    organisation_id: int
    name: str
    mode: TeamMode
    push_limit: int
    fallback: bool
    hours: dict[str, Any]
    answer_hours: dict[str, Any]
    active: bool


class NewTeam(Given):
    """Without `organisationId` it is a team of our own organisation."""

    name: Name
    organisation_id: Id | None = None
    mode: TeamMode = TeamMode.NEXT
    push_limit: Annotated[int, Field(strict=True, ge=1, le=50)] = 2
    fallback: bool = False
    hours: Hours = Field(default_factory=dict)
    answer_hours: AnswerHours = Field(default_factory=dict)


class TeamChange(Given):
    """Only what is given changes."""

    name: Name = ""
    mode: TeamMode = TeamMode.NEXT
    push_limit: Annotated[int, Field(strict=True, ge=1, le=50)] = 2
    fallback: bool = False
    hours: Hours = Field(default_factory=dict)
    answer_hours: AnswerHours = Field(default_factory=dict)
    active: bool = True


class Member(Told):
    """An agent in a team."""

    agent_id: int
    name: str
    lead: bool


class Membership(Given):
    """Whether the agent leads the team."""

    lead: bool = False


class Agent(Told):
    """An employee. Their e-mail address is shown to administrators only."""

    id: int
    organisation_id: int
    name: str
    public_name: str
    email: str | None = None
    role: Role
    language: Language
    skills: list[str]
    languages: list[str]
    capacity: int
    hours: dict[str, Any]
    presence: Presence
    presence_at: datetime | None
    active: bool


class NewAgent(Given):
    """Without a password they cannot sign in until one is set."""

    email: Annotated[str, Field(min_length=3, max_length=320)]
    name: Name
    organisation_id: Id | None = None
    password: Annotated[str, Field(min_length=12, max_length=256)] | None = None
    public_name: Annotated[str, Field(max_length=200)] = ""
    role: Role = Role.AGENT
    language: Language = Language.DUTCH
    skills: Annotated[list[Word], Field(max_length=50)] = Field(default_factory=list)
    languages: Annotated[list[Word], Field(max_length=50)] = Field(default_factory=lambda: ["nl"])
    capacity: Annotated[int, Field(strict=True, ge=0, le=1000)] = 10
    hours: Hours = Field(default_factory=dict)


class AgentChange(Given):
    """Only what is given changes; who becomes inactive is signed out at once."""

    name: Name = ""
    public_name: Annotated[str, Field(max_length=200)] = ""
    role: Role = Role.AGENT
    language: Language = Language.DUTCH
    skills: Annotated[list[Word], Field(max_length=50)] = Field(default_factory=list)
    languages: Annotated[list[Word], Field(max_length=50)] = Field(default_factory=list)
    capacity: Annotated[int, Field(strict=True, ge=0, le=1000)] = 10
    hours: Hours = Field(default_factory=dict)
    active: bool = True


class PresenceChange(Given):
    """Whether an agent can take work right now."""

    presence: Presence


class Password(Given):
    """A new password; all their sessions end."""

    password: Annotated[str, Field(min_length=12, max_length=256)]


class Theme(Told):
    """What it is about; `teamId` is the team that it goes to."""

    id: int
    key: str
    name_nl: str
    name_en: str
    team_id: int | None
    active: bool


class NewTheme(Given):
    """`key` is short and never changes."""

    key: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    name_nl: Name
    name_en: Name
    team_id: Id | None = None


class ThemeChange(Given):
    """Only what is given changes."""

    name_nl: Name = ""
    name_en: Name = ""
    team_id: Id | None = None
    active: bool = True
