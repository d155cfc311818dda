"""Take mail from an MTA by LMTP: a server in a thread of its own. What is said there stands in `lmtp_session.py`."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread

from app.channels.contract import HandedOver
from app.channels.mail.lmtp_session import Conversation, Duties

IDLE_SECONDS = 120.0
THREADS = 4


class LmtpServer:
    """Listens on `host:port` or `unix:PATH` in a thread of its own, from `start` to `stop`.

    `store` returns once the bytes are committed, or raises. `accepts` tells whether a recipient is known here.
    """

    def __init__(
        self,
        listen: str,
        store: Callable[[HandedOver], None],
        accepts: Callable[[str], bool],
        max_bytes: int,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._listen = listen
        self._idle_seconds = idle_seconds
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="lmtp-store")
        self._duties = Duties(store, accepts, max_bytes, self._threads)
        self._thread = Thread(target=self._run, name="lmtp", daemon=True)
        self._ready = Event()
        self._failed: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._talking: set[Conversation] = set()
        self.address = listen

    def start(self) -> None:
        """Listen, or raise `OSError` (the port is taken, the folder is missing). `address` then holds the real port."""
        self._remove_old_socket()
        self._thread.start()
        self._ready.wait()
        if self._failed is not None:
            self._threads.shutdown()
            raise self._failed

    def stop(self) -> None:
        """Take no more, finish what is being stored, close every connection."""
        if self._loop is not None and self._end is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()
        self._threads.shutdown()

    def _remove_old_socket(self) -> None:
        """A socket of a process that was killed stays behind as a file, and keeps its successor from listening."""
        if self._listen.startswith("unix:"):
            path = Path(self._listen.removeprefix("unix:"))
            if path.is_socket():
                path.unlink()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self._failed = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        server = await self._bind(self._loop)
        self._ready.set()
        await self._end.wait()
        server.close()
        for conversation in list(self._talking):
            await conversation.finish()

    def _conversation(self) -> Conversation:
        return Conversation(self._duties, self._talking, self._idle_seconds)

    async def _bind(self, loop: asyncio.AbstractEventLoop) -> asyncio.Server:
        if self._listen.startswith("unix:"):
            return await loop.create_unix_server(self._conversation, self._listen.removeprefix("unix:"))
        host, _, port = self._listen.rpartition(":")
        server = await loop.create_server(self._conversation, host.strip("[]") or "127.0.0.1", int(port))
        self.address = f"{host}:{server.sockets[0].getsockname()[1]}"
        return server
