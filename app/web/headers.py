"""Headers on every response: what a browser may do with a page of ours, and which API answers.

Strict on purpose: no inline script or style, nothing from elsewhere, no frame. A route that needs another policy (a file to
download, a form that other sites embed) sets the header itself and keeps it; set to nothing, it is left out.
"""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

API_VERSION = "1.0.0"  # of the API, not of the program: CHANGELOG.md says what changed in each

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# For bytes that strangers sent us: shown as they are, able to do nothing.
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'self'"

ALWAYS = {
    "API-Version": API_VERSION,
    "Cache-Control": "no-store",
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
HSTS = "max-age=31536000; includeSubDomains"


class Headers:
    """Adds what the route did not set itself. `secure` adds HSTS, for installations reached by https only."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self.app = app
        self._given = {**ALWAYS, **({"Strict-Transport-Security": HSTS} if secure else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._given.items():
                    headers.setdefault(name, value)
                    if headers[name] == "":
                        del headers[name]
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)
