"""The checks that drop agents, in order: each is the set of agents that pass, or None when the ticket does not ask.

The engine and the answers about one agent use this one list, so they can never disagree.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from app.routing.decision import Step
from app.routing.sort import Sorted
from app.routing.world import World
from app.vocabulary import Confidentiality, TeamMode

EVERYBODY = -1
Params = dict[str, Any]
Asked = Callable[[Sorted, World], Params]


class Check(NamedTuple):
    """`passing`: who passes, None when not asked. `asked`: what the ticket asked for, as its step says it."""

    name: str
    passing: Callable[[Sorted, World], int | None]
    asked: Asked


def excluded(subject: Sorted, world: World) -> int | None:
    """All but those who may not get this ticket."""
    if not subject.ticket.excluded:
        return None
    bits = EVERYBODY
    for agent_id in subject.ticket.excluded:
        bits &= ~world.roster.bit(agent_id)
    return bits


def confidentiality(subject: Sorted, world: World) -> int | None:
    """For a strictly confidential ticket: the leads of its team, and who owned it."""
    if subject.ticket.confidentiality is not Confidentiality.STRICT:
        return None
    leads = world.roster.leads.get(subject.team, 0) if subject.team is not None else 0
    return leads | world.roster.bit(subject.ticket.owner_id)


def mandate(subject: Sorted, world: World) -> int | None:
    """Who may answer or draft on its account and theme."""
    return world.roster.mandated(subject.ticket.account_id, subject.theme)


def skills(subject: Sorted, world: World) -> int | None:
    """Who has every skill asked for."""
    if not subject.skills:
        return None
    bits = EVERYBODY
    for skill in subject.skills:
        bits &= world.roster.skills.get(skill, 0)
    return bits


def language(subject: Sorted, world: World) -> int | None:
    """Who speaks its language, if the organisation answers in it."""
    spoken = subject.ticket.language
    if not spoken or spoken not in world.roster.served:
        return None
    return world.roster.languages.get(spoken, 0)


def hours(subject: Sorted, world: World) -> int | None:
    """Who is at work by hours, holidays and leave."""
    return world.on_duty


def presence(subject: Sorted, world: World) -> int | None:
    """Who is available right now."""
    return world.present


def room(subject: Sorted, world: World) -> int | None:
    """Who has capacity left for its weight."""
    return world.room_for(subject.ticket.weight) if subject.ticket.weight else None


def push_limit(subject: Sorted, world: World) -> int | None:
    """In a team that works by push: who has fewer tickets in hand than its limit."""
    team = world.roster.teams[subject.team] if subject.team is not None else None
    return world.under_limit(team.push_limit) if team and team.mode is TeamMode.PUSH else None


def _nothing(subject: Sorted, world: World) -> Params:
    return {}


def _mandate(subject: Sorted, world: World) -> Params:
    return {"account": subject.ticket.account_id, "theme": subject.theme}


def _skills(subject: Sorted, world: World) -> Params:
    return {"skills": list(subject.skills)}


def _language(subject: Sorted, world: World) -> Params:
    return {"language": subject.ticket.language}


def _weight(subject: Sorted, world: World) -> Params:
    return {"weight": subject.ticket.weight}


def _limit(subject: Sorted, world: World) -> Params:
    return {"limit": world.roster.teams[subject.team].push_limit} if subject.team is not None else {}


MAY: tuple[Check, ...] = (
    Check("excluded", excluded, _nothing),
    Check("confidentiality", confidentiality, _nothing),
    Check("mandate", mandate, _mandate),
    Check("skills", skills, _skills),
    Check("language", language, _language),
)
"""Who may have the ticket and can answer it: holds whatever the hour, and for a person who takes it as well."""

CAN_NOW: tuple[Check, ...] = (
    Check("hours", hours, _nothing),
    Check("presence", presence, _nothing),
    Check("room", room, _weight),
    Check("push_limit", push_limit, _limit),
)
"""Who can have it pushed at this moment."""

CHECKS = (*MAY, *CAN_NOW)

_NOT_ASKED = {check.name: Step(check.name, "not_asked", {}) for check in CHECKS}


def unasked(check: str, subject: Sorted) -> Step:
    """The step of a check that the ticket does not ask for."""
    if check == "language" and subject.ticket.language:
        return Step("language", "not_served", {"language": subject.ticket.language})
    return _NOT_ASKED[check]
