"""Answers to errors: problem+json (RFC 9457) for programs, a page in the visitor's language for people.

`Errors` wraps everything that runs in a request, middlewares too, so there is one place where an exception becomes an
answer, and it has the same headers as any other.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from anyio import BrokenResourceError
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import log
from app.vocabulary import Language
from app.web.i18n import language_of, translated
from app.web.principal import SignInNeeded
from app.web.problems import FIXES, Problem, outside, problem_of
from app.web.templates import page

PROGRAMS = ("/api/", "/hooks/", "/health")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def answer(request: Request, error: Exception) -> Response:
    """What the sender of this request is told about `error`."""
    if isinstance(error, SignInNeeded) and _person(request) and request.method == "GET":
        return RedirectResponse(f"/desk/sign-in?next={quote(_here(request))}", 303)
    # The route's own path, never the address: there are secrets in some (status links).
    log.bind(route=getattr(request.scope.get("route"), "path", ""), method=request.method)
    try:
        problem = problem_of(error)
    finally:
        log.clear()
    headers = dict(problem.headers)
    if problem.status == 405:
        headers["Allow"] = ", ".join(_allowed(request))
    if not _person(request):
        name = outside if request.url.path.startswith("/api/") else str
        return JSONResponse(problem.document(name), problem.status, headers, "application/problem+json")
    return page(request, "error.html", _words(request, problem), status=problem.status, headers=headers)


class Errors:
    """Outermost but for the headers: turns what nobody caught into an answer, unless one is already on its way."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception as error:
            if started and _left(error):
                return
            if scope["type"] != "http" or started:
                raise
            await answer(Request(scope), error)(scope, receive, send)


def _left(error: BaseException) -> bool:
    """Whether all that went wrong is that the reader of a stream is gone: nobody is left to tell, and it is no error."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(_left, error.exceptions))
    return isinstance(error, BrokenResourceError)


def install(app: FastAPI) -> None:
    """Replace FastAPI's own answers to the errors that it catches before `Errors` can."""
    handler: Callable[[Request, Exception], Awaitable[Response]] = _handler
    app.add_exception_handler(HTTPException, handler)
    app.add_exception_handler(RequestValidationError, handler)


async def _handler(request: Request, error: Exception) -> Response:
    return answer(request, error)


def _person(request: Request) -> bool:
    if request.url.path.startswith(PROGRAMS):
        return False
    accepted = request.headers.get("accept", "*/*")
    return "text/html" in accepted or "application/json" not in accepted


def _here(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _words(request: Request, problem: Problem) -> dict[str, str]:
    language = language_of(request)
    return {
        "title": translated(language, problem.title),
        "fix": _sentence(language, problem),
        "incident": problem.incident,
        "home": "/desk" if request.url.path.startswith("/desk") else "/",
    }


def _sentence(language: Language, problem: Problem) -> str:
    """What to do, in the reader's language: a sentence that is only for programs gives way to a general one."""
    said = translated(language, problem.fix)
    general = FIXES.get(problem.status, FIXES[400])
    return translated(language, general) if said == problem.fix and language is not Language.ENGLISH else said


def _allowed(request: Request) -> list[str]:
    """Every method of this path; the router names only those of the first route that has the path (RFC 9110 15.5.6)."""
    routes = request.app.router.routes

    def has(method: str) -> bool:
        scope = {**request.scope, "method": method, "path_params": {}}
        return any(route.matches(scope)[0] is Match.FULL for route in routes)

    return [named for method in METHODS if has(method) for named in ([method, "HEAD"] if method == "GET" else [method])]
