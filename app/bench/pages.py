"""What a page costs the server: whole requests over HTTP, session, permissions and template included.

The server is a process of its own; its processor time is read from the system before and after, so that the client's costs
are not counted.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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
ROUNDS = 5
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the desk, with the milliseconds of processor time and of waiting that it cost."""

    name: str
    cpu: float
    wall_p95: float


def run(settings: Settings, quick: bool) -> Sequence[Figure]:
    """The queue page and the ticket page, with few and with many tickets."""
    small, large, times = (500, 2_000, 40) if quick else (SMALL, LARGE, 1_000)
    with office(settings) as system:
        with_history(system, small)
        few = _measure(system, times)
        with_history(system, large - small)
        many = _measure(system, times)
    figures = []
    for one, other in zip(few, many, strict=True):
        at = f"{one.name} page, {small:,} tickets", f"{one.name} page, {large:,} tickets"
        figures += [
            Figure("pages", f"{at[0]}, CPU", one.cpu, "ms"),
            Figure("pages", f"{at[1]}, CPU", other.cpu, "ms", limit=LIMIT_MS),
            Figure("pages", f"{one.name} page, many / few", other.cpu / one.cpu, "x", limit=LIMIT_RATIO),
            Figure("pages", f"{at[1]}, wall p95", other.wall_p95, "ms"),
        ]
    return figures


def _measure(system: System, times: int) -> list[Page]:
    with serving(system) as (process, base), httpx.Client(base_url=base, timeout=30) as client:
        sign_in(client)
        queue = f"/desk/queues/{team_ids(system)[1]}"
        ticket = f"/desk/tickets/{_a_ticket(system)}"
        return [_page(client, process.pid, name, path, times) for name, path in (("queue", queue), ("ticket", ticket))]


def _page(client: httpx.Client, pid: int, name: str, path: str, times: int) -> Page:
    """The processor time of the best round: a neighbour on the same processor makes every instruction dearer for a while."""
    for _ in range(20):
        client.get(path).raise_for_status()
    rounds: list[float] = []
    waited: list[float] = []
    for _ in range(ROUNDS):
        before = cpu_seconds(pid)
        for _ in range(times // ROUNDS):
            began = perf_counter()
            client.get(path).raise_for_status()
            waited.append((perf_counter() - began) * 1000)
        rounds.append((cpu_seconds(pid) - before) * 1000 / (times // ROUNDS))
    return Page(name, min(rounds), sorted(waited)[int(len(waited) * 0.95)])


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
