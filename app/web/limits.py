"""How large a request may be, checked while it comes in, so that a body without a length is cut off too.

Why not FastAPI's own `max_body_size`: it is fixed when a route is written, ours is a setting of the installation.
"""

import re

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.settings import Settings

# Files and pushes from services; everything else is text.
UPLOADS = re.compile(r"^/hooks/|/attachments$|^/desk/tickets/\d+/reply$")


class Limits:
    """Raises 413 where the body is read, as soon as it is, or says it will be, too large."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._body, self._upload = settings.max_body_bytes, settings.max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http":
            most = self._upload if UPLOADS.search(scope["path"]) else self._body
            receive = Counted(receive, most, _announced(scope))
        await self.app(scope, receive, send)


class Counted:
    """A body that may not grow beyond `most` bytes."""

    def __init__(self, receive: Receive, most: int, announced: int) -> None:
        self._receive, self._most, self._announced, self._taken = receive, most, announced, 0

    async def __call__(self) -> Message:
        """The next part of the body. Raises HTTPException 413."""
        self._check(self._announced)
        message = await self._receive()
        if message["type"] == "http.request":
            self._taken += len(message.get("body", b""))
            self._check(self._taken)
        return message

    def _check(self, size: int) -> None:
        if size > self._most:
            raise HTTPException(413, f"Send at most {self._most} bytes.")


def _announced(scope: Scope) -> int:
    length = next((value for key, value in scope["headers"] if key == b"content-length"), b"")
    return int(length) if length.isdigit() and len(length) < 20 else 0
