"""The web application without its routes: state, errors, headers and checks, in the order in which they must stand."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.web import errors
from app.web.csrf import Csrf
from app.web.head import Head
from app.web.headers import Headers
from app.web.limits import Limits
from app.web.state import State
from app.web.text import CleanAddress


def application(state: State, **options: Any) -> FastAPI:
    """A FastAPI that routers can be included in; `options` are FastAPI's (a lifespan).

    Outermost first: whose word counts about the address (only proxies that the settings name), headers, errors, and then
    the checks that may raise one. FastAPI's own pages and schema are off: the API describes itself at
    /api/v1/openapi.json.
    """
    settings = state.settings
    middleware = [
        Middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies),
        Middleware(Headers, secure=settings.secure),
        Middleware(Head),
        Middleware(errors.Errors),
        Middleware(CleanAddress),
        Middleware(Limits, settings=settings),
        Middleware(Csrf, base_url=settings.base_url),
    ]
    closed: Mapping[str, Any] = {"openapi_url": None, "docs_url": None, "redoc_url": None, "redirect_slashes": False}
    app = FastAPI(title="Weerklank", middleware=middleware, telemetry={"tracing": False}, **closed, **options)
    app.state.weerklank = state
    errors.install(app)
    return app
