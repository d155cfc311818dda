"""What reading an outside service costs: 10,000 reactions through each channel's emulator, and fifty accounts at once.

The floor, for the same bytes: parsing and journalling alone, page by page in turn with the reading, since a machine's speed
drifts within minutes. What is above it is asking for pages, waiting for them and reading their JSON. The emulators are a
process of their own, so that their costs are not counted; they are part of the tests, so this bench wants a checkout.
"""

import ctypes
import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from time import monotonic, process_time, sleep
from typing import Any

from sqlalchemy import text

from app.accounts.change import create as create_account
from app.bench.office import office
from app.bench.report import Figure
from app.channels.contract import Channel, Pulls, RawItem
from app.identity import staff
from app.intake.journal import journal
from app.intake.stow import stow
from app.settings import Settings
from app.system import System

ROOT = Path(__file__).resolve().parents[2]
EMULATORS = ROOT / "tests" / "emulators" / "serve.py"
BACKLOG, ACCOUNTS = 10_000, 50
LIMIT_RATIO, LIMIT_GROWTH_MB, LIMIT_WORKER_MB = 2.0, 50.0, 300.0
FEW = 20
RUNS = 20  # how often a channel may be asked again before its backlog counts as not read
POLL_SECONDS = 5.0
ON_TIME = 2.0  # a reading is late when it comes after so many intervals


@dataclass(frozen=True, slots=True)
class Emulated:
    """One service and how to connect to it."""

    kind: str
    name: str
    settings: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of our processor time a reaction, those of the floor, how many were read, and megabytes by which we grew."""

    cpu: float
    floor: float
    read: int
    growth: float


def run(settings: Settings, quick: bool) -> Sequence[Figure]:
    """Every kind that has an emulator, one after the other; then many accounts in one worker."""
    if not EMULATORS.exists():
        sys.stderr.write("channels: the emulators come with the source; run this bench from a checkout.\n")
        return []
    backlog, accounts, seconds = (500, 12, 15.0) if quick else (BACKLOG, ACCOUNTS, 60.0)
    figures: list[Figure] = []
    with office(settings, agents=10) as system, emulators(FEW) as small:
        for service in small:  # what is made once: compiled statements, tables of characters
            _backlog(system, service, FEW)
        with emulators(backlog) as large:
            for service in large:
                figures += _backlog(system, service, backlog)
        figures += _many(system, small, accounts, seconds)
    return figures


@contextmanager
def emulators(fill: int) -> Iterator[list[Emulated]]:
    """All services, each with so many reactions, until the block ends."""
    command = [sys.executable, "-m", "tests.emulators.serve", "--fill", str(fill)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise RuntimeError("the emulators did not start: install what the tests need (make install)")
            yield [Emulated(one["kind"], one["name"], one["settings"]) for one in json.loads(line)]
        finally:
            process.terminate()


def _backlog(system: System, service: Emulated, backlog: int) -> list[Figure]:
    account, again = (_account(system, service, f"{service.name} {backlog} {n}") for n in (1, 2))
    channel = system.accounts.channel(account)
    ours = _pulled(system, channel, account, again, backlog)
    name = service.kind
    return [
        Figure("channels", f"{name}, reactions read", ours.read, "", limit=backlog, at_least=True),
        Figure("channels", f"{name}, read + parse + journal, CPU", ours.cpu, "ms"),
        Figure("channels", f"{name}, parse + journal alone, CPU", ours.floor, "ms"),
        Figure("channels", f"{name}, ratio", ours.cpu / ours.floor, "x", limit=LIMIT_RATIO),
        Figure("channels", f"{name}, memory grown", ours.growth, "MB", limit=LIMIT_GROWTH_MB),
    ]


def _pulled(system: System, channel: Channel, account: int, again: int, backlog: int) -> Cost:
    """The whole backlog, page by page as a worker reads it, with every item parsed as well; each page then once more for the
    account `again`, from its bytes alone.
    """
    assert isinstance(channel, Pulls)
    cursor: str | None = None
    _give_back()
    read, runs, most, before, ours, floor = 0, 0, 0.0, resident_mb(os.getpid()), 0.0, 0.0
    while read < backlog and runs < RUNS:
        runs += 1
        began = process_time()
        for page in channel.pull(cursor):
            read += _store(system, channel, account, page.items, page.cursor)
            cursor, stored = page.cursor, process_time()
            ours += stored - began
            _store(system, channel, again, page.items, str(read))
            floor += process_time() - stored
            most = max(most, resident_mb(os.getpid()))
            began = process_time()
        ours += process_time() - began
    each = 1000 / max(1, read)
    return Cost(ours * each, floor * each, read, most - before)


def _store(system: System, channel: Channel, account: int, items: Sequence[RawItem], cursor: str) -> int:
    page = stow(system.blobs, items)
    with system.database.unit_of_work() as session:
        stored = journal(session, account, page, cursor)
    for item in items:
        channel.parse(item)
    return stored.new


def _many(system: System, found: Sequence[Emulated], accounts: int, seconds: float) -> list[Figure]:
    """So many accounts, each watched by one worker: the longest time that one went unread, and the worker's size."""
    made = [
        _account(system, service, f"Samen {number}") for number, service in enumerate(islice(cycle(found), accounts))
    ]
    with system.database.unit_of_work() as session:
        session.execute(text("UPDATE account SET active = false WHERE id <> ALL(:made)"), {"made": made})
    with _worker(system) as pid:
        first = _waited(system, made, 60 + seconds, until_all=True)
        longest = _waited(system, made, seconds)
        resident = resident_mb(pid)
    what = f"{accounts} accounts"
    return [
        Figure("channels", f"{what}, all read after", first, "s"),
        Figure("channels", f"{what}, longest unread", longest, "s", limit=POLL_SECONDS * ON_TIME),
        Figure("channels", f"{what}, resident memory of the worker", resident, "MB", limit=LIMIT_WORKER_MB),
    ]


def _waited(system: System, made: Sequence[int], seconds: float, until_all: bool = False) -> float:
    """How long any of the accounts went without a reading, at its longest; or how long until all had one."""
    query = text(
        "SELECT count(succeeded_at), coalesce(max(extract(epoch FROM clock_timestamp() - succeeded_at)), 0) "
        "FROM account_state WHERE account_id = ANY(:made)"
    )
    began, longest = monotonic(), 0.0
    while monotonic() - began < seconds:
        with system.database.read_only() as session:
            read, oldest = session.execute(query, {"made": list(made)}).one()
        longest = max(longest, float(oldest))
        if until_all and read == len(made):
            break
        sleep(0.2)
    return monotonic() - began if until_all else longest


@contextmanager
def _worker(system: System) -> Iterator[int]:
    assert system.settings.database_url is not None
    own = {
        "WEERKLANK_DATABASE_URL": system.settings.database_url.get_secret_value(),
        "WEERKLANK_DATA": str(system.settings.data), "WEERKLANK_LOG_LEVEL": "ERROR",
        "WEERKLANK_POLL_SECONDS": str(int(POLL_SECONDS)),
        "WEERKLANK_SECRET_KEYS": Path(system.settings.data / "secret.key").read_text().strip(),
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "app", "worker"], env={**os.environ, **own})
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


def _account(system: System, service: Emulated, name: str) -> int:
    settings = system.accounts.kind(service.kind).settings.model_validate(service.settings)
    with system.database.unit_of_work() as session:
        organisation = staff.own_organisation(session)
        assert organisation is not None
        return create_account(
            session, system.keys, organisation_id=organisation, kind=service.kind, name=name, settings=settings
        )


def _give_back() -> None:
    """Return freed memory to the system, else growth would hide in what an earlier measurement has left."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it; elsewhere growth is measured less sharply
    if trim is not None:
        trim(0)


def resident_mb(pid: int) -> float:
    """Megabytes of memory that a process holds now."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024
