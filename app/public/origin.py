"""Which other websites' pages may use a route, and how errors reach them (the CORS protocol of the Fetch standard).

A route of this class calls `allow` once it knows the site; from then on every answer, errors too, may be read by that site's
pages and no other's. A browser on another origin is refused here and not only kept from reading the answer.
"""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.responses import JSONResponse

from app.errors import Forbidden
from app.web import errors
from app.web.i18n import _
from app.web.problems import problem_of
from app.web.state import state_of

PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "content-type",
    "Access-Control-Max-Age": "600",
}


class CrossOriginRoute(APIRoute):
    """Adds the headers to whatever the route answers; a program hears of errors as problem+json."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler with ours round it."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                response = await handle(request)
            except Exception as error:  # noqa: BLE001  (answered as everywhere, only with the headers of this route)
                response = _answer(request, error)
            response.headers.append("Vary", "Origin")
            origin = getattr(request.state, "allowed_origin", "")
            if origin:
                response.headers["Access-Control-Allow-Origin"] = origin
                response.headers["Access-Control-Expose-Headers"] = "Retry-After"
            return response

        return handled


def allow(request: Request, origins: Sequence[str]) -> None:
    """Let pages of these origins in. Raises `Forbidden` for a page of any other; programs and our own pages pass."""
    origin = request.headers.get("origin")
    if origin is None or _is_our_own(request, origin):
        return
    if origin not in origins:
        raise Forbidden("origin", _("Comments are not taken from this website. Its administrator can add its address."))
    request.state.allowed_origin = origin


def _is_our_own(request: Request, origin: str) -> bool:
    if request.headers.get("sec-fetch-site") == "same-origin":
        return True
    host = f"{request.url.scheme}://{request.headers.get('host', '')}"
    return origin in (host, state_of(request).settings.base_url)


def for_program(request: Request) -> bool:
    """Whether whoever asks is a script or a server and wants JSON."""
    if request.headers.get("content-type", "").startswith("application/json"):
        return True
    return "text/html" not in request.headers.get("accept", "")


def _answer(request: Request, error: Exception) -> Response:
    if not for_program(request):
        return errors.answer(request, error)
    problem = problem_of(error)
    return JSONResponse(problem.document(), problem.status, dict(problem.headers), "application/problem+json")
