"""Failing as services fail: an ASGI layer round an emulator that misbehaves for the next requests on command."""

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from anyio import to_thread

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
LONGEST_HELD = 15.0  # seconds
ENDLESS = 200 * 1_048_576  # bytes after which even an endless answer ends, so that a broken client ends too


@dataclass(slots=True)
class Fault:
    """What goes wrong, and with which requests: those whose method and path begin so."""

    kind: str
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    method: str = ""
    path: str = "/"
    times: int = 1
    done: Event = field(default_factory=Event)
    until: Event = field(default_factory=Event)

    def meets(self, scope: Scope) -> bool:
        """Whether this request is the one."""
        return str(scope["path"]).startswith(self.path) and str(scope["method"]).startswith(self.method)


class Faulty:
    """An application that fails when told to. `requests` has the method and path of everything asked."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self.waiting: list[Fault] = []
        self.requests: list[tuple[str, str]] = []

    def fail(self, status: int, times: int = 1, *, path: str = "/", method: str = "", **headers: str) -> None:
        """Answer the next requests with this status, JSON and headers (`retry_after="3"`), doing nothing."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = json.dumps({"error": f"emulated {status}"}).encode()
        self.waiting.append(Fault("answer", status, named, body, method, path, times))

    def answer(self, body: bytes, content_type: str = "text/html", *, path: str = "/", times: int = 1) -> None:
        """Answer 200 with something else than was asked."""
        self.waiting.append(Fault("answer", 200, {"content-type": content_type}, body, path=path, times=times))

    def redirect(self, times: int = 50) -> None:
        """Send whoever asks to where they came from."""
        self.waiting.append(Fault("redirect", 302, times=times))

    def half(self, path: str = "/") -> None:
        """Close the connection in the middle of the answer."""
        self.waiting.append(Fault("half", path=path))

    def endless(self, path: str = "/") -> None:
        """Never stop answering."""
        self.waiting.append(Fault("endless", path=path))

    def silent_after_accepting(self, method: str = "POST", path: str = "/") -> None:
        """Do what is asked, and close the connection without saying so."""
        self.waiting.append(Fault("silent", method=method, path=path))

    def hold_after_accepting(self, method: str = "POST", path: str = "/") -> tuple[Event, Event]:
        """Do what is asked, and answer later. The first event tells that it was done, the second lets the answer go."""
        fault = Fault("held", method=method, path=path)
        self.waiting.append(fault)
        return fault.done, fault.until

    def be(self, trouble: str) -> None:
        """One of the ways to be broken, by name, for a test that goes through all of them."""
        json_type = "application/json"
        match trouble:
            case "html":
                self.answer(b"<html>Onderhoud</html>")
            case "half" | "endless" | "redirect":
                getattr(self, trouble)()
            case "object":
                self.answer(b'{"a": 1}', json_type)
            case "strings":
                self.answer(b'["a"]', json_type)
            case _:
                self.fail(500)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        self.requests.append((scope["method"], scope["path"]))
        fault = next((one for one in self.waiting if one.meets(scope)), None)
        if fault is None:
            await self._app(scope, receive, send)
            return
        fault.times -= 1
        if fault.times <= 0:
            self.waiting.remove(fault)
        if fault.kind == "held":
            await self._held(fault, scope, receive, send)
            return
        if fault.kind == "silent":
            await self._app(scope, receive, _swallow)
        await _misbehave(fault, scope, send)

    async def _held(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        await self._app(scope, receive, keep)
        fault.done.set()
        await to_thread.run_sync(fault.until.wait, LONGEST_HELD)
        for message in kept:
            await send(message)


async def _swallow(_message: Message) -> None:
    """What the application answers, and nobody hears."""


async def _misbehave(fault: Fault, scope: Scope, send: Send) -> None:
    headers = {"content-type": "application/json", **fault.headers}
    if fault.kind == "redirect":
        headers["location"] = scope["path"]
    if fault.kind in ("half", "silent"):
        headers["content-length"] = "1000"
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    status = fault.status if fault.kind in ("answer", "redirect") else 200
    await send({"type": "http.response.start", "status": status, "headers": raw})
    if fault.kind == "endless":
        for _ in range(ENDLESS // 65_536):
            await send({"type": "http.response.body", "body": b" " * 65_536, "more_body": True})
    await send({"type": "http.response.body", "body": fault.body or b"{", "more_body": False})
