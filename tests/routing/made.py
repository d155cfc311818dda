"""A small organisation for the tests: what a test does not name is as harmless as possible."""

from datetime import UTC, datetime
from typing import Any

from app.routing.facts import TicketFacts
from app.routing.policy import Policy
from app.routing.rules import Condition, Effects, Rule
from app.routing.staff import Agent, Mandate, Staff, Team, Theme
from app.routing.world import AgentNow, Moment, World
from app.vocabulary import TeamMode

NOW = datetime(2026, 3, 25, 9, 30, tzinfo=UTC)  # a Wednesday, 10:30 in Amsterdam
NO_RULES = Policy(1)
PUSH, NEXT, FALLBACK = 1, 2, 9
TREES, ROADS = 11, 12
TEAMS = (Team(PUSH, TeamMode.PUSH, push_limit=2), Team(NEXT, TeamMode.NEXT), Team(FALLBACK, TeamMode.NEXT))
THEMES = (Theme(TREES, PUSH), Theme(ROADS, NEXT))


def ticket(**facts: Any) -> TicketFacts:
    given: dict[str, Any] = {
        "id": 1,
        "account_id": 5,
        "channel": "imap",
        "family": "mail",
        "received_at": NOW,
        "theme_id": TREES,
    }
    return TicketFacts(**(given | facts))


def agent(number: int, *, teams: tuple[int, ...] = (PUSH,), languages: tuple[str, ...] = ("nl",), **rest: Any) -> Agent:
    return Agent(number, teams=teams, languages=languages, **rest)


def staff(*agents: Agent, **rest: Any) -> Staff:
    mandates = tuple(Mandate(a.id) for a in agents)
    given: dict[str, Any] = {"version": 7, "teams": TEAMS, "themes": THEMES, "fallback_team": FALLBACK}
    given["mandates"] = mandates
    return Staff(agents=agents, **(given | rest))


def world(*agents: Agent, moment: Moment | None = None, now: datetime = NOW, **rest: Any) -> World:
    """Everybody available and idle, unless a moment says otherwise."""
    return World.of(staff(*agents, **rest), moment or Moment(now, tuple(AgentNow(a.id) for a in agents)))


def moment(*agents: AgentNow, now: datetime = NOW) -> Moment:
    return Moment(now, agents)


def policy(*rules: Rule) -> Policy:
    return Policy(3, rules)


def rule(name: str = "rule", *conditions: Condition, **effects: Any) -> Rule:
    return Rule(name, Effects(**effects), conditions)


def when(field: str, *values: str | int | bool, negate: bool = False) -> Condition:
    return Condition(field, values, negate)
