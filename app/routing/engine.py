"""Decide who gets a ticket. Pure, total and deterministic: same input, same answer, never an exception.

Rules place the ticket (`sort`), checks drop agents (`checks`), one preference picks among who is left. A team that
works by *next* gets no agent from here: the trace says how many could take it. A team that works by *push* gets one as
long as the limit allows, the rest waits.

Why a returning ticket's owner has to pass every check too, room and limit included: an owner with full hands would
otherwise collect everything that comes back. Whoever knows the ticket may still take it.
"""

from collections.abc import Mapping
from typing import Any

from app.routing.checks import CHECKS, Asked, unasked
from app.routing.decision import Decision, Step
from app.routing.facts import TicketFacts
from app.routing.policy import Policy
from app.routing.sort import Sorted, sort
from app.routing.world import World
from app.vocabulary import TeamMode


def decide(ticket: TicketFacts, world: World, policy: Policy) -> Decision:
    """Where the ticket goes, to whom, and why. What breaks it waits in the fallback team's queue with the error."""
    try:
        return _decide(ticket, world, policy)
    except Exception as error:  # noqa: BLE001 - total by contract: whoever calls holds a citizen's reaction
        return _broken(ticket, world, policy, type(error).__name__)


def _decide(ticket: TicketFacts, world: World, policy: Policy) -> Decision:
    subject = sort(ticket, world.roster, policy)
    agent = None
    if subject.team is None:
        subject.steps.append(Step("queue", "no_team", {}))
    else:
        agent = _choose(subject, world, _drop(subject, world))
    return Decision(
        ticket.id, subject.theme, subject.priority, subject.team, agent, policy.version, tuple(subject.steps),
        subject.kind, subject.new_tags, subject.skills, world.roster.staff.version,
    )  # fmt: skip


def _drop(subject: Sorted, world: World) -> int:
    """Run the checks, one step each, until nobody is left; who is left."""
    steps, ids = subject.steps, world.roster.ids
    left = world.roster.team_bits.get(subject.team, 0) if subject.team is not None else 0
    if not left:
        steps.append(Step("nobody", "team", {"team": subject.team}))
        return 0
    for name, passing, asked in CHECKS:
        bits = passing(subject, world)
        if bits is None:
            steps.append(unasked(name, subject))
            continue
        before, left = left, left & bits
        params = asked(subject, world)
        params["left"] = left.bit_count()
        steps.append(Step(name, "kept", params, before ^ left, ids))
        if not left:
            steps.append(Step("nobody", name, _remedy(name, asked, subject, world, before)))
            return 0
    return left


def _remedy(check: str, asked: Asked, subject: Sorted, world: World, before: int) -> Mapping[str, Any]:
    """What would have to change for the agents that this check dropped last."""
    match check:
        case "hours":
            moment = world.roster.next_on_duty(before, world.now)
            return {"next": moment.isoformat() if moment else None}
        case "presence":
            return {"agents": before.bit_count()}
        case "room":
            return {"weight": subject.ticket.weight, "most": world.most_room(before)}
    return asked(subject, world)


def _choose(subject: Sorted, world: World, left: int) -> int | None:
    """The agent among who is left, or None: then the ticket waits in the team's queue."""
    owner = _owner(subject, world, left)
    if owner is not None:
        return owner
    team = subject.team
    if team is None or world.roster.teams[team].mode is TeamMode.NEXT:
        subject.steps.append(Step("queue", "next", {"team": team, "could_take": left.bit_count()}))
        return None
    if not left:
        subject.steps.append(Step("queue", "waits", {"team": team}))
        return None
    bits, step = _prefer(subject, world, left)
    subject.steps.append(step)
    return world.roster.ids[bits.bit_length() - 1]


def _owner(subject: Sorted, world: World, left: int) -> int | None:
    """Who owned a ticket that comes back gets it, unless a check dropped them: never somebody absent."""
    owner = subject.ticket.owner_id
    if owner is None:
        return None
    bit = world.roster.bit(owner)
    if bit & left:
        subject.steps.append(Step("owner", "preferred", {"agent": owner}))
        return owner
    dropped_at = next((step.check for step in subject.steps if step.bits & bit), "team")
    subject.steps.append(Step("owner", "passed_over", {"agent": owner, "check": dropped_at}))
    return None


def _prefer(subject: Sorted, world: World, left: int) -> tuple[int, Step]:
    """The one agent, and what decided."""
    ids = world.roster.ids
    if not left & (left - 1):
        return left, Step("preference", "only_one", {"agent": ids[left.bit_length() - 1]})
    known = world.roster.bit(subject.ticket.contact_agent_id) & left
    if known:
        return known, Step("preference", "knows_contact", {"agent": ids[known.bit_length() - 1]})
    load, bits = world.least_loaded(left)
    outcome = "least_loaded"
    if bits & (bits - 1):
        bits, outcome = world.longest_idle(bits), "longest_idle"
    if bits & (bits - 1):
        bits, outcome = bits & -bits, "lowest_id"
    return bits, Step("preference", outcome, {"agent": ids[bits.bit_length() - 1], "load": load})


def _broken(ticket: TicketFacts, world: World, policy: Policy, error: str) -> Decision:
    team = world.roster.staff.fallback_team
    steps = (Step("engine", "failed", {"error": error}), Step("queue", "waits", {"team": team}))
    return Decision(
        ticket.id, ticket.theme_id, ticket.priority, team, None, policy.version, steps, ticket.kind,
        skills=ticket.skills, staff_version=world.roster.staff.version,
    )  # fmt: skip
