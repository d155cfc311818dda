"""A made-up organisation under load: what `weerklank bench` and the tests feed the routing engine.

Everything follows from `agents` and `seed`. Twenty teams, forty themes, forty rules on words, channels and sites; three
teams in four work by push. An agent is in one team, one in four in two. Words, sites and domains mean nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from time import process_time

from app.routing.engine import decide
from app.routing.facts import TicketFacts
from app.routing.policy import Policy
from app.routing.roster import Roster
from app.routing.rules import Condition, Effects, Rule
from app.routing.staff import Agent, Leave, Mandate, Staff, Team, Theme
from app.routing.week import parse_week
from app.routing.world import AgentNow, Moment, World
from app.vocabulary import MandateLevel, Presence, Priority, TeamMode

NOW = datetime(2026, 3, 25, 9, 30, tzinfo=UTC)
TEAMS = range(1, 21)
THEMES = range(1, 41)
ACCOUNTS = range(1, 11)
SKILLS = ("legal", "parking", "trees", "water", "permits")
_WORDS = tuple(f"word{number}" for number in range(2_000))
_WEEKS = tuple(
    parse_week(texts)
    for texts in (["mon-fri 08:00-17:00"], ["mon-thu 09:00-12:30", "mon-thu 13:00-18:00"], ["wed-fri 08:30-17:00"])
)


@dataclass(frozen=True, slots=True)
class Figures:
    """`per_second`: decisions with trace per second of processor time; `build_ms`: roster and world together."""

    agents: int
    decisions: int
    per_second: float
    per_second_with_claims: float
    build_ms: float
    pushed: int


def scenario(agents: int, seed: int, tickets: int = 2_000) -> tuple[tuple[TicketFacts, ...], World, Policy]:
    """Tickets, world and policy for `agents` agents. The same arguments give equal values."""
    chance = Random(seed)
    staff = _staff(agents, chance)
    moment = Moment(NOW, tuple(_now(agent, chance) for agent in staff.agents))
    stream = tuple(_ticket(number, agents, chance) for number in range(1, tickets + 1))
    return stream, World(Roster(staff), moment), _policy(chance)


def measure(*sizes: int, seed: int = 1, rounds: int = 5) -> list[Figures]:
    """For each number of agents the best of `rounds` passes over the scenario's tickets, every trace made.

    The sizes take turns: a machine is slower for seconds, and then it should be for all of them.
    """
    offices = [scenario(agents, seed) for agents in sizes]
    passes = [[(_pass(*office), _pass_with_claims(*office)) for office in offices] for _ in range(rounds)]
    return [
        _figures(agents, *office, best=[min(times) for times in zip(*timed, strict=True)])
        for agents, office, timed in zip(sizes, offices, zip(*passes, strict=True), strict=True)
    ]


def _figures(
    agents: int, stream: tuple[TicketFacts, ...], world: World, policy: Policy, best: Sequence[float]
) -> Figures:
    started = process_time()
    World(Roster(world.roster.staff), world.moment())
    built = process_time() - started
    pushed = sum(decide(ticket, world, policy).agent is not None for ticket in stream)
    plain, claiming = (len(stream) / seconds for seconds in best)
    return Figures(agents, len(stream), plain, claiming, built * 1000, pushed)


def _pass(stream: tuple[TicketFacts, ...], world: World, policy: Policy) -> float:
    started = process_time()
    for ticket in stream:
        decide(ticket, world, policy)
    return process_time() - started


def _pass_with_claims(stream: tuple[TicketFacts, ...], world: World, policy: Policy) -> float:
    """Every fourth ticket that finds an agent is claimed, so that the world keeps changing without filling up."""
    started, now = process_time(), world
    for ticket in stream:
        decision = decide(ticket, now, policy)
        if decision.agent is not None and ticket.id % 4 == 0:
            now = now.claimed(decision.agent, ticket.weight)
    return process_time() - started


def _staff(agents: int, chance: Random) -> Staff:
    people = tuple(_agent(number, chance) for number in range(1, agents + 1))
    return Staff(
        version=1,
        teams=tuple(Team(team, TeamMode.NEXT if team % 4 == 0 else TeamMode.PUSH, 3) for team in TEAMS),
        agents=people,
        mandates=tuple(mandate for agent in people for mandate in _mandates(agent, chance)),
        themes=tuple(Theme(theme, (theme - 1) % len(TEAMS) + 1) for theme in THEMES),
        fallback_team=1,
    )


def _agent(number: int, chance: Random) -> Agent:
    teams = {(number - 1) % len(TEAMS) + 1} | ({chance.choice(TEAMS)} if chance.random() < 0.25 else set())
    leave = (Leave(NOW - timedelta(days=1), NOW + timedelta(days=4)),) if chance.random() < 0.08 else ()
    return Agent(
        id=number,
        teams=tuple(sorted(teams)),
        skills=tuple(sorted(chance.sample(SKILLS, 3))),
        languages=("nl", "en") if chance.random() < 0.7 else ("nl",),
        capacity=chance.choice((6, 10, 10, 12)),
        hours=chance.choice(_WEEKS) if chance.random() < 0.9 else None,
        leave=leave,
        leads=(min(teams),) if number <= len(TEAMS) else (),
    )


def _mandates(agent: Agent, chance: Random) -> list[Mandate]:
    if chance.random() < 0.6:
        return [Mandate(agent.id)]
    level = chance.choice(tuple(MandateLevel))
    return [Mandate(agent.id, account, None, level) for account in chance.sample(ACCOUNTS, 6)]


def _now(agent: Agent, chance: Random) -> AgentNow:
    presence = chance.choices(tuple(Presence), (7, 2, 1))[0]
    idle = NOW - timedelta(seconds=chance.randrange(20_000))
    return AgentNow(agent.id, chance.randrange(9), chance.randrange(4), presence, idle)


def _ticket(number: int, agents: int, chance: Random) -> TicketFacts:
    family = chance.choice(("mail", "comments"))
    return TicketFacts(
        id=number,
        account_id=chance.choice(ACCOUNTS),
        channel="imap" if family == "mail" else "form",
        family=family,
        received_at=NOW - timedelta(seconds=chance.randrange(3_600)),
        priority=chance.choice((Priority.NORMAL, Priority.NORMAL, Priority.HIGH)),
        theme_id=chance.choice(THEMES) if chance.random() < 0.7 else None,
        site=f"site{chance.randrange(5)}" if family == "comments" else None,
        language=chance.choice(("nl", "nl", "nl", "en", "pl")),
        sender_domain=f"organisation{chance.randrange(50)}.example",
        subject=" ".join(chance.choices(_WORDS, k=5)),
        text=" ".join(chance.choices(_WORDS, k=90)),
        contact_id=number,
        contact_agent_id=chance.randint(1, agents) if chance.random() < 0.2 else None,
        skills=(chance.choice(SKILLS),) if chance.random() < 0.2 else (),
        weight=chance.choice((1, 1, 2)),
    )


def _policy(chance: Random) -> Policy:
    return Policy(1, tuple(_rule(number, chance) for number in range(1, 41)))


def _rule(number: int, chance: Random) -> Rule:
    words = Condition("text", (*chance.sample(_WORDS, 3), " ".join(chance.sample(_WORDS, 2))))
    match number % 4:
        case 0:
            then = Effects(team=chance.choice(TEAMS), skills=(chance.choice(SKILLS),))
            return Rule(f"rule {number}", then, (words, Condition("family", ("comments",))))
        case 1:
            return Rule(f"rule {number}", Effects(priority=Priority.HIGH), any=(Condition("subject", words.values),))
        case 2:
            there = Condition("site", (f"site{number % 5}",))
            return Rule(f"rule {number}", Effects(theme=chance.choice(THEMES)), (there, words))
    sender = Condition("sender_domain", (f"organisation{number}.example",))
    return Rule(f"rule {number}", Effects(theme=chance.choice(THEMES), tags=("partner",)), (sender,))
