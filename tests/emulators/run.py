"""Running an emulator on a loopback port, in a thread of this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import uvicorn

from tests.until import until

App = Any
"""An ASGI application."""


@contextmanager
def serve(app: App, port: int = 0) -> Iterator[str]:
    """The address of `app` while the block runs. Port 0 takes a free one."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, name="emulator", daemon=True)
    thread.start()
    try:
        until(lambda: server.started, saying="the emulator listens")
        bound = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{bound}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
