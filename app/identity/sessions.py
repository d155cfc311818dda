"""Sessions of people at the desk: made at sign-in, looked up at every request, ended by hand, by silence or by age.

The cookie carries 256 random bits; the database only their SHA-256, so that a stolen database opens no session. Nothing is
kept in the cookie itself: ending a session on the server ends it everywhere at once.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    CursorResult,
    Interval,
    ScalarSelect,
    Select,
    bindparam,
    cast,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.identity.principal import Principal
from app.models import Agent, TeamMember
from app.models import Session as SessionRow
from app.storage.rows import rows
from app.vocabulary import Scope

ALL_SCOPES = frozenset(Scope)
RENEW_AFTER = timedelta(minutes=1)  # `seen_at` is written at most so often: a page view is not worth a write


@dataclass(frozen=True, slots=True)
class Known:
    """A live session: whose, whether its last-seen stamp is due to be written, and when it ends whatever happens
    (a token's has no end of its own).
    """

    principal: Principal
    due: bool
    ends: datetime | None = None


def digest(token: str) -> str:
    """What is stored of a cookie's or an API token's value."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def start(session: Session, agent_id: int, hours: int) -> str:
    """A new session; returns the cookie's value, which exists nowhere else. It ends after `hours` in any case."""
    token = secrets.token_urlsafe(32)
    values = {
        "id": digest(token),
        "agent_id": agent_id,
        "seen_at": func.now(),
        "expires_at": func.now() + timedelta(hours=hours),
    }
    session.execute(insert(SessionRow).values(values))
    return token


def find(session: Session, token: str, idle_minutes: int) -> Known | None:
    """Who this cookie belongs to, with their teams, in one statement; None when it has ended or never was."""
    found = rows(session, _FIND, {"digest": digest(token), "idle": timedelta(minutes=idle_minutes)})
    if not found:
        return None
    *person, due, ends = found[0]
    return Known(principal_of(person, ALL_SCOPES), due, ends)


def renew(session: Session, token: str) -> None:
    """Write that the session was used just now."""
    session.execute(update(SessionRow).where(SessionRow.id == digest(token)).values(seen_at=func.now()))


def end(session: Session, token: str) -> bool:
    """Sign out; whether there was something to end."""
    return _deleted(session.execute(delete(SessionRow).where(SessionRow.id == digest(token))))


def end_all(session: Session, agent_id: int) -> None:
    """End every session of somebody: their password changed, or they may no longer sign in."""
    session.execute(delete(SessionRow).where(SessionRow.agent_id == agent_id))


def prune(session: Session, idle_minutes: int) -> None:
    """Remove what has ended by itself."""
    silent = SessionRow.seen_at < func.now() - timedelta(minutes=idle_minutes)
    session.execute(delete(SessionRow).where((SessionRow.expires_at < func.now()) | silent))


def teams(*, led: bool) -> ScalarSelect[Any]:
    """A subquery for a statement over `Agent`: the ids of their teams, or of those they lead."""
    gathered = func.coalesce(func.array_agg(TeamMember.team_id), cast([], ARRAY(BigInteger)))
    ids = select(gathered).where(TeamMember.agent_id == Agent.id)
    return (ids.where(TeamMember.lead) if led else ids).correlate(Agent).scalar_subquery()


PERSON = (
    Agent.id, Agent.name, Agent.role, Agent.language, Agent.preferences,
    teams(led=False).label("team_ids"), teams(led=True).label("led_team_ids"),
)  # fmt: skip


def principal_of(person: Sequence[Any], scopes: frozenset[Scope], token_id: int | None = None) -> Principal:
    """The principal in the columns of `PERSON`."""
    agent_id, name, role, language, preferences, team_ids, led_team_ids = person
    return Principal(
        agent_id=agent_id,
        name=name,
        role=role,
        language=language,
        team_ids=frozenset(team_ids),
        led_team_ids=frozenset(led_team_ids),
        scopes=scopes,
        token_id=token_id,
        preferences=preferences,
    )


def _find() -> Select[Any]:
    due = SessionRow.seen_at < func.now() - RENEW_AFTER
    return (
        select(*PERSON, due, SessionRow.expires_at)
        .select_from(SessionRow)
        .join(Agent, Agent.id == SessionRow.agent_id)
        .where(SessionRow.id == bindparam("digest"), SessionRow.expires_at > func.now(), Agent.active)
        .where(SessionRow.seen_at > func.now() - bindparam("idle", type_=Interval()))
    )


def _deleted(result: Any) -> bool:
    return isinstance(result, CursorResult) and result.rowcount > 0


_FIND = _find()
