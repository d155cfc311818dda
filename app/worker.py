"""Background work: everything that happens without somebody waiting for it.

A worker hears wake-ups on one connection and turns rows that wait into the next thing: raw items into tickets, tickets into
decisions, deliveries into sent messages. It reads the accounts whose locks it holds, takes mail by LMTP where asked to, and
runs the periodic jobs. Any number of workers may run against one database; none of them is special.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from threading import Event, Thread
from typing import Self

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app import housekeeping, log, memory
from app.accounts.directory import AccountRow
from app.assignment.route import Router
from app.channels.contract import HandedOver
from app.channels.mail.lmtp import LmtpServer
from app.clock import monotonic
from app.delivery.deliver import deliver_waiting
from app.delivery.mailing import send_waiting
from app.intake.accept import accept, accepts
from app.intake.admit import admit_waiting
from app.intake.means import Means
from app.intake.read_account import read_account
from app.intake.watch import Watch
from app.models import WorkerBeat
from app.storage.jobs import run_worker
from app.storage.listener import Listener
from app.system import System

BATCH = 50
DELIVERY_THREADS = 4
GATHER_SECONDS = 0.15
"""A decision needs everybody's load and presence, read once per run: twenty arrivals in a second are a few runs."""
LOOK_SECONDS = 1.0
"""How often deliveries are looked for without a wake-up: nobody notifies when an undo window ends."""
MAILING_SECONDS = 10.0
"""How often mails that wait to be tried again are looked for."""
SETTLED_SECONDS, MEMORY_SECONDS = 5.0, 600.0
"""When memory is given back: once what starting took is done with, and now and then."""
STOP_SECONDS = 10.0
ITEM_LEASE_SECONDS = 30.0


class Loop:
    """One kind of waiting row: done until none is left, then waiting for a wake-up or the sweep.

    `step` does some and gives how many; an error in it is logged, waited out and tried again, since the rows are still
    there. Losing the database is such an error.
    """

    def __init__(
        self, name: str, step: Callable[[], int], *, back_off: float, threads: int = 1, idle: float | None = None,
        gather: float = 0,
    ) -> None:  # fmt: skip
        """`back_off` is the seconds to wait after an error; `idle` how long one thread sleeps without a wake-up.

        `gather` is how long to wait after a wake-up for more of the same, where a step costs much the same for one as for
        many.
        """
        self._name = name
        self._step = step
        self._back_off = back_off
        self._gather = gather
        self._due = [Event() for _ in range(threads)]
        self._stopping = Event()
        self._threads = [
            Thread(target=self._run, args=(due, None if n else idle), name=f"{name}-{n}", daemon=True)
            for n, due in enumerate(self._due)
        ]

    def start(self) -> None:
        """Begin; what waited from before is done at once."""
        for due, thread in zip(self._due, self._threads, strict=True):
            due.set()
            thread.start()

    def wake(self, _: str = "") -> None:
        """There may be something to do."""
        for due in self._due:
            due.set()

    def stop(self) -> None:
        """Finish the step in hand and end."""
        self._stopping.set()
        self.wake()
        for thread in self._threads:
            thread.join(STOP_SECONDS)

    def _run(self, due: Event, idle: float | None) -> None:
        while not self._stopping.is_set():
            due.wait(idle)
            if self._gather:
                self._stopping.wait(self._gather)
            due.clear()
            self._until_done()

    def _until_done(self) -> None:
        while not self._stopping.is_set():
            try:
                if not self._step():
                    return
            except (DBAPIError, PoolTimeout) as error:
                log.trouble(f"{self._name}.database_away", reason=type(error).__name__)
                self._stopping.wait(self._back_off)
                self.wake()
                return
            except Exception as error:  # noqa: BLE001  (the loop must outlive a fault in one step)
                log.trouble(f"{self._name}.failed", error=error)
                self._stopping.wait(self._back_off)


class Worker:
    """All of a worker's threads; `start` begins them and `stop` ends them in the order that loses nothing."""

    def __init__(self, system: System) -> None:
        """Opens nothing until `start`."""
        self._system = system
        self._settings = system.settings
        self._database = system.database
        self._means = means_of(system)
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._memory_at = monotonic() + SETTLED_SECONDS
        self._stack = ExitStack()
        self._loops = self._make_loops()

    def start(self) -> Self:
        """Begin to work; returns at once. What waited is found by the listener's first sweep."""
        settings = self._settings
        watch = Watch(
            self._system.accounts,
            self._database.dsn,
            self._read,
            poll=settings.poll_seconds,
            back_off=settings.back_off_seconds,
        )
        self._stack.callback(watch.close)
        follow = Loop("accounts", lambda: self._follow(watch), back_off=settings.back_off_seconds)
        for loop in (*self._loops.values(), follow):
            loop.start()
            self._stack.callback(loop.stop)
        self._take_mail()
        channels = {topic: loop.wake for topic, loop in self._loops.items()} | {"account": follow.wake}
        listener = Listener(
            self._database.dsn, channels, sweep=lambda: self._sweep(follow), sweep_seconds=settings.sweep_seconds
        )
        self._stack.callback(listener.start().close)
        log.event("worker.started", worker=self.name)
        return self

    def stop(self) -> None:
        """End everything, newest first: no new wake-ups, no new mail, then the loops, then the accounts."""
        self._stack.close()
        log.event("worker.stopped", worker=self.name, gone=self._leave())

    async def run_jobs(self) -> None:
        """The periodic jobs, until cancelled."""
        log.event("worker.jobs", jobs=housekeeping.NAMES)
        await run_worker(self._database.dsn, {"system": self._system}, concurrency=2)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _make_loops(self) -> Mapping[str, Loop]:
        system, back_off, router = self._system, self._settings.back_off_seconds, Router(self._database)

        def admit() -> int:
            return admit_waiting(self._means, BATCH)

        def route() -> int:
            return router.route_waiting(BATCH)

        def deliver() -> int:
            return deliver_waiting(
                system.database, system.accounts, system.keys, system.blobs, system.settings, self.name
            )

        def mail() -> int:
            return send_waiting(system.database, system.accounts, system.keys, system.settings, self.name)

        return {
            "mailing": Loop("mailing", mail, back_off=back_off, idle=MAILING_SECONDS),
            "raw": Loop("intake", admit, back_off=back_off),
            "route": Loop("assignment", route, back_off=back_off, gather=GATHER_SECONDS),
            "delivery": Loop("delivery", deliver, back_off=back_off, threads=DELIVERY_THREADS, idle=LOOK_SECONDS),
        }

    def _read(self, row: AccountRow, stop: Callable[[], bool]) -> float | None:
        return read_account(self._means, row.id, back_off=self._settings.back_off_seconds, stop=stop).retry_in

    def _follow(self, watch: Watch) -> int:
        self._beat()
        if monotonic() > self._memory_at:
            self._memory_at = monotonic() + MEMORY_SECONDS
            memory.give_back()
        watch.refresh()
        return 0

    def _beat(self) -> None:
        beat = insert(WorkerBeat).values(name=self.name, seen_at=text("now()"))
        beat = beat.on_conflict_do_update(index_elements=["name"], set_={"seen_at": text("now()")})
        with self._database.unit_of_work() as session:
            session.execute(beat)

    def _leave(self) -> bool:
        """Whoever ends in order is not silent; while the database is away that cannot be said."""
        try:
            with self._database.unit_of_work() as session:
                session.execute(delete(WorkerBeat).where(WorkerBeat.name == self.name))
        except (DBAPIError, PoolTimeout):
            return False
        return True

    def _sweep(self, follow: Loop) -> None:
        for loop in (*self._loops.values(), follow):
            loop.wake()

    def _take_mail(self) -> None:
        listen = self._settings.lmtp_listen
        if listen is None:
            return
        server = LmtpServer(
            listen,
            lambda handed: store_mail(self._system, handed),
            lambda recipient: accepts(self._means, recipient),
            self._settings.max_mail_bytes,
        )
        server.start()
        self._stack.callback(server.stop)


def store_mail(system: System, handed: HandedOver) -> None:
    """Keep a mail that was handed over: committed when this returns, and nothing is kept when it raises."""
    accept(means_of(system), handed)


def means_of(system: System) -> Means:
    """What intake works with, from an open system. Its lease is for items, which are done in a moment, not for sending."""
    lease = min(ITEM_LEASE_SECONDS, system.settings.lease_seconds)
    return Means(system.database, system.accounts, system.keys, system.blobs, lease_seconds=lease)


def work(worker: Worker) -> None:
    """Run a worker alone in this process until a signal ends it (`SystemExit` out of the signal handler)."""
    with worker:
        asyncio.run(worker.run_jobs())
