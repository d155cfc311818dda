"""Making and changing who works here: organisations, agents, teams and who belongs to them.

Used by `weerklank admin create`, the demo and the API; every change is written to the audit log.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Fault, Invalid, NotFound
from app.identity import audit, sessions
from app.identity.passwords import Passwords
from app.identity.principal import Principal
from app.identity.unique import unique
from app.models import Agent, Organisation, Team, TeamMember
from app.vocabulary import Role


def create_organisation(session: Session, name: str, *, by: Principal | None = None, **columns: Any) -> int:
    """A new organisation, ours or a partner; returns its id. Raises `Conflict` when the name is taken."""
    return _insert(session, Organisation, {"name": name, **columns}, by)


def own_organisation(session: Session) -> int | None:
    """The id of the organisation that runs this installation, when there is one."""
    return session.scalar(select(Organisation.id).where(~Organisation.partner).order_by(Organisation.id).limit(1))


def create_agent(
    session: Session,
    passwords: Passwords,
    *,
    organisation_id: int,
    email: str,
    name: str,
    role: Role = Role.AGENT,
    password: str | None = None,
    by: Principal | None = None,
    **columns: Any,
) -> int:
    """A new agent; without a password they cannot sign in by one. Raises `Invalid` or `Conflict` (e-mail taken)."""
    values = {
        "organisation_id": organisation_id,
        "email": address(email),
        "name": name,
        "role": role,
        "password_hash": passwords.hash(password) if password is not None else "",
        **columns,
    }
    return _insert(session, Agent, values, by)


def change_agent(session: Session, agent_id: int, values: Mapping[str, Any], *, by: Principal | None = None) -> None:
    """Set columns of an agent. Who may no longer sign in is signed out everywhere at once. Raises `NotFound`."""
    query = update(Agent).where(Agent.id == agent_id).values(dict(values)).returning(Agent.id)
    if unique(session, query) is None:
        raise NotFound("agent", "There is no such agent.")
    if values.get("active") is False:
        sessions.end_all(session, agent_id)
    audit.record(session, "agent.changed", by=by, on=("agent", agent_id), columns=sorted(values))


def set_password(
    session: Session, passwords: Passwords, agent_id: int, password: str, *, by: Principal | None = None
) -> None:
    """Give an agent a password, and end their sessions. Raises `NotFound`, `Invalid`."""
    change_agent(session, agent_id, {"password_hash": passwords.hash(password)}, by=by)
    sessions.end_all(session, agent_id)


def create_team(
    session: Session, *, organisation_id: int, name: str, by: Principal | None = None, **columns: Any
) -> int:
    """A new team; returns its id. Raises `Conflict` when the name is taken."""
    return _insert(session, Team, {"organisation_id": organisation_id, "name": name, **columns}, by)


def change_team(session: Session, team_id: int, values: Mapping[str, Any], *, by: Principal | None = None) -> None:
    """Set columns of a team. Raises `NotFound`, or `Conflict` when the name is taken."""
    query = update(Team).where(Team.id == team_id).values(dict(values)).returning(Team.id)
    if unique(session, query) is None:
        raise NotFound("team", "There is no such team.")
    audit.record(session, "team.changed", by=by, on=("team", team_id), columns=sorted(values))


def add_member(
    session: Session, team_id: int, agent_id: int, *, lead: bool = False, by: Principal | None = None
) -> None:
    """Put an agent in a team, or change whether they lead it."""
    row = upsert(TeamMember).values(team_id=team_id, agent_id=agent_id, lead=lead)
    try:
        with session.begin_nested():
            session.execute(row.on_conflict_do_update(index_elements=["team_id", "agent_id"], set_={"lead": lead}))
    except IntegrityError:
        raise NotFound("team_member", "There is no such team, or no such agent.") from None
    audit.record(session, "team.member_added", by=by, on=("team", team_id), member=agent_id, lead=lead)


def remove_member(session: Session, team_id: int, agent_id: int, *, by: Principal | None = None) -> None:
    """Take an agent out of a team. Raises `NotFound`."""
    gone = delete(TeamMember).where(TeamMember.team_id == team_id, TeamMember.agent_id == agent_id)
    if session.execute(gone.returning(TeamMember.team_id)).first() is None:
        raise NotFound("team_member", "This agent is not in this team.")
    audit.record(session, "team.member_removed", by=by, on=("team", team_id), member=agent_id)


def address(email: str) -> str:
    """An agent's e-mail as stored: lower case. Raises `Invalid` when it cannot be one."""
    folded = email.strip().lower()
    local, at, domain = folded.rpartition("@")
    if not (local and at and "." in domain) or any(c.isspace() for c in folded):
        fix = "Give an e-mail address such as naam@voorbeeldstad.example."
        raise Invalid("email", fix, [Fault("email", "email", fix)])
    return folded


def _insert(session: Session, table: Any, values: Mapping[str, Any], by: Principal | None) -> int:
    made = int(unique(session, insert(table).values(dict(values)).returning(table.id)))
    audit.record(session, f"{table.__tablename__}.created", by=by, on=(table.__tablename__, made))
    return made
