"""One LISTEN connection per process: callbacks for wake-ups, and a sweep that makes lost ones harmless.

Who misses a notification (the database was away, the process was late) is called by the sweep, which runs at every
(re)connection and every `sweep_seconds` after it.
"""

import os
from collections.abc import Callable, Mapping
from selectors import EVENT_READ, DefaultSelector
from threading import Event, Thread
from typing import Self

import psycopg
from psycopg import sql

from app import log
from app.clock import monotonic

Heard = Callable[[str], None]
Sweep = Callable[[], None]


class Listener:
    """Hears wake-ups in a thread of its own until closed, across outages of the database.

    Callbacks run in that thread and must be short (set an event, put into a queue); an error in one is logged and stops
    nothing. `sweep` is called at every connection and every `sweep_seconds`.
    """

    def __init__(
        self,
        dsn: str,
        channels: Mapping[str, Heard],
        *,
        sweep: Sweep | None = None,
        sweep_seconds: float = 5.0,
        back_off_seconds: float = 0.5,
        most_seconds: float = 10.0,
    ) -> None:
        """`dsn` is libpq's; the wait after a failed connection starts at `back_off_seconds`, doubles, ends at `most_seconds`."""
        self._dsn = dsn
        self._channels = dict(channels)
        self._sweep = sweep
        self._sweep_seconds = sweep_seconds
        self._waits = (back_off_seconds, most_seconds)
        self._closing = Event()
        self._connected = Event()
        self._wake_read, self._wake_write = os.pipe()
        self._thread = Thread(target=self._run, name="listener", daemon=True)

    def start(self) -> Self:
        """Begin to listen; returns at once."""
        self._thread.start()
        return self

    @property
    def connected(self) -> bool:
        """Whether wake-ups are heard at this moment."""
        return self._connected.is_set()

    def close(self) -> None:
        """Stop listening and wait for the thread. Call it before the database stops; may be called twice."""
        if self._closing.is_set():
            return
        self._closing.set()
        os.write(self._wake_write, b"x")
        if self._thread.is_alive():
            self._thread.join()
        os.close(self._wake_write)
        os.close(self._wake_read)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        first, most = self._waits
        wait = first
        while not self._closing.is_set():
            try:
                with psycopg.connect(self._dsn, autocommit=True) as connection:
                    self._subscribe(connection)
                    wait = first
                    self._hear(connection)
            except psycopg.Error as error:
                log.trouble("listener.lost", reason=type(error).__name__, retry_in=wait)
                self._connected.clear()
                self._closing.wait(wait)
                wait = min(wait * 2, most)
        self._connected.clear()

    def _subscribe(self, connection: psycopg.Connection) -> None:
        for channel in self._channels:
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        self._connected.set()

    def _hear(self, connection: psycopg.Connection) -> None:
        with DefaultSelector() as selector:
            selector.register(connection.fileno(), EVENT_READ)
            selector.register(self._wake_read, EVENT_READ)
            due = monotonic()
            while not self._closing.is_set():
                if monotonic() >= due:
                    connection.execute("SELECT 1")  # a connection that died without a word shows here
                    self._call("sweep", self._sweep)
                    due = monotonic() + self._sweep_seconds
                for heard in connection.notifies(timeout=0):
                    callback = self._channels[heard.channel]
                    self._call(heard.channel, lambda: callback(heard.payload))  # noqa: B023  (called at once)
                selector.select(max(0.0, due - monotonic()))

    def _call(self, name: str, callback: Sweep | None) -> None:
        if callback is None:
            return
        try:
            callback()
        except Exception as error:  # noqa: BLE001  (the caller's fault must not deafen the process)
            log.trouble("listener.callback_failed", called=name, error=error)
