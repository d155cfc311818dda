"""API tokens: 256 random bits with a recognisable beginning, stored as SHA-256, shown once.

A token acts as an agent, within that agent's rights and its own scopes, or for one site (a site's own server that posts
reactions). Scanners for leaked secrets find `wk_` followed by 43 letters.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from app.errors import Fault, Invalid, NotFound
from app.identity import audit, sessions
from app.identity.principal import Principal
from app.models import Agent, ApiToken, Site
from app.storage.rows import rows
from app.vocabulary import Role, Scope

PREFIX = "wk_"
_SCOPES = {scope.value: scope for scope in Scope}  # a scope that this version does not know gives nothing


@dataclass(frozen=True, slots=True)
class Issued:
    """`token` is shown once and kept nowhere."""

    id: int
    token: str


def issue(
    session: Session,
    name: str,
    scopes: Collection[Scope],
    *,
    agent_id: int | None = None,
    site_id: int | None = None,
    expires_at: datetime | None = None,
    by: Principal | None = None,
) -> Issued:
    """A new token that acts as an agent or for a site: exactly one of the two, with at least one scope."""
    faults = _faults(scopes, agent_id, site_id)
    if faults:
        raise Invalid("token", "Correct what the token is for.", faults)
    token = PREFIX + secrets.token_urlsafe(32)
    values = {
        "hash": sessions.digest(token),
        "name": name,
        "scopes": sorted(scopes),
        "agent_id": agent_id,
        "site_id": site_id,
        "expires_at": expires_at,
    }
    made = session.execute(insert(ApiToken).values(values).returning(ApiToken.id)).scalar_one()
    audit.record(session, "token.issued", by=by, on=("api_token", made), scopes=sorted(scopes))
    return Issued(made, token)


def find(session: Session, token: str) -> sessions.Known | None:
    """Who this token is, with the agent's teams, in one statement; None when unknown, expired, revoked or disabled."""
    if not token.startswith(PREFIX):
        return None
    found = rows(session, _FIND, {"digest": sessions.digest(token)})
    if not found:
        return None
    *person, token_id, named, site_id, site_name, due = found[0]
    scopes = frozenset(_SCOPES[name] for name in named if name in _SCOPES)
    if site_id is not None:
        return sessions.Known(
            Principal(None, site_name, Role.AGENT, scopes=scopes, token_id=token_id, site_id=site_id), due
        )
    return sessions.Known(sessions.principal_of(person, scopes, token_id), due)


def touch(session: Session, token_id: int) -> None:
    """Write that a token was used; called when `find` says that it is due."""
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(used_at=func.now()))


def revoke(session: Session, token_id: int, *, by: Principal | None = None) -> None:
    """End a token for good. Raises `NotFound`; once revoked, again changes nothing."""
    revoked = func.coalesce(ApiToken.revoked_at, func.now())
    query = update(ApiToken).where(ApiToken.id == token_id).values(revoked_at=revoked).returning(ApiToken.id)
    if session.execute(query).first() is None:
        raise NotFound("token", "There is no such token.")
    audit.record(session, "token.revoked", by=by, on=("api_token", token_id))


def list_all(session: Session) -> list[Row[Any]]:
    """Every token without its secret, newest first."""
    columns = (
        ApiToken.id, ApiToken.name, ApiToken.scopes, ApiToken.agent_id, ApiToken.site_id,
        ApiToken.created_at, ApiToken.expires_at, ApiToken.revoked_at, ApiToken.used_at,
    )  # fmt: skip
    return list(session.execute(select(*columns).order_by(ApiToken.id.desc())))


def _faults(scopes: Collection[Scope], agent_id: int | None, site_id: int | None) -> list[Fault]:
    faults = [] if scopes else [Fault("scopes", "missing", f"Name at least one of: {', '.join(Scope)}.")]
    if (agent_id is None) == (site_id is None):
        faults.append(Fault("agentId", "one_of", "Name the agent that the token acts as, or the site it is for."))
    if site_id is not None and set(scopes) - {Scope.REACTIONS_CREATE}:
        faults.append(Fault("scopes", "site", f"A site's token can have {Scope.REACTIONS_CREATE} only."))
    return faults


def _find() -> Select[Any]:
    alive = or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > func.now())
    known = or_(Agent.active, Site.active)
    return (
        select(
            *sessions.PERSON,
            ApiToken.id,
            ApiToken.scopes,
            ApiToken.site_id,
            Site.name,
            func.coalesce(ApiToken.used_at < func.now() - sessions.RENEW_AFTER, True),
        )
        .select_from(ApiToken)
        .outerjoin(Agent, Agent.id == ApiToken.agent_id)
        .outerjoin(Site, Site.id == ApiToken.site_id)
        .where(ApiToken.hash == bindparam("digest"), ApiToken.revoked_at.is_(None), alive, known)
    )


_FIND = _find()
