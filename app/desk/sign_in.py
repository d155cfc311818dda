"""Signing in and out, the language, and staying signed in."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy import update
from starlette.responses import JSONResponse, Response

from app.desk.frame import go, plain
from app.identity import sessions, sign_in
from app.identity.passwords import passwords
from app.models import Agent
from app.settings import Settings
from app.vocabulary import Language
from app.web import cookie
from app.web.i18n import COOKIE, _, language_of, translated
from app.web.next_address import safe
from app.web.principal import CurrentAgent
from app.web.state import state_of
from app.web.templates import page
from app.web.text import Text
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk", include_in_schema=False)
YEAR = 365 * 24 * 3600
HOME = "/desk"

WRONG = _("The email address or the password is not right. Check both and try again.")
TOO_MANY = _("Too many attempts. Wait a quarter of an hour, then try again.")


@router.get("/sign-in")
def form(request: Request, next: str = HOME, ended: bool = False) -> Response:  # noqa: A002 (the address's own word)
    """The sign-in page."""
    return _page(request, safe(next, HOME), ended=ended)


@router.post("/sign-in")
def enter(
    request: Request,
    email: Annotated[Text, Form()] = "",
    password: Annotated[Text, Form()] = "",
    back: Annotated[Text, Form()] = HOME,
) -> Response:
    """Sign in with an e-mail address and a password; throttled per account and address."""
    state = state_of(request)
    remote = request.client.host if request.client else ""
    attempt = sign_in.Attempt(email[:320], password[:1000], remote)
    hasher = passwords(state.settings.password_cost)
    result = sign_in.sign_in(state.database, state.keys, hasher, attempt, state.settings.session_hours)
    if isinstance(result, sign_in.Refused):
        problem = TOO_MANY if result.retry_after else WRONG
        return _page(request, safe(back, HOME), email=email, problem=problem, status=429 if result.retry_after else 401)
    response = go(safe(back, HOME))
    cookie.give(response, state.settings, result.token)
    return response


@router.post("/sign-out")
def leave(request: Request, session: Transaction) -> Response:
    """End the session, here and on the server."""
    token = cookie.read(request)
    if token:
        sessions.end(session, token)
    response = go("/desk/sign-in")
    cookie.take_back(response, state_of(request).settings)
    return response


@router.post("/language")
def speak(
    request: Request,
    session: Transaction,
    language: Annotated[Language, Form()],
    back: Annotated[Text, Form()] = HOME,
) -> Response:
    """Change the language: the agent's own when signed in, and this browser's."""
    state, token = state_of(request), cookie.read(request)
    known = sessions.find(session, token, state.settings.session_idle_minutes) if token else None
    if known is not None:
        session.execute(update(Agent).where(Agent.id == known.principal.agent_id).values(language=language))
    response = go(safe(back, HOME))
    response.set_cookie(COOKIE, language, max_age=YEAR, path="/", samesite="lax", secure=state.settings.secure)
    return response


@router.post("/stay")
def stay(request: Request, me: CurrentAgent) -> Response:
    """Somebody is still here: `CurrentAgent` has noted it; says in how many milliseconds the session ends now."""
    return JSONResponse({"ends": _idle(state_of(request).settings), "agent": me.agent_id})


def _idle(settings: Settings) -> int:
    return settings.session_idle_minutes * 60_000


def _page(
    request: Request, back: str, *, email: str = "", problem: str = "", ended: bool = False, status: int = 200
) -> Response:
    language = language_of(request)
    said = translated(language, problem) if problem else ""
    context = {**plain(request, language), "back": back, "email": email, "problem": said, "ended": ended}
    return page(request, "desk/sign_in.html", context, status=status)
