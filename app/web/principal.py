"""Who asks: the agent behind the session's cookie (desk), or the program behind a bearer token (API).

The API takes tokens only and the desk takes cookies only, so a page on another website can never make a colleague's browser
call the API.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app import log
from app.identity import sessions, tokens
from app.identity.principal import Principal
from app.vocabulary import Scope
from app.web import cookie, throttle
from app.web.state import state_of
from app.web.transaction import Transaction


class SignInNeeded(Exception):
    """Nobody is signed in here, or no longer: the desk leads to the sign-in page, the API says 401."""


def current_agent(request: Request, session: Transaction) -> Principal:
    """The agent at the desk; raises `SignInNeeded`. Notes at most once a minute that the session was used."""
    token, state = cookie.read(request), state_of(request)
    known = sessions.find(session, token, state.settings.session_idle_minutes) if token else None
    if token is None or known is None:
        raise SignInNeeded
    # An open page that keeps itself up to date is nobody at the desk.
    if known.due and request.headers.get("x-refresh") != "live":
        with state.database.unit_of_work() as apart:
            sessions.renew(apart, token)
    request.state.language, request.state.session_ends = known.principal.language, known.ends
    return known.principal


scheme = HTTPBearer(scheme_name="token", description="An API token: `weerklank token create`.", auto_error=False)


def bearer(scope: Scope | None) -> Callable[..., Principal]:
    """A dependency: the principal of the request's token, which must have `scope`, if one is asked for."""

    def program(
        request: Request,
        session: Transaction,
        given: Annotated[HTTPAuthorizationCredentials | None, Depends(scheme)],
    ) -> Principal:
        known = tokens.find(session, given.credentials) if given else None
        if known is None or known.principal.token_id is None:
            raise refused(request) if given is not None else SignInNeeded
        if known.due:
            with state_of(request).database.unit_of_work() as apart:
                tokens.touch(apart, known.principal.token_id)
        if scope is not None:
            known.principal.requires(scope)
        return known.principal

    return program


def refused(request: Request) -> SignInNeeded:
    """What to raise for a token that is none of ours; counted, and after many of them from one address 429 instead."""
    log.trouble("token.refused")
    throttle.count(request, "wrong token", throttle.WRONG_TOKENS_AN_HOUR)
    return SignInNeeded()


CurrentAgent = Annotated[Principal, Depends(current_agent)]
