"""An installation of a given size to measure in: staff, rules, a mailbox, and as many old tickets as wanted.

Old tickets are made by a few statements of PostgreSQL, since a benchmark that takes an hour to prepare is run by nobody; they
have everything that real ones have: raw items, contacts, messages with search words, decisions, events.
"""

import os
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from app.accounts.change import create as create_account
from app.assignment import policies
from app.assignment.route import Router
from app.identity import staff
from app.identity.passwords import passwords
from app.identity.principal import SYSTEM
from app.models import Agent, Team, TeamMember, Theme
from app.settings import Settings
from app.storage import migrate
from app.storage.embedded import Embedded
from app.system import System, open_system
from app.vocabulary import Presence, TeamMode

EMAIL = "bench@voorbeeldstad.example"
PASSWORD = "meten-is-weten-2026"  # noqa: S105  (of a database that is gone when the bench ends)
TEAMS, RULES = 20, 40
HISTORY = Path(__file__).with_name("history.sql")


@contextmanager
def office(settings: Settings, *, agents: int = 500) -> Iterator[System]:
    """A system over a database of its own (embedded, durable as in use), gone afterwards."""
    # What an earlier one left to be written must not make this one wait for the disk.
    os.sync()
    with TemporaryDirectory(prefix="weerklank-bench-") as folder:
        embedded = Embedded.start(Path(folder))
        try:
            own = settings.model_copy(
                update={"data": Path(folder), "database_url": SecretStr(embedded.url), "password_cost": "low"}
            )
            with open_system(own, name="weerklank bench") as system:
                migrate.upgrade(system.database)
                with system.database.unit_of_work() as session:
                    _staff(session, system, agents)
                yield system
        finally:
            embedded.stop()


def with_history(system: System, tickets: int) -> None:
    """Add old tickets, then tell the planner (without ANALYZE a bulk load is planned as if it were empty)."""
    with system.database.unit_of_work() as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))
        account = session.scalars(text("SELECT min(id) FROM account")).one()
        mark = str(session.scalars(text("SELECT count(*) FROM ticket")).one())
        for statement in HISTORY.read_text().split(";\n"):
            if statement.strip():
                session.execute(text(statement), {"tickets": tickets, "account": account, "mark": mark})
    with system.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def route_all(system: System) -> int:
    """Route what waits; gives how many."""
    router, done = Router(system.database), 0
    while found := router.route_waiting():
        done += found
    return done


def _staff(session: Session, system: System, agents: int) -> None:
    organisation = staff.create_organisation(session, "Gemeente Voorbeeldstad")
    teams = _teams(session, organisation)
    themes = _themes(session, teams)
    _people(session, system, organisation, agents, teams)
    _rules(session, themes)
    settings = system.accounts.kind("mail").settings(
        address="post@voorbeeldstad.example", smtp_host="127.0.0.1", smtp_security="none"
    )
    create_account(
        session, system.keys, organisation_id=organisation, kind="mail", name="Post", settings=settings,
        theme_id=themes[0],
    )  # fmt: skip


def _teams(session: Session, organisation: int) -> list[int]:
    rows = [
        {"organisation_id": organisation, "name": f"Team {n}", "mode": TeamMode.NEXT if n % 2 else TeamMode.PUSH,
         "fallback": n == 0}
        for n in range(TEAMS)
    ]  # fmt: skip
    return list(session.scalars(insert(Team).returning(Team.id, sort_by_parameter_order=True), rows))


def _themes(session: Session, teams: Sequence[int]) -> list[int]:
    rows = [
        {"key": f"thema-{n}", "name_nl": f"Thema {n}", "name_en": f"Theme {n}", "team_id": team}
        for n, team in enumerate(teams)
    ]
    return list(session.scalars(insert(Theme).returning(Theme.id, sort_by_parameter_order=True), rows))


def _people(session: Session, system: System, organisation: int, agents: int, teams: Sequence[int]) -> None:
    """The first of them signs in, and is in every team."""
    hashed = passwords(system.settings.password_cost).hash(PASSWORD)
    first = {"email": EMAIL, "password_hash": hashed}
    people = [
        {"organisation_id": organisation, "name": f"Medewerker {n}", "email": f"m{n}@voorbeeldstad.example",
         "presence": Presence.AVAILABLE, "languages": ["nl", "en"] if n % 3 else ["nl"], "password_hash": "",
         **(first if n == 0 else {})}
        for n in range(agents)
    ]  # fmt: skip
    ids = list(session.scalars(insert(Agent).returning(Agent.id, sort_by_parameter_order=True), people))
    members = [{"team_id": teams[n % TEAMS], "agent_id": agent} for n, agent in enumerate(ids)]
    members += [{"team_id": team, "agent_id": ids[0]} for team in teams[1:]]
    session.execute(insert(TeamMember), members)


def _rules(session: Session, themes: Sequence[int]) -> None:
    """Of every four one looks for a word that mails do have."""
    chance = random.Random(7)
    words = ["boom", "lantaarn", "stoep", "afval", "parkeren", "vergunning", "water", "speeltuin", "geluid", "fietspad"]
    rules = [
        {"name": f"Regel {n}", "all": [{"field": "text", "in": [chance.choice(words) + (f"{n}" if n % 4 else "")]}],
         "then": {"theme": chance.choice(themes)}}
        for n in range(RULES)
    ]  # fmt: skip
    policies.put_in_force(session, SYSTEM, policies.draft(session, SYSTEM, rules))


def team_ids(system: System) -> list[int]:
    """The teams, by id."""
    with system.database.read_only() as session:
        return list(session.scalars(select(Team.id).order_by(Team.id)))
