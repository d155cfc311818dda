"""What a page costs the server: whole requests over HTTP, session, permissions and template included.

The server is a process of its own; its processor time is read from the system before and after, so that the client's costs
are not counted.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import httpx
from sqlalchemy import select, text

from app.bench.office import EMAIL, PASSWORD, office, team_ids, with_history
from app.bench.ports import free_port, until_up
from app.bench.report import Figure
from app.models import Ticket
from app.settings import Settings
from app.system import System

SMALL, LARGE = 10_000, 200_000
LIMIT_MS, LIMIT_RATIO = 8, 1.2
TURNS = 10
TICKS = os.sysconf("SC_CLK_TCK")


class Page:
    """A page of the desk of one office: the processor time that its requests took, and how long each of them waited."""

    def __init__(self, client: httpx.Client, pid: int, path: str) -> None:
        self._client, self._pid, self._path = client, pid, path
        self._used = 0.0
        self._waited: list[float] = []
        for _ in range(20):
            self._client.get(path).raise_for_status()

    def ask(self, times: int) -> None:
        """One turn."""
        before = cpu_seconds(self._pid)
        for _ in range(times):
            began = perf_counter()
            self._client.get(self._path).raise_for_status()
            self._waited.append(perf_counter() - began)
        self._used += cpu_seconds(self._pid) - before

    @property
    def cpu(self) -> float:
        """Milliseconds of processor time a request."""
        return self._used * 1000 / len(self._waited)

    @property
    def wall_p95(self) -> float:
        """Milliseconds within which 95 of 100 requests were answered."""
        return sorted(self._waited)[int(len(self._waited) * 0.95)] * 1000


def run(settings: Settings, quick: bool) -> Sequence[Figure]:
    """The queue page and the ticket page, with few and with many tickets; the two offices take turns."""
    small, large, times = (500, 2_000, 10) if quick else (SMALL, LARGE, 200)
    figures: list[Figure] = []
    with _desk(settings, small) as few, _desk(settings, large) as many:
        for name in ("queue", "ticket"):
            for _ in range(TURNS):
                few[name].ask(times)
                many[name].ask(times)
            figures += [
                Figure("pages", f"{name} page, {small:,} tickets, CPU", few[name].cpu, "ms"),
                Figure("pages", f"{name} page, {large:,} tickets, CPU", many[name].cpu, "ms", limit=LIMIT_MS),
                Figure("pages", f"{name} page, many / few", many[name].cpu / few[name].cpu, "x", limit=LIMIT_RATIO),
                Figure("pages", f"{name} page, {large:,} tickets, wall p95", many[name].wall_p95, "ms"),
            ]
    return figures


@contextmanager
def _desk(settings: Settings, tickets: int) -> Iterator[Mapping[str, Page]]:
    """The pages of an office with so many tickets, open in a browser's place."""
    with office(settings) as system:
        with_history(system, tickets)
        with serving(system) as (process, base), httpx.Client(base_url=base, timeout=30) as client:
            sign_in(client)
            paths = {"queue": f"/desk/queues/{team_ids(system)[1]}", "ticket": f"/desk/tickets/{_a_ticket(system)}"}
            yield {name: Page(client, process.pid, path) for name, path in paths.items()}


def _a_ticket(system: System) -> int:
    """An old one that still waits, with everything round it."""
    with system.database.read_only() as session:
        query = select(Ticket.id).where(text("status = 'open' AND agent_id IS NULL")).order_by(Ticket.id).limit(1)
        return session.scalars(query).one()


@contextmanager
def serving(system: System, command: str = "web") -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """A `weerklank` process over the bench's database, and its address."""
    assert system.settings.database_url is not None
    port = free_port()
    own = {
        "WEERKLANK_DATABASE_URL": system.settings.database_url.get_secret_value(),
        "WEERKLANK_DATA": str(system.settings.data), "WEERKLANK_PORT": str(port), "WEERKLANK_LOG_LEVEL": "WARNING",
        "WEERKLANK_SECRET_KEYS": Path(system.settings.data / "secret.key").read_text().strip(),
    }  # fmt: skip
    environment = {**os.environ, **own}
    # Its address is said on standard output, where ours are the figures alone (`--json`).
    process = subprocess.Popen([sys.executable, "-m", "app", command], env=environment, stdout=subprocess.DEVNULL)
    base = f"http://127.0.0.1:{port}"
    try:
        until_up(f"{base}/health/ready", process)
        yield process, base
    finally:
        process.terminate()
        process.wait(30)


def sign_in(client: httpx.Client) -> None:
    """Become the bench's agent: the cookie stays with the client."""
    answer = client.post(
        "/desk/sign-in",
        data={"email": EMAIL, "password": PASSWORD},
        headers={"origin": str(client.base_url).rstrip("/"), "sec-fetch-site": "same-origin"},
    )
    if answer.status_code != 303:
        raise RuntimeError(f"the sign-in page answered {answer.status_code}")


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used, by itself and for the system (Linux: /proc)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
