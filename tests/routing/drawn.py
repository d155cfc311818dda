"""Little organisations made up from a number: few ids, so that everything meets everything, and odds at which a third
of the tickets finds somebody.

Why not drawn part by part by hypothesis: then nine checks pass at once in one case of four hundred, and a test of who is
chosen proves nothing. `test_engine_properties.py` counts that what it claims does occur.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st

from app.routing.facts import TicketFacts
from app.routing.policy import Policy
from app.routing.rules import Condition, Effects, Rule
from app.routing.staff import Agent, Leave, Mandate, Staff, Team, Theme
from app.routing.week import parse_week
from app.routing.world import AgentNow, Moment
from app.vocabulary import Confidentiality, MandateLevel, Presence, Priority, TeamMode, TicketKind
from tests.routing.made import NOW

TEAMS = (1, 2, 3)
THEMES = (1, 2)
ACCOUNTS = (1, 2)
SKILLS = ("legal", "trees")
WORDS = ("boom", "gat", "weg", "kap", "zon")
WEEKS = (None, parse_week(["mon-fri 09:00-17:00"]), parse_week(["wed 00:00-10:30", "sat 22:00-06:00"]), ())
VALUES: dict[str, tuple[Any, ...]] = {
    "text": (*WORDS, "boom gat", "gat in"),
    "subject": WORDS,
    "sender_domain": ("a.example", "b.a.example", "c.example"),
    "site": ("s1", "s2"),
    "account": ACCOUNTS,
    "family": ("mail", "comments"),
    "language": ("nl", "en"),
    "theme": THEMES,
    "priority": ("high", "normal"),
    "kind": ("question", "press"),
    "tag": ("a", "b", "c"),
    "public": (True, False),
    "hours": ("mon-fri 09:00-17:00", "sat-sun 00:00-24:00"),
}
T = TypeVar("T")


@dataclass(frozen=True)
class Case:
    tickets: tuple[TicketFacts, ...]
    staff: Staff
    moment: Moment
    policy: Policy
    newcomer: Agent
    newcomer_now: AgentNow

    @property
    def ticket(self) -> TicketFacts:
        return self.tickets[0]


class _Draw:
    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)

    def yes(self, odds: float) -> bool:
        return self.chance.random() < odds

    def one(self, values: Any) -> Any:
        return self.chance.choice(tuple(values))

    def some(self, values: Any, odds: float) -> tuple[Any, ...]:
        return tuple(value for value in values if self.yes(odds))

    def maybe(self, value: T, odds: float) -> T | None:
        return value if self.yes(odds) else None

    def moment(self) -> datetime:
        return NOW + timedelta(minutes=self.chance.randint(-20_000, 20_000))

    def words(self) -> str:
        return " ".join(self.one(WORDS) for _ in range(self.chance.randint(0, 3)))

    def agent(self, number: int) -> Agent:
        return Agent(
            id=number,
            teams=self.some(TEAMS, 0.7),
            skills=self.some(SKILLS, 0.75),
            languages=self.some(("nl", "en"), 0.8),
            capacity=self.one((0, 4, 8, 8, 8)),
            hours=self.one((None, None, *WEEKS[:2], *WEEKS)),
            leave=tuple(Leave(self.moment(), self.maybe(self.moment(), 0.8)) for _ in self.some((1, 2), 0.2)),
            leads=self.some(TEAMS, 0.4),
        )

    def now(self, number: int) -> AgentNow:
        idle = NOW - timedelta(minutes=self.chance.randint(0, 3))
        presence = Presence.AVAILABLE if self.yes(0.75) else self.one(Presence)
        load, committed = self.one((0, 1, 1, 1, 2, 3, 8)), self.one((0, 0, 0, 0, 1, 3))
        return AgentNow(number, load, committed, presence, self.maybe(idle, 0.8))

    def mandate(self) -> Mandate:
        agent_id = self.maybe(self.chance.randint(1, 9), 0.6)
        account, theme = self.maybe(self.one(ACCOUNTS), 0.4), self.maybe(self.one(THEMES), 0.4)
        return Mandate(agent_id, account, theme, self.one(MandateLevel), self.maybe(self.one(TEAMS), 0.4))

    def staff(self) -> Staff:
        return Staff(
            version=self.chance.randint(0, 5),
            teams=tuple(
                Team(team, TeamMode.PUSH if self.yes(0.7) else TeamMode.NEXT, self.one((0, 1, 2, 3, 3, 3)))
                for team in self.some(TEAMS, 0.85)
            ),
            agents=tuple(self.agent(number) for number in self.some(range(1, 9), 0.9)),
            mandates=(
                *(self.mandate() for _ in range(self.chance.randint(1, 10))),
                *(Mandate(team_id=team) for team in self.some(TEAMS, 0.7)),
            ),
            themes=tuple(Theme(theme, self.maybe(self.one(TEAMS), 0.9)) for theme in THEMES),
            fallback_team=self.maybe(self.one(TEAMS), 0.8),
            languages=self.some(("nl", "en"), 0.8),
            holidays=self.some((NOW.date(),), 0.1),
        )

    def ticket(self, number: int) -> TicketFacts:
        return TicketFacts(
            id=number,
            account_id=self.one(ACCOUNTS),
            channel=self.one(("imap", "form")),
            family=self.one(("mail", "comments")),
            received_at=self.moment(),
            kind=self.one(TicketKind),
            priority=self.one(Priority),
            theme_id=self.one((None, 1, 2, 2, 3)),
            team_id=self.one((None, None, 1, 2, 4)),
            fixed=self.some(("theme", "priority", "team", "kind"), 0.2),
            site=self.one((None, "s1", "s2")),
            language=self.one((None, "nl", "en", "pl")),
            sender_domain=self.one((None, "a.example", "b.a.example", "ba.example")),
            subject=self.words(),
            text=self.words(),
            contact_agent_id=self.maybe(self.chance.randint(1, 9), 0.3),
            owner_id=self.maybe(self.chance.randint(1, 9), 0.2),
            skills=self.some(SKILLS, 0.15),
            weight=self.one((0, 1, 1, 1, 2)),
            due_at=self.maybe(self.moment(), 0.5),
            is_public=self.yes(0.5),
            confidentiality=Confidentiality.STRICT if self.yes(0.1) else Confidentiality.NORMAL,
            tags=self.some(("a", "b"), 0.3),
            excluded=self.some((1, 2, 3), 0.1) if self.yes(0.9) else tuple(range(1, 9)),
        )

    def condition(self) -> Condition:
        if self.yes(0.01):
            return Condition("hours", ("not hours",))
        field = self.one(VALUES)
        values = {self.one(VALUES[field]): None, self.one(VALUES[field]): None}
        return Condition(field, tuple(values), self.yes(0.2))

    def rule(self, number: int) -> Rule:
        effects = Effects(
            theme=self.maybe(self.one((1, 2, 2, 3)), 0.3),
            priority=self.maybe(self.one(Priority), 0.3),
            team=self.maybe(self.one((1, 2, 3, 3)), 0.2),
            kind=self.maybe(self.one(TicketKind), 0.2),
            tags=self.some(("a", "b", "c"), 0.3),
            skills=self.some(SKILLS, 0.1),
            stop=self.yes(0.1),
        )
        every = tuple(self.condition() for _ in range(self.one((0, 1, 1, 2))))
        return Rule(f"rule {number}", effects, every, tuple(self.condition() for _ in range(self.one((0, 0, 1, 2)))))


def case(seed: int, tickets: int = 1) -> Case:
    draw = _Draw(seed)
    now = NOW if draw.yes(0.8) else draw.moment()
    return Case(
        tuple(draw.ticket(number) for number in range(1, tickets + 1)),
        draw.staff(),
        Moment(now, tuple(draw.now(number) for number in draw.some(range(1, 10), 0.9))),
        Policy(draw.chance.randint(0, 5), tuple(draw.rule(number) for number in range(draw.chance.randint(0, 5)))),
        draw.agent(99),
        draw.now(99),
    )


seeds = st.integers(0, 2**32)
cases = seeds.map(case)
streams = seeds.map(lambda seed: case(seed, tickets=15))
