"""A stored file as an answer; it is closed when it has been read, and when its reader left in the middle of it."""

from collections.abc import Mapping

from anyio import CancelScope
from fastapi.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.storage.blobs import Parts


class Download(StreamingResponse):
    """Sends `parts`. Without this a file whose reader left would stay open until the memory is cleaned up."""

    def __init__(self, parts: Parts, media_type: str, headers: Mapping[str, str]) -> None:
        super().__init__(parts, media_type=media_type, headers=headers)
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):
                await run_in_threadpool(self._parts.close)
