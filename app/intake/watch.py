"""Reads every account that can be pulled, each in a thread of its own, on whichever worker holds the account's lock.

A thread an account, so that a slow or broken service delays nobody else. A lock an account, so that a mailbox is read once
however many workers there are; when its worker dies the lock is free at once and another takes over. Losing the connection
that holds the locks stops all reading here, since they may be somebody else's by now.

Why not one scheduler with a pool: a pool of ten is full after ten silent services, and then everybody waits.
"""

from collections.abc import Callable, Mapping, Sequence
from threading import Event, Lock, Thread

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app import log
from app.accounts.directory import AccountRow, Accounts
from app.accounts.health import LONGEST_REST
from app.channels.contract import ChannelError, Listens, Pulls
from app.clock import monotonic
from app.errors import DomainError
from app.storage.advisory import Advisory

Read = Callable[[AccountRow, Callable[[], bool]], float | None]
"""One run over an account, which ends early when told to; gives the seconds until the next, or None for the usual interval."""

STOP_SECONDS = 10.0
HEARD_SECONDS = 60.0
"""A connection that has stood so long was no failure to connect: the next one is tried as soon as the first."""
TAKE_OVER_SECONDS = 5.0
"""How often somebody else's lock is tried: how long a mailbox goes unread after its worker was killed."""


class Reader:
    """One account's thread, and a second one while its channel can listen."""

    def __init__(
        self, row: AccountRow, accounts: Accounts, locks: Advisory, read: Read, *, poll: float, back_off: float
    ) -> None:
        """`poll` and `back_off` are seconds."""
        self.row = row
        self._accounts = accounts
        self._locks = locks
        self._read = read
        self._poll = poll
        self._back_off = back_off
        self._due = Event()
        self._stopping = Event()
        self._deaf = Event()
        self._listening: Thread | None = None
        self._thread = Thread(target=self._run, name=f"account-{row.id}", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def wake(self) -> None:
        """There may be something to read."""
        self._due.set()

    def lost(self) -> None:
        """The lock is gone: stop listening; reading goes on only after it is ours again."""
        self._deaf.set()
        self._due.set()

    def stop(self) -> None:
        """Ask to stop; `join` waits for it."""
        self._stopping.set()
        self._deaf.set()
        self._due.set()

    def join(self) -> None:
        """Wait until both threads have ended, not longer than a stuck service deserves."""
        for thread in (self._thread, self._listening):
            if thread is not None:
                thread.join(STOP_SECONDS)
        self._locks.unlock(self._lock_name)

    @property
    def _lock_name(self) -> str:
        return f"account:{self.row.id}"

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._due.clear()
            ours = self._locks.try_lock(self._lock_name)
            self._due.wait(min(self._once(), LONGEST_REST) if ours else min(self._poll, TAKE_OVER_SECONDS))

    def _once(self) -> float:
        try:
            self._listen()
            wait = self._read(self.row, self._told_to_stop)
        except (DBAPIError, PoolTimeout) as error:
            log.trouble("account.database_away", account=self.row.id, reason=type(error).__name__)
            return self._back_off
        except (ChannelError, DomainError) as error:
            log.trouble("account.not_read", account=self.row.id, reason=type(error).__name__)
            return self._back_off
        except Exception as error:  # noqa: BLE001  (a fault in one channel must not end its reading for good)
            log.trouble("account.failed", account=self.row.id, error=error)
            return max(self._back_off, self._poll)
        return self._poll if wait is None else wait

    def _told_to_stop(self) -> bool:
        """Asked between two pages: a large mailbox takes minutes, and the account may be somebody else's by then."""
        return self._stopping.is_set() or self._lock_name not in self._locks.held

    def _listen(self) -> None:
        channel = self._accounts.channel_of(self.row)
        if not isinstance(channel, Listens) or (self._listening is not None and self._listening.is_alive()):
            return
        self._deaf = Event()
        if self._stopping.is_set():  # asked after the new event was made, so a stop in between is not missed
            self._deaf.set()
        self._listening = Thread(
            target=self._hear, args=(channel, self._deaf), name=f"listen-{self.row.id}", daemon=True
        )
        self._listening.start()

    def _hear(self, channel: Listens, deaf: Event) -> None:
        wait = self._back_off
        while not deaf.is_set():
            began = monotonic()
            try:
                channel.listen(self.wake, deaf)
            except ChannelError as error:
                log.trouble("account.listening_ended", account=self.row.id, reason=type(error).__name__, retry_in=wait)
                self.wake()  # what came while we were deaf is found by reading
            except Exception as error:  # noqa: BLE001  (as in _once)
                log.trouble("account.listening_failed", account=self.row.id, error=error)
            if monotonic() - began > HEARD_SECONDS:
                wait = self._back_off
            deaf.wait(wait)
            wait = min(wait * 2, max(self._poll, self._back_off))


class Watch:
    """All readers of a worker; `refresh` follows the accounts as they are made, changed and stopped."""

    def __init__(self, accounts: Accounts, dsn: str, read: Read, *, poll: float, back_off: float) -> None:
        """`dsn` is libpq's, for the connection that holds the locks; `poll` and `back_off` are seconds."""
        self._accounts = accounts
        self._read = read
        self._poll = poll
        self._back_off = back_off
        self._mutex = Lock()
        self._readers: dict[int, Reader] = {}
        self._closed = False
        self._locks = Advisory(dsn, self._lost)

    @property
    def reading(self) -> Mapping[int, int]:
        """Account id → version, of what is watched now."""
        with self._mutex:
            return {reader.row.id: reader.row.version for reader in self._readers.values()}

    def refresh(self) -> None:
        """Start what is new, restart what changed, stop what is gone."""
        rows = {row.id: row for row in self._accounts.active() if self._pulls(row)}
        with self._mutex:
            if self._closed:
                return
            old = [r for r in self._readers.values() if rows.get(r.row.id) != r.row]
            for reader in old:
                del self._readers[reader.row.id]
        self._end(old)
        with self._mutex:
            for row in rows.values():
                if row.id not in self._readers and not self._closed:
                    self._readers[row.id] = self._start(row)

    def wake(self, account_id: int) -> None:
        """Read this account soon."""
        with self._mutex:
            reader = self._readers.get(account_id)
        if reader is not None:
            reader.wake()

    def close(self) -> None:
        """Stop every reader, then give the locks up."""
        with self._mutex:
            self._closed = True
            readers = list(self._readers.values())
            self._readers.clear()
        self._end(readers)
        self._locks.close()

    def _start(self, row: AccountRow) -> Reader:
        reader = Reader(row, self._accounts, self._locks, self._read, poll=self._poll, back_off=self._back_off)
        reader.start()
        return reader

    def _pulls(self, row: AccountRow) -> bool:
        try:
            return isinstance(self._accounts.channel_of(row), Pulls)
        except DomainError as error:
            log.trouble("account.not_built", account=row.id, reason=error.code)
            return False

    def _lost(self, names: frozenset[str]) -> None:
        with self._mutex:
            readers = list(self._readers.values())
        for reader in readers:
            if f"account:{reader.row.id}" in names:
                reader.lost()

    @staticmethod
    def _end(readers: Sequence[Reader]) -> None:
        for reader in readers:
            reader.stop()
        for reader in readers:
            reader.join()
