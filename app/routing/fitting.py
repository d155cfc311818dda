"""Answers about one agent: does this ticket fit, which is the first in the queue that does, and why not.

The ticket is taken as it stands in its queue: its `theme_id` and `team_id` are those decided for it. Only the skills
that rules ask for are looked up again, where a policy is given.

Why the *next* key asks less than a push: whoever presses it is there and asks for work, so hours, presence, room and
limit do not hold them back. Mandate, skills, language and confidentiality do.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.routing.checks import CHECKS, MAY, Check, unasked
from app.routing.decision import Step
from app.routing.facts import TicketFacts
from app.routing.policy import Policy
from app.routing.sort import Sorted, sort
from app.routing.world import World


@dataclass(frozen=True, slots=True)
class Fit:
    """The first ticket that fits, how many before it in the queue did not, and the checks it passed."""

    ticket: TicketFacts
    skipped: int
    trace: tuple[Step, ...]


def fits(agent_id: int, ticket: TicketFacts, world: World) -> tuple[Step, ...]:
    """One step for every check: `kept`, `dropped`, `not_asked` or `not_served`."""
    return _steps(agent_id, _standing(ticket, world, None), world, CHECKS)


def why_not(agent_id: int, ticket: TicketFacts, world: World, policy: Policy) -> tuple[Step, ...]:
    """The checks that drop this agent, all of them; empty when the engine could have chosen them."""
    return _failed(_steps(agent_id, _standing(ticket, world, policy), world, CHECKS))


def first_fitting(agent_id: int, queue: Sequence[TicketFacts], world: World, policy: Policy) -> Fit | None:
    """The first of the queue, in the order given (`facts.queue_key`), that this agent may take and can answer."""
    for skipped, ticket in enumerate(queue):
        steps = _steps(agent_id, _standing(ticket, world, policy), world, MAY)
        if not _failed(steps):
            return Fit(ticket, skipped, steps)
    return None


def _standing(ticket: TicketFacts, world: World, policy: Policy | None) -> Sorted:
    subject = sort(ticket, world.roster, policy) if policy else Sorted(ticket, world.roster.zone)
    if ticket.theme_id is not None:
        subject.theme = ticket.theme_id
    if ticket.team_id is not None:
        subject.team = ticket.team_id if ticket.team_id in world.roster.teams else None
    return subject


def _steps(agent_id: int, subject: Sorted, world: World, checks: Sequence[Check]) -> tuple[Step, ...]:
    bit = world.roster.bit(agent_id)
    if not bit:
        return (Step("agent", "unknown", {"agent": agent_id}),)
    members = world.roster.team_bits.get(subject.team, 0) if subject.team is not None else 0
    steps = [Step("team", "kept" if members & bit else "dropped", {"team": subject.team})]
    steps += [_step(check, bit, subject, world) for check in checks]
    return tuple(steps)


def _step(check: Check, bit: int, subject: Sorted, world: World) -> Step:
    bits = check.passing(subject, world)
    if bits is None:
        return unasked(check.name, subject)
    params = check.asked(subject, world)
    return Step(check.name, "kept", {**params, "left": 1}) if bits & bit else Step(check.name, "dropped", params)


def _failed(steps: Sequence[Step]) -> tuple[Step, ...]:
    return tuple(step for step in steps if step.outcome in ("dropped", "unknown"))
