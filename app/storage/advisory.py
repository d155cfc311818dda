"""Locks that end with the process: PostgreSQL's session advisory locks, all of a worker's on one connection.

Whoever holds "listen:account:7" reads that mailbox; a killed worker's locks are free at once. When the connection is lost
the locks may already be somebody else's, so `lost` is called immediately and its listeners must stop.
"""

import os
from collections.abc import Callable
from hashlib import sha256
from selectors import EVENT_READ, DefaultSelector
from threading import Event, RLock, Thread
from typing import Self

import psycopg

from app import log

Lost = Callable[[frozenset[str]], None]


class Advisory:
    """Session advisory locks by name. Thread-safe; `lost` is called in the watching thread with the names that are gone."""

    def __init__(self, dsn: str, lost: Lost, *, watch_seconds: float = 5.0) -> None:
        """`dsn` is libpq's. Connects at the first `try_lock`; `watch_seconds` bounds how long a silent death goes unseen."""
        self._dsn = dsn
        self._lost = lost
        self._watch_seconds = watch_seconds
        self._mutex = RLock()
        self._connection: psycopg.Connection | None = None
        self._held: set[str] = set()
        self._closing = Event()
        self._wake_read, self._wake_write = os.pipe()
        self._watcher = Thread(target=self._watch, name="advisory", daemon=True)
        self._watcher.start()

    @property
    def held(self) -> frozenset[str]:
        """The names locked by us at this moment."""
        with self._mutex:
            return frozenset(self._held)

    def try_lock(self, name: str) -> bool:
        """Take the lock unless another process has it; never waits. False too while the database is away."""
        with self._mutex:
            if self._closing.is_set():
                return False
            if name in self._held:
                return True
            if not self._asked("SELECT pg_try_advisory_lock(%s)", name):
                return False
            self._held.add(name)
            return True

    def unlock(self, name: str) -> None:
        """Give the lock up; nothing happens when it is not ours."""
        with self._mutex:
            if name in self._held:
                self._held.discard(name)
                self._asked("SELECT pg_advisory_unlock(%s)", name)

    def close(self) -> None:
        """Give every lock up and close the connection, without calling `lost`. May be called twice."""
        if self._closing.is_set():
            return
        self._closing.set()
        os.write(self._wake_write, b"x")
        self._watcher.join()
        with self._mutex:
            self._held.clear()
            if self._connection is not None:
                self._connection.close()
        os.close(self._wake_write)
        os.close(self._wake_read)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _asked(self, query: str, name: str) -> bool:
        try:
            if self._connection is None:
                self._connection = psycopg.connect(self._dsn, autocommit=True)
                os.write(self._wake_write, b"x")  # the watcher has a new connection to look at
            row = self._connection.execute(query, (key(name),)).fetchone()
        except psycopg.Error as error:
            self._drop(error)
            return False
        return row is not None and row[0] is True

    def _drop(self, error: psycopg.Error) -> None:
        connection, self._connection = self._connection, None
        gone = frozenset(self._held)
        self._held.clear()
        if connection is not None:
            connection.close()
        log.trouble("advisory.lost", reason=type(error).__name__, locks=len(gone))
        if gone:
            self._lost(gone)

    def _watch(self) -> None:
        while not self._closing.is_set():
            self._wait_for_news()
            with self._mutex:
                if self._connection is None or self._closing.is_set():
                    continue
                try:
                    self._connection.execute("SELECT 1")
                except psycopg.Error as error:
                    self._drop(error)

    def _wait_for_news(self) -> None:
        with DefaultSelector() as selector:
            selector.register(self._wake_read, EVENT_READ)
            with self._mutex:
                if self._connection is not None and not self._connection.closed:
                    selector.register(self._connection.fileno(), EVENT_READ)
            for ready, _ in selector.select(self._watch_seconds):
                if ready.fd == self._wake_read:
                    os.read(self._wake_read, 64)


def key(name: str) -> int:
    """The 64-bit number that stands for a name (advisory locks have numbers only)."""
    return int.from_bytes(sha256(name.encode()).digest()[:8], "big", signed=True)
