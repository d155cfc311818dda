"""The database under load while it is killed, and on a disk that runs full: what was committed stays."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Self

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.storage.database import Database
from app.storage.embedded import Embedded
from tests.until import until

pytestmark = pytest.mark.chaos
ROOT = Path(__file__).parent.parent.parent


class Writer:
    """Inserts numbers, one transaction each, and remembers those whose commit was confirmed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stop = Event()
        self.confirmed: list[int] = []
        self.refused = 0
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        with self._database.unit_of_work() as session:
            session.execute(text("CREATE TABLE written (n int PRIMARY KEY, filling text)"))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            try:
                with self._database.unit_of_work() as session:
                    values = {"n": number, "filling": os.urandom(2000).hex()}
                    session.execute(text("INSERT INTO written VALUES (:n, :filling)"), values)
            except DBAPIError:
                self.refused += 1
                self._stop.wait(0.02)
            else:
                self.confirmed.append(number)


def stored(database: Database) -> set[int]:
    with database.read_only() as session:
        return set(session.scalars(text("SELECT n FROM written")))


def test_nothing_confirmed_is_lost_while_the_server_is_killed_again_and_again(tmp_path: Path) -> None:
    seed = int(os.environ.get("TEST_SEED", "20261124"))
    chance = random.Random(seed)
    print(f"seed {seed}")
    embedded = Embedded.start(tmp_path)
    database = Database(embedded.url)
    with Writer(database) as writer:
        for _ in range(5):
            enough = len(writer.confirmed) + chance.randint(20, 200)
            until(lambda enough=enough: len(writer.confirmed) >= enough, 60, saying="the writer goes on")  # type: ignore[misc]
            os.kill(embedded.pid, chance.choice([signal.SIGKILL, signal.SIGQUIT]))
            until(lambda: embedded.pid != 0, 60)
    until(lambda: database.ready().reachable, 60)
    assert writer.refused > 0
    assert set(writer.confirmed) <= stored(database)
    database.close()
    embedded.stop()


def test_two_processes_whose_turns_end_by_kill_keep_one_server(tmp_path: Path) -> None:
    begin = [sys.executable, "-m", "tests.storage.holder", str(tmp_path)]
    chance = random.Random(7)
    embedded = Embedded.start(tmp_path)
    for _ in range(6):
        process = subprocess.Popen(begin, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert int(process.stdout.readline()) == embedded.pid
        process.send_signal(chance.choice([signal.SIGKILL, signal.SIGTERM]))
        process.wait(30)
        process.stdout.close()
    embedded.stop()
    assert embedded.pid == 0


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of its own that can run full."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False)
    if mounted.returncode:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("only root can mount a small disk")
    try:
        yield folder
    finally:
        # Lazily: a test that failed half-way leaves a server with open files here, and the mount must go all the same.
        subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk_refuses_work_and_loses_nothing_and_space_lets_it_go_on(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "140m") as disk:
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * 20_000_000)
        embedded = Embedded.start(disk / "data", {"max_wal_size": "48MB", "min_wal_size": "32MB"})
        database = Database(embedded.url)
        with Writer(database) as writer:
            until(lambda: writer.refused > 3, 120, 0.1, "the disk is full")
            confirmed = len(writer.confirmed)
            ballast.unlink()
            until(lambda: len(writer.confirmed) > confirmed, 120, 0.1, "work goes on")
        until(lambda: database.ready().reachable, 60)
        assert set(writer.confirmed) <= stored(database)
        database.close()
        embedded.stop()
