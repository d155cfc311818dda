"""The embedded PostgreSQL: started with the first process that uses a data folder, stopped with the last.

Every process holds a shared lock on `pg.users` for its life and an exclusive one on `pg.lock` while it starts or stops the
server. The kernel drops both at a kill -9, so nobody has to be counted: who can turn the shared lock into an exclusive one
is the last. Each process also watches the server, and the first that sees it gone starts it again.

For trying and for small offices; a server of one's own (`WEERKLANK_DATABASE_URL`) gets its security updates sooner.
"""

import fcntl
import os
import shutil
import signal
import subprocess
from pathlib import Path
from threading import Event, Thread
from time import sleep
from typing import Self

import psycopg
from sqlalchemy import URL

from app import log
from app.clock import monotonic
from app.errors import DomainError, Invalid
from app.storage import postmaster
from app.storage.files import exclusive

NAME = "weerklank"
START_SECONDS = 60.0
STOP_SECONDS = 30.0
WATCH_SECONDS = 0.25
# Said for a moment after a crash, while the old server's last processes or its zombie are still there.
PASSING = ("lock file", "shared memory block")


class Embedded:
    """A share in the PostgreSQL of one data folder. Make one with `Embedded.start`."""

    def __init__(self, data: Path, options: dict[str, str] | None = None) -> None:
        self._data = data.resolve()
        self._options = options or {}
        self._stopping = Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._users = _open_shared(self._data)
        self._socket = Path()
        self._watcher = Thread(target=self._watch, name="embedded-postgresql", daemon=True)

    @classmethod
    def start(cls, data: Path, options: dict[str, str] | None = None) -> Self:
        """Use the server of `data`, starting it when none runs; `options` are extra `postgresql.conf` settings.

        Raises `Invalid` with the way out when it cannot start.
        """
        made = cls(data, options)
        try:
            with exclusive(made._data / "pg.lock"):
                fcntl.flock(made._users, fcntl.LOCK_SH)
                made._attach_or_boot()
                made._make_database()
        except BaseException:
            made.stop()
            raise
        made._watcher.start()
        return made

    @property
    def url(self) -> str:
        """The SQLAlchemy address, over the socket in a folder that only we can enter."""
        return self._url(NAME)

    @property
    def pid(self) -> int:
        """The postmaster's process id, 0 when it is down at this moment."""
        found = postmaster.running(self._data / "pg")
        return found.pid if found else 0

    def stop(self) -> None:
        """Give up our share; the last one to do so stops the server and waits until it is gone. May be called twice."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        if self._watcher.is_alive():
            self._watcher.join()
        with exclusive(self._data / "pg.lock"):
            if self._alone():
                self._halt()
            os.close(self._users)
        if self._child is not None and self._child.poll() is None:
            # The server outlives our share: somebody must still reap it, or it becomes a zombie that blocks a restart.
            Thread(target=self._child.wait, name="embedded-postgresql-reap", daemon=True).start()

    def _url(self, name: str) -> str:
        address = URL.create(
            "postgresql+psycopg", username="postgres", database=name, query={"host": str(self._socket)}
        )
        return address.render_as_string(hide_password=False)

    def _alone(self) -> bool:
        fcntl.flock(self._users, fcntl.LOCK_UN)
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _attach_or_boot(self) -> None:
        if postmaster.running(self._data / "pg") is None:
            self._boot()
        elif not self._became_ready(None):
            raise Invalid("database", f"The PostgreSQL of {self._data} does not get ready. Look at pg.log there.")

    def _boot(self) -> None:
        if not (self._data / "pg").exists():
            postmaster.make_cluster(self._data)
        socket = postmaster.socket_folder(self._data)
        deadline = monotonic() + START_SECONDS
        log_file = self._data / "pg.log"
        while True:
            start = log_file.stat().st_size if log_file.exists() else 0
            self._child = postmaster.spawn(self._data, socket, self._options)
            if self._became_ready(self._child):
                log.event("database.started", pid=self._child.pid)
                return
            said = log_file.read_bytes()[start:].decode(errors="replace")
            if monotonic() > deadline or not any(sign in said for sign in PASSING):
                raise postmaster.unreachable_for(postmaster.owner(self._data), said)
            sleep(0.1)

    def _became_ready(self, child: subprocess.Popen[bytes] | None) -> bool:
        """Wait until the server takes connections; a pid file from before a crash says "ready" too, hence the pid."""
        deadline = monotonic() + START_SECONDS
        while monotonic() < deadline:
            if child is not None and child.poll() is not None:
                return False
            found = postmaster.running(self._data / "pg")
            if found is not None and found.ready and (child is None or found.pid == child.pid):
                self._socket = found.socket
                return True
            sleep(0.01)
        return False

    def _make_database(self) -> None:
        with psycopg.connect(host=str(self._socket), user="postgres", dbname="postgres", autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (NAME,)).fetchone() is None:
                connection.execute(f"CREATE DATABASE {NAME}")

    def _watch(self) -> None:
        while not self._stopping.wait(WATCH_SECONDS):
            if self._child is not None:
                self._child.poll()  # reaps: PostgreSQL does not start while its predecessor is a zombie
            if postmaster.running(self._data / "pg") is None:
                self._revive()

    def _revive(self) -> None:
        with exclusive(self._data / "pg.lock"):
            if self._stopping.is_set():
                return
            try:
                self._attach_or_boot()
            except (DomainError, OSError) as error:
                log.trouble("database.not_restarted", error=error)
                self._stopping.wait(1)

    def _halt(self) -> None:
        found = postmaster.running(self._data / "pg")
        if found is None:
            return
        os.kill(found.pid, signal.SIGINT)  # fast: roll back what runs, write a checkpoint, leave
        if not self._gone(found.pid):
            os.kill(found.pid, signal.SIGQUIT)
            self._gone(found.pid)
        if self._socket != self._data / "run":
            shutil.rmtree(self._socket, ignore_errors=True)
            (self._data / "pg.socket").unlink(missing_ok=True)
        log.event("database.stopped", pid=found.pid)

    def _gone(self, pid: int) -> bool:
        deadline = monotonic() + STOP_SECONDS
        while monotonic() < deadline:
            if (self._child is None or self._child.poll() is not None) and not postmaster.command_of(pid):
                return True
            sleep(0.005)
        return False


def _open_shared(data: Path) -> int:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(data / "pg.users", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        fix = f"Give this user write access to {data}, or set WEERKLANK_DATA to another folder."
        raise Invalid("data", f"The data folder cannot be used ({error.strerror}). {fix}") from None
