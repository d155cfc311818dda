"""The web application: the API, the desk and the citizens' pages on one open system.

`build` opens nothing, so importing this module has no effect; `serve` runs it, with a worker in the same process or not.
`listening` comes first of all: a port that is taken is said before a database is started for nothing, and whoever connects
before the application is ready waits instead of being refused.
"""

import asyncio
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI

from app import desk, public
from app.api import routes as api
from app.errors import Fault, Invalid
from app.settings import Settings
from app.system import System
from app.web.application import application
from app.web.protocol import Protocol
from app.web.state import State
from app.web.stream import Hub

# An open event stream would otherwise keep the server from ever ending.
GRACE_SECONDS = 3


def build(system: System, hub: Hub) -> FastAPI:
    """The ASGI application for an open system; `hub` feeds its event streams."""
    state = State(
        settings=system.settings, database=system.database, keys=system.keys, accounts=system.accounts,
        blobs=system.blobs, hub=hub,
    )  # fmt: skip
    app = application(state)
    for router in (*api.routers, desk.router, public.router):
        app.include_router(router)
    return app


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """The socket of the settings' address. Raises `Invalid` with the fix when it cannot be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        opened = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        fix = f"{settings.host} cannot be listened on at {settings.port} ({error.strerror}). Choose another port or address."
        raise Invalid(
            "listen", "Correct these environment variables.", [Fault("WEERKLANK_PORT", "listen", fix)]
        ) from None
    # Accepted connections inherit it. Without it every answer waits 40 ms for the reader's delayed acknowledgement, since
    # an answer is written in two parts; the event loop sets it only on connections of sockets that it opened itself.
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with opened:
        yield opened


class Server(uvicorn.Server):
    """uvicorn that ends the event streams when it begins to shut down: at the end of the lifespan it would be too late."""

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the hub, then what uvicorn does."""
        await asyncio.get_running_loop().run_in_executor(None, self._hub.close)
        await super().shutdown(sockets)


def server(system: System, hub: Hub) -> Server:
    """A server for the system's address, ready to `serve`."""
    settings = system.settings
    config = uvicorn.Config(
        build(system, hub), host=settings.host, port=settings.port, log_config=None, access_log=False, proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS, server_header=False, date_header=True, http=Protocol, ws="none",
    )  # fmt: skip
    return Server(config, hub)


def exit_on_signals() -> None:
    """Turn SIGTERM and SIGINT into `SystemExit`, so that everything opened is closed.

    To be called before anything slow is imported or started: a shell starts background programs with SIGINT ignored, and
    uvicorn raises SIGTERM again after its own shutdown, which without a handler of ours would end us on the spot.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)


def _leave(number: int, _: FrameType | None) -> None:
    sys.exit(0)
