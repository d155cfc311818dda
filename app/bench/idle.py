"""How much memory `weerklank serve` holds when nothing happens."""

from collections.abc import Sequence
from pathlib import Path
from time import sleep

import httpx

from app.bench.office import office
from app.bench.pages import cpu_seconds, serving
from app.bench.report import Figure
from app.settings import Settings

LIMIT_MB = 160


def run(settings: Settings, quick: bool) -> Sequence[Figure]:
    """Web and worker in one process, PostgreSQL apart; after a page was served, so that what is made late is counted."""
    seconds = 3 if quick else 15
    with office(settings) as system, serving(system, "serve") as (process, base):
        httpx.get(f"{base}/desk/sign-in", timeout=30).raise_for_status()
        before = cpu_seconds(process.pid)
        sleep(seconds)
        used = cpu_seconds(process.pid) - before
        status = Path(f"/proc/{process.pid}/status").read_text()
    resident = int(status.partition("VmRSS:")[2].split()[0]) / 1024
    return [
        Figure("idle", "serve, resident memory", resident, "MB", limit=LIMIT_MB),
        Figure("idle", "serve, processor", used / seconds * 100, "% of a core"),
    ]
