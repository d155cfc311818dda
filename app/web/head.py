"""HEAD wherever GET is (RFC 9110 9.3.2): the same answer without its body, for monitors and whoever checks links."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Head:
    """Asks for it as GET, and leaves the body out. A stream ends at once: its reader has everything."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        done = False

        async def without_body(message: Message) -> None:
            nonlocal done
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                done = True

        async def until_sent() -> Message:
            return {"type": "http.disconnect"} if done else await receive()

        await self.app({**scope, "method": "GET"}, until_sent, without_body)
