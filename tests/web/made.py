"""An application and the people in it, for tests of the web, the API, the desk and the citizens' pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.directory import Accounts
from app.channels.contract import Kind
from app.identity import sessions, staff, tokens
from app.identity.passwords import passwords
from app.models import Organisation
from app.settings import Settings
from app.storage.blobs import blob_store
from app.storage.database import Database
from app.storage.keys import Keys
from app.vocabulary import Role, Scope
from app.web import cookie
from app.web.state import State
from app.web.stream import Hub

PASSWORD = "een goed geheim van niemand"


def state(database: Database, settings: Settings, keys: Keys, kinds: Mapping[str, Kind] | None = None) -> State:
    """A state over `database`; its hub is not started."""
    accounts = Accounts(database, keys, kinds or {}, settings.base_url)
    return State(settings, database, keys, accounts, blob_store(settings), Hub(database, sweep_seconds=1))


@dataclass(frozen=True)
class Person:
    """An agent with a session and a token of every scope."""

    id: int
    email: str
    cookie: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """For the API."""
        return {"Authorization": f"Bearer {self.token}"}

    def at(self, client: TestClient, settings: Settings) -> TestClient:
        """The same client, signed in as this person, as a browser on our own pages."""
        client.cookies.set(cookie.name(settings), self.cookie)
        client.headers["Sec-Fetch-Site"] = "same-origin"
        return client


def organisation(session: Session) -> int:
    """Our own organisation, made when there is none."""
    found = session.scalar(select(Organisation.id).where(~Organisation.partner))
    return found or staff.create_organisation(session, "Gemeente Voorbeeldstad")


def person(
    session: Session,
    name: str,
    role: Role = Role.AGENT,
    *,
    team_id: int | None = None,
    lead: bool = False,
    scopes: Iterable[Scope] = tuple(Scope),
) -> Person:
    """An agent who is signed in; in a team when one is given."""
    email = f"{name.lower().replace(' ', '.')}@voorbeeldstad.example"
    agent = staff.create_agent(
        session,
        passwords("low"),
        organisation_id=organisation(session),
        email=email,
        name=name,
        role=role,
        password=PASSWORD,
    )
    if team_id is not None:
        staff.add_member(session, team_id, agent, lead=lead)
    issued = tokens.issue(session, f"{name}'s program", list(scopes), agent_id=agent)
    return Person(agent, email, sessions.start(session, agent, 12), issued.token)


def team(session: Session, name: str) -> int:
    """A team of our organisation."""
    return staff.create_team(session, organisation_id=organisation(session), name=name)
