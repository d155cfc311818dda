"""Access tokens: which programs may call, until when, with which rights. A token is shown once, when it is made."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from app.api.asked import Number, StaffRead, StaffWrite, Whoever, administrator
from app.api.resource import Resource
from app.identity import tokens
from app.models import ApiToken
from app.vocabulary import Role, Scope
from app.web import etag
from app.web.etag import IfMatch
from app.web.idempotency import Made
from app.web.strict import Given, Id, Moment, Told
from app.web.transaction import Transaction

router = APIRouter(prefix="/access-tokens", tags=["access tokens"])


class AccessToken(Told):
    """A token without its secret."""

    id: int
    name: str
    scopes: list[str]
    agent_id: int | None
    site_id: int | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None


class CurrentToken(Told):
    """`name` is the agent's, or the site's; `role` is null for a site."""

    id: int | None
    name: str
    scopes: list[Scope]
    agent_id: int | None
    site_id: int | None
    role: Role | None
    team_ids: list[int]


class NewAccessToken(Given):
    """Acts as an agent, or for one site: exactly one of the two."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    scopes: Annotated[list[Scope], Field(max_length=len(Scope))]
    agent_id: Id | None = None
    site_id: Id | None = None
    expires_at: Moment | None = None


class IssuedAccessToken(Told):
    """`token` is told once and kept nowhere."""

    id: int
    token: str


_tokens = Resource(ApiToken, AccessToken, "token", "access-tokens")


@router.get("")
def list_tokens(session: Transaction, me: StaffRead) -> list[AccessToken]:
    """All tokens, newest first."""
    administrator(me)
    return [AccessToken.model_validate(row) for row in tokens.list_all(session)]


@router.get("/current")
def read_current(me: Whoever) -> CurrentToken:
    """The token that asks: whom it acts for and what it may do. Needs no scope."""
    return CurrentToken(
        id=me.token_id,
        name=me.name,
        scopes=sorted(me.scopes),
        agent_id=me.agent_id,
        site_id=me.site_id,
        role=me.role if me.agent_id is not None else None,
        team_ids=sorted(me.team_ids),
    )


@router.get("/{token}", response_model=AccessToken)
def read_token(token: Number, session: Transaction, me: StaffRead) -> Response:
    """One token."""
    administrator(me)
    found = _tokens.read(session, token)
    body = found.model_dump_json(by_alias=True)
    return Response(body, headers={"ETag": _tag(found)}, media_type="application/json")


@router.post("", status_code=201, response_model=IssuedAccessToken)
def issue_token(body: NewAccessToken, session: Transaction, me: StaffWrite) -> Response:
    """Make a token. No Idempotency-Key here: its answer would have to be kept, and it is a secret."""
    administrator(me)
    issued = tokens.issue(
        session,
        body.name,
        body.scopes,
        agent_id=body.agent_id,
        site_id=body.site_id,
        expires_at=body.expires_at,
        by=me,
    )
    return Made(IssuedAccessToken(id=issued.id, token=issued.token)).response()


@router.delete("/{token}", status_code=204)
def revoke_token(token: Number, session: Transaction, me: StaffWrite, if_match: IfMatch) -> None:
    """End a token at once and for good."""
    administrator(me)
    found = _tokens.read(session, token, lock=True)
    if if_match not in ("*", _tag(found)):
        raise etag.stale()
    tokens.revoke(session, token, by=me)


def _tag(token: AccessToken) -> str:
    """Using a token does not change it."""
    return etag.of(token.model_copy(update={"used_at": None}))
