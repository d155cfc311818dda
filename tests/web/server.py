"""A real uvicorn on the loopback address, in a thread: for streams, bodies without a length, and many clients at once."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn
from fastapi import FastAPI

from app.web.protocol import Protocol
from app.web.state import State
from tests.until import until


class Server(uvicorn.Server):
    """Ends the streams when it begins to shut down, as `app/main.py` does."""

    def __init__(self, config: uvicorn.Config, state: State) -> None:
        super().__init__(config)
        self._state = state

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._state.hub.close()
        await super().shutdown(sockets)


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The address of `app` on a free port; its hub listens meanwhile."""
    state: State = app.state.weerklank
    state.hub.start()
    config = uvicorn.Config(
        app, port=0, log_config=None, http=Protocol, lifespan="off", timeout_graceful_shutdown=3, proxy_headers=False
    )
    server = Server(config, state)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        until(lambda: server.started and state.hub.connected)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive(), "the server did not stop"
