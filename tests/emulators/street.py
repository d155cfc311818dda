"""A small form on an emulator's page, by which a newcomer says something there; the emulator itself knows nothing of it."""

from collections.abc import Callable
from urllib.parse import parse_qs

from anyio import to_thread

from tests.emulators.faults import Application, Message, Receive, Scope, Send

FORM = (
    b'<form method="post" action="/say"><p><label>Say something, as a citizen: <input name="text" size="60" required></label> '
    b"<button>Say it</button></p></form>"
)
LONGEST = 10_000  # bytes


class Street:
    """The application with the form, and what it posts."""

    def __init__(self, app: Application, say: Callable[[str], object]) -> None:
        self._app = app
        self._say = say

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and scope["path"] == "/say" and scope["method"] == "POST":
            await self._said(receive, send)
        elif scope["type"] == "http" and scope["path"] == "/" and scope["method"] == "GET":
            await _with_form(self._app, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _said(self, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more and len(body) < LONGEST:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        text = parse_qs(body.decode(errors="replace")).get("text", [""])[0]
        if text.strip():
            await to_thread.run_sync(self._say, text)
        await send({"type": "http.response.start", "status": 303, "headers": [(b"location", b"/")]})
        await send({"type": "http.response.body", "body": b""})


async def _with_form(app: Application, scope: Scope, receive: Receive, send: Send) -> None:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [header for header in message["headers"] if header[0].lower() != b"content-length"]
        elif message["type"] == "http.response.body":
            message["body"] = message.get("body", b"").replace(b"</h1>", b"</h1>" + FORM, 1)
        await send(message)

    await app(scope, receive, sent)
