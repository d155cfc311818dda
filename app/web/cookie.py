"""The session's cookie: where it is, and how it is set.

`__Host-` makes browsers refuse it from a subdomain or over http; it needs https, so an installation that is tried out on
http has the plain name. SameSite=Lax keeps it from foreign posts; `csrf.py` checks again.
"""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from app.settings import Settings
from app.web.state import state_of


def name(settings: Settings) -> str:
    """The cookie's name under these settings."""
    return "__Host-weerklank" if settings.secure else "weerklank"


def read(request: HTTPConnection) -> str | None:
    """The session token that came along, if any."""
    return request.cookies.get(name(state_of(request).settings))


def give(response: Response, settings: Settings, token: str) -> None:
    """Have the browser keep the token until it is closed; the server ends the session sooner."""
    response.set_cookie(name(settings), token, path="/", secure=settings.secure, httponly=True, samesite="lax")


def take_back(response: Response, settings: Settings) -> None:
    """Have the browser forget it."""
    response.delete_cookie(name(settings), path="/", secure=settings.secure, httponly=True, samesite="lax")
