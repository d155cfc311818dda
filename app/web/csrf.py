"""Cross-site requests are refused: a page elsewhere must not act with a colleague's session.

Pure ASGI, for every unsafe method that carries our session's cookie: browsers say where a request comes from in
`Sec-Fetch-Site`, older ones in `Origin` (every browser sends it with a POST). Neither there, or another origin: 403.

Why no token in forms: the check needs nothing from the page, so forms without script, the sign-in page and cached pages
just work, and there is no token to leak. SameSite=Lax on the cookie is a second lock, not the only one.
"""

from urllib.parse import urlsplit

from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from app import log
from app.errors import Forbidden
from app.web.transaction import SAFE

COOKIES = ("__Host-weerklank", "weerklank")
# Where a browser without a session acts on nobody's behalf yet but would get one: signing somebody in unasked.
ALWAYS = ("/desk/sign-in",)


class Csrf:
    """Raises `Forbidden` inside the application, so that the answer looks like every other error."""

    def __init__(self, app: ASGIApp, base_url: str) -> None:
        self.app = app
        self._origin = _origin(base_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and self._matters(scope) and not self._ours(scope):
            log.trouble("csrf.refused", method=scope["method"])
            raise Forbidden("cross_site", "Open this page on our own site and try again.")
        await self.app(scope, receive, send)

    def _matters(self, scope: Scope) -> bool:
        if scope["method"] in SAFE:
            return False
        if scope["path"].startswith(ALWAYS):
            return True
        return any(name in cookie_parser(_header(scope, b"cookie") or "") for name in COOKIES)

    def _ours(self, scope: Scope) -> bool:
        site = _header(scope, b"sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = _header(scope, b"origin")
        if origin is None:
            return False
        return origin == self._origin or origin == f"{scope['scheme']}://{_header(scope, b'host')}"


def _header(scope: Scope, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
