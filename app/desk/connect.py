"""Connecting an account by consent in a browser (OAuth): there and back again.

The way: a form here asks for it, a page here says where the administrator is going, the service asks for consent, and its
answer comes back to one address of ours. What must be remembered in between (the state, a PKCE verifier, a request token's
secret) travels sealed in a cookie of this browser, so an answer that somebody else provoked finds nothing to fit.

Why a page with a link instead of a redirect: browsers hold redirects of a posted form to the page's own `form-action`, which
is this site alone; and whoever gives rights away should see to whom.
"""

import hmac
import json
import secrets
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy.orm import Session
from starlette.responses import Response

from app import log
from app.accounts.change import update_account
from app.accounts.connection import connected_fields, disconnected
from app.accounts.directory import AccountRow, read_row
from app.channels.contract import ChannelError, Connects, Revokes
from app.desk.frame import Notice, go, show
from app.desk.posted import must_manage
from app.desk.refusals import said
from app.errors import Conflict, DomainError, Invalid
from app.identity.principal import Principal
from app.web.i18n import _
from app.web.principal import CurrentAgent
from app.web.state import State, state_of
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk", include_in_schema=False)
COOKIE = "weerklank-connect"
PATIENCE = 900
"""Seconds in which the consent must come back."""


@router.post("/accounts/{account_id}/connect")
def begin(request: Request, session: Transaction, me: CurrentAgent, account_id: int) -> Response:
    """Ask the service where consent is given, and show the way there."""
    must_manage(me, admin=True)
    state, row = state_of(request), read_row(session, account_id)
    nonce = secrets.token_urlsafe(24)
    session.rollback()  # whoever asks was looked up in it; no transaction is open while the service is asked
    try:
        consent = _channel(state, row).consent(_home(state), nonce)
    except ChannelError as error:
        return _refused(request, session, me, row, error)
    kept = {"account": row.id, "agent": me.agent_id, "state": nonce, "keep": dict(consent.keep)}
    context = {"row": row, "url": consent.url, "host": urlsplit(consent.url).hostname or ""}
    response = show(request, session, me, "connect.html", context)
    sealed = state.keys.fernet.encrypt(json.dumps(kept).encode()).decode()
    response.set_cookie(
        COOKIE,
        sealed,
        max_age=PATIENCE,
        path="/desk/connect",
        secure=state.settings.secure,
        httponly=True,
        samesite="lax",
    )
    return response


@router.get("/connect")
def come_back(request: Request, session: Transaction, me: CurrentAgent) -> Response:
    """The service's answer. A GET that stores something, since OAuth has no other way; the state stands in for our form.

    Raises `Conflict` when it does not belong to a consent that this browser asked for.
    """
    must_manage(me, admin=True)
    state, query = state_of(request), dict(request.query_params)
    account_id, keep = _remembered(state, request, me, query)
    row = read_row(session, account_id)
    session.rollback()
    try:
        settings = _channel(state, row).connected(_home(state), query, keep)
    except ChannelError as error:
        return _refused(request, session, me, row, error)
    with state.database.unit_of_work() as apart:
        update_account(apart, state.keys, row.id, settings=settings, by=me.agent_id)
    response = go(f"/desk/accounts/{row.id}", "connected")
    response.delete_cookie(COOKIE, path="/desk/connect")
    return response


@router.post("/accounts/{account_id}/disconnect")
def disconnect(request: Request, session: Transaction, me: CurrentAgent, account_id: int) -> Response:
    """Forget the rights that consent gave, and end them at the service where it can be told to; what came and went stays."""
    must_manage(me, admin=True)
    state, row = state_of(request), read_row(session, account_id)
    session.rollback()
    ended = _given_back(state, row)
    settings = disconnected(state.accounts.settings(row.id, row.kind))
    update_account(session, state.keys, row.id, settings=settings, by=me.agent_id)
    return go(f"/desk/accounts/{row.id}", "disconnected" if ended else "disconnected_here")


def _given_back(state: State, row: AccountRow) -> bool:
    """Whether the service ended the rights. Disconnecting goes on without: a service that is away must not hold it up."""
    try:
        channel = state.accounts.channel_of(row)
        if not isinstance(channel, Revokes):
            return False
        channel.revoke()
    except (ChannelError, DomainError) as error:
        log.trouble("account.rights_not_ended", account=row.id, reason=getattr(error, "code", ""))
        return False
    return True


def connection(state: State, kind: str, settings: BaseModel | None) -> str:
    """Whether an account of this kind is connected by consent: `no`, `yes`, or empty for kinds that are not."""
    if "Connects" not in state.accounts.capabilities(kind):
        return ""
    if settings is None:
        return "no"
    plain = disconnected(settings)
    filled = any(getattr(settings, name) != getattr(plain, name) for name in connected_fields(type(settings)))
    return "yes" if filled else "no"


def _refused(request: Request, session: Session, me: Principal, row: AccountRow, error: ChannelError) -> Response:
    """The page that says what the service answered; nothing is stored."""
    notice = Notice(said(me.language, error.detail), "bad")
    return show(request, session, me, "connect.html", {"row": row, "url": ""}, status=400, notices=[notice])


def _channel(state: State, row: AccountRow) -> Connects:
    channel = state.accounts.channel_of(row)
    if not isinstance(channel, Connects):
        raise Invalid("no_consent", _("This kind of account is not connected in a browser: fill in its settings."))
    return channel


def _home(state: State) -> str:
    return f"{state.settings.base_url}/desk/connect"


def _remembered(state: State, request: Request, me: Principal, query: dict[str, str]) -> tuple[int, dict[str, str]]:
    other = Conflict("consent", _("This answer does not belong to a connection that you began here. Begin again."))
    try:
        opened = state.keys.fernet.decrypt(request.cookies.get(COOKIE, "").encode(), ttl=PATIENCE)
    except InvalidToken:
        raise other from None
    kept = json.loads(opened)
    # OAuth 1.0a has no state of its own: there the request token, which the channel compares, does its work.
    asked = query.get("state", kept["state"] if "oauth_token" in query else "")
    if kept["agent"] != me.agent_id or not hmac.compare_digest(asked.encode(), str(kept["state"]).encode()):
        raise other
    return int(kept["account"]), dict(kept["keep"])
