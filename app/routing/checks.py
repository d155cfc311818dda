"""The checks that drop agents, in order: each is the set of agents that pass, or None when the ticket does not ask.

The engine and the answers about one agent use this one list, so they can never disagree.
"""

from collections.abc import Callable, Mapping
from typing import Any

from app.routing.sort import Sorted
from app.routing.world import World
from app.vocabulary import Confidentiality, TeamMode

EVERYBODY = -1
Passing = Callable[[Sorted, World], int | None]


def excluded(subject: Sorted, world: World) -> int | None:
    if not subject.ticket.excluded:
        return None
    bits = EVERYBODY
    for agent_id in subject.ticket.excluded:
        bits &= ~world.roster.bit(agent_id)
    return bits


def confidentiality(subject: Sorted, world: World) -> int | None:
    if subject.ticket.confidentiality is not Confidentiality.STRICT:
        return None
    leads = world.roster.leads.get(subject.team, 0) if subject.team is not None else 0
    return leads | world.roster.bit(subject.ticket.owner_id)


def mandate(subject: Sorted, world: World) -> int | None:
    return world.roster.mandated(subject.ticket.account_id, subject.theme)


def skills(subject: Sorted, world: World) -> int | None:
    if not subject.skills:
        return None
    bits = EVERYBODY
    for skill in subject.skills:
        bits &= world.roster.skills.get(skill, 0)
    return bits


def language(subject: Sorted, world: World) -> int | None:
    spoken = subject.ticket.language
    if spoken is None or spoken not in world.roster.served:
        return None
    return world.roster.languages.get(spoken, 0)


def hours(subject: Sorted, world: World) -> int | None:
    return world.on_duty


def presence(subject: Sorted, world: World) -> int | None:
    return world.present


def room(subject: Sorted, world: World) -> int | None:
    return world.room_for(subject.ticket.weight) if subject.ticket.weight else None


def push_limit(subject: Sorted, world: World) -> int | None:
    team = world.roster.teams[subject.team] if subject.team is not None else None
    return world.under_limit(team.push_limit) if team and team.mode is TeamMode.PUSH else None


MAY: tuple[tuple[str, Passing], ...] = (
    ("excluded", excluded),
    ("confidentiality", confidentiality),
    ("mandate", mandate),
    ("skills", skills),
    ("language", language),
)
"""Who may have the ticket and can answer it: holds whatever the hour, and for a person who takes it as well."""

CAN_NOW: tuple[tuple[str, Passing], ...] = (
    ("hours", hours),
    ("presence", presence),
    ("room", room),
    ("push_limit", push_limit),
)
"""Who can have it pushed at this moment."""

CHECKS = (*MAY, *CAN_NOW)


def asked(check: str, subject: Sorted, world: World) -> Mapping[str, Any]:
    """The parameters of a check's step: what the ticket asked for."""
    match check:
        case "mandate":
            return {"account": subject.ticket.account_id, "theme": subject.theme}
        case "skills":
            return {"skills": list(subject.skills)}
        case "language":
            return {"language": subject.ticket.language}
        case "room":
            return {"weight": subject.ticket.weight}
        case "push_limit" if subject.team is not None:
            return {"limit": world.roster.teams[subject.team].push_limit}
    return {}
