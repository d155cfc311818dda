"""A PostgreSQL of the tests' own that can be stopped, crashed and started again; nothing watches over it."""

import os
import signal
import subprocess
from itertools import count
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text

from app.storage import migrate, postmaster
from app.storage.database import Database
from tests.servers.postgresql import UNSAFE
from tests.until import until

TEMPLATE = "weerklank_template"
_numbers = count(1)


class Postgres:
    """The embedded server's binaries, started by hand. Databases are cloned from a migrated template."""

    def __init__(self, folder: Path, options: dict[str, str] | None = None) -> None:
        self._folder = folder
        self._options = UNSAFE if options is None else options
        self._child: subprocess.Popen[bytes] | None = None
        folder.mkdir(exist_ok=True)
        postmaster.make_cluster(folder)
        self._socket = postmaster.socket_folder(folder)
        self.start()
        self.administer(f"CREATE DATABASE {TEMPLATE}")
        database = Database(self.url(TEMPLATE))
        migrate.upgrade(database)
        database.close()

    def url(self, name: str) -> str:
        """libpq's address of a database here."""
        address = URL.create("postgresql", username="postgres", database=name, query={"host": str(self._socket)})
        return address.render_as_string(hide_password=False)

    def make(self) -> str:
        """The address of a new, migrated database."""
        name = f"town_{next(_numbers)}"
        self.administer(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return self.url(name)

    def administer(self, *statements: str) -> None:
        url = make_url(self.url("postgres")).set(drivername="postgresql+psycopg")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    def start(self) -> None:
        """Start and wait until it takes connections."""
        self._child = child = postmaster.spawn(self._folder, self._socket, self._options)

        def ready() -> bool:
            assert child.poll() is None, (self._folder / "pg.log").read_text()[-2000:]
            found = postmaster.running(self._folder / "pg")
            return found is not None and found.pid == child.pid and found.ready

        until(ready, 60, saying="PostgreSQL is ready")

    def stop(self, by: signal.Signals = signal.SIGQUIT) -> None:
        """`SIGQUIT` is PostgreSQL's immediate stop, as in a crash; `SIGINT` the fast one; `SIGKILL` kills the postmaster."""
        child, self._child = self._child, None
        if child is not None:
            child.send_signal(by)
            child.wait(30)

    def kill_backends(self) -> int:
        """End every connection of others, as a failover does; gives how many."""
        url = make_url(self.url("postgres")).set(drivername="postgresql+psycopg")
        engine = create_engine(url)
        mine = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname <> 'postgres'"
        with engine.connect() as connection:
            ended = len(connection.execute(text(mine)).all())
        engine.dispose()
        return ended

    def freeze(self) -> None:
        """The server's main process answers no new connection any more."""
        assert self._child is not None
        os.kill(self._child.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._child is not None
        os.kill(self._child.pid, signal.SIGCONT)
