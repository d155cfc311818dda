"""A small municipality whose tickets are routed: two themes, a team that is pushed to and one that takes the next."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from app.assignment import policies
from app.assignment.route import Router
from app.identity.mandates import as_agent
from app.identity.principal import SYSTEM, Principal
from app.models import (
    Account,
    Agent,
    Contact,
    Decision,
    Message,
    Organisation,
    Team,
    TeamMember,
    Theme,
    Ticket,
)
from app.storage.database import Database
from app.vocabulary import MessageKind, Presence, TeamMode, TicketStatus

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass
class Town:
    """Ids by short names, and short words for what a test does."""

    database: Database
    router: Router
    organisation: int = 0
    account: int = 0
    teams: dict[str, int] = field(default_factory=dict)
    agents: dict[str, int] = field(default_factory=dict)
    themes: dict[str, int] = field(default_factory=dict)

    def ticket(self, text_: str = "Er ligt afval.", **columns: Any) -> int:
        with self.database.unit_of_work() as session:
            values = {"account_id": self.account, "received_at": AT, "due_at": AT, "language": "nl", **columns}
            ticket: int = session.execute(insert(Ticket).values(values).returning(Ticket.id)).scalar_one()
            said = {"ticket_id": ticket, "account_id": self.account, "kind": MessageKind.REACTION, "text": text_}
            session.execute(insert(Message).values(said))
            return ticket

    def agent(self, name: str, team: str, **columns: Any) -> int:
        with self.database.unit_of_work() as session:
            values = {
                "organisation_id": self.organisation, "email": f"{name}@voorbeeldstad.example", "name": name,
                "presence": Presence.AVAILABLE, **columns,
            }  # fmt: skip
            made: int = session.execute(insert(Agent).values(values).returning(Agent.id)).scalar_one()
            session.execute(insert(TeamMember).values(team_id=self.teams[team], agent_id=made))
        self.agents[name] = made
        return made

    def change(self, model: Any, row_id: int, **columns: Any) -> None:
        with self.database.unit_of_work() as session:
            session.execute(update(model).where(model.id == row_id).values(columns))

    def rules(self, *rules: dict[str, Any]) -> None:
        with self.database.unit_of_work() as session:
            policies.put_in_force(session, SYSTEM, policies.draft(session, SYSTEM, rules))

    def route(self) -> int:
        done = 0
        while found := self.router.route_waiting():
            done += found
        return done

    def row(self, ticket_id: int) -> Ticket:
        with self.database.read_only() as session:
            return session.get_one(Ticket, ticket_id)

    def owner(self, ticket_id: int) -> str | None:
        names = {number: name for name, number in self.agents.items()}
        agent = self.row(ticket_id).agent_id
        return names[agent] if agent is not None else None

    def trace(self, ticket_id: int) -> list[tuple[str, str]]:
        with self.database.read_only() as session:
            steps: Any = session.scalars(
                select(Decision.trace).where(Decision.ticket_id == ticket_id).order_by(Decision.id.desc())
            ).first()
        return [(step["check"], step["outcome"]) for step in steps]

    def events(self, ticket_id: int) -> list[str]:
        query = text("SELECT type FROM ticket_event WHERE ticket_id = :id ORDER BY id")
        with self.database.read_only() as session:
            return list(session.scalars(query, {"id": ticket_id}))

    def solve(self, ticket_id: int) -> None:
        self.change(Ticket, ticket_id, status=TicketStatus.SOLVED)

    def principal(self, session: Session, name: str) -> Principal:
        return as_agent(session, self.agents[name])


@pytest.fixture
def town(database: Database) -> Town:
    made = Town(database, Router(database))
    with database.unit_of_work() as session:
        names = {"partner": False, "website": "", "signature_nl": "", "signature_en": ""}
        made.organisation = session.execute(
            insert(Organisation).values(name="Voorbeeldstad", **names).returning(Organisation.id)
        ).scalar_one()
        for key, mode in (("afval", TeamMode.PUSH), ("groen", TeamMode.NEXT)):
            team = {
                "organisation_id": made.organisation, "name": key, "mode": mode, "push_limit": 2,
                "hours": {}, "answer_hours": {"normal": 8}, "fallback": key == "groen",
            }  # fmt: skip
            made.teams[key] = session.execute(insert(Team).values(team).returning(Team.id)).scalar_one()
            theme = {"key": key, "name_nl": key, "name_en": key, "team_id": made.teams[key]}
            made.themes[key] = session.execute(insert(Theme).values(theme).returning(Theme.id)).scalar_one()
        account = {
            "organisation_id": made.organisation, "kind": "mail", "name": "Post", "settings": b"", "public_key": "k",
            "theme_id": made.themes["afval"],
        }  # fmt: skip
        made.account = session.execute(insert(Account).values(account).returning(Account.id)).scalar_one()
        session.execute(insert(Contact).values(name="Bewoner"))
    made.agent("anna", "afval")
    made.agent("bert", "afval")
    made.agent("gerda", "groen")
    return made
