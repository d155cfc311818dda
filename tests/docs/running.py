"""An installation that runs, with the fictional municipality in it, for the examples of the documentation."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.docs.pages import ROOT, blocks
from tests.servers.ports import free_port
from tests.until import until

TOLD = "https://weerklank.voorbeeldstad.example"  # where the documentation says that it is
SITE = "https://www.voorbeeldstad.example"  # and the website

# curl as the reader types it, at the address that the test has, and failing where the server says that it failed.
_BEFORE = r"""
set -euo pipefail
curl() {
    local given=() status=0
    for argument in "$@"; do
        argument="${argument//$TOLD/$URL}"
        given+=("${argument//$WEBSITE/$WEBSITE_URL}")
    done
    command curl --silent --show-error --fail-with-body "${given[@]}" || status=$?
    [ "$status" -eq 28 ] && return 0   # a stream that was listened to for as long as was asked
    [ "$status" -eq 0 ] || echo "curl says $status: $*" >&2
    return "$status"
}
weerklank() { "$PYTHON" -m app "$@"; }
"""


@dataclass(frozen=True)
class Running:
    """`url` is where it is reached."""

    url: str
    environment: dict[str, str]

    def token(self, *scopes: str) -> str:
        """An administrator's token."""
        asked = " ".join(f"--scope {scope}" for scope in scopes)
        return self.run(f'weerklank token create "x" --agent beheer@voorbeeldstad.example {asked}').strip()

    def run(self, script: str, site_url: str = SITE) -> str:
        """What a shell says that is given this; fails the test when any command in it fails. `site_url` is the website's."""
        environment = {**self.environment, "TOLD": TOLD, "WEBSITE": SITE, "WEBSITE_URL": site_url}
        asked = ["bash", "-c", _BEFORE + script]
        said = subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
        assert said.returncode == 0, f"{said.stdout[-3000:]}\n{said.stderr[-3000:]}"
        return said.stdout


@contextmanager
def running(database_url: str, folder: Path) -> Iterator[Running]:
    """`weerklank serve` with the demo, until the end."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ, "WEERKLANK_DATABASE_URL": database_url, "WEERKLANK_DATA": str(folder), "WEERKLANK_PORT": str(port),
        "WEERKLANK_PUBLIC_URL": url, "URL": url, "WEERKLANK_UNDO_SECONDS": "0", "PYTHON": sys.executable,
    }  # fmt: skip
    with (folder / "log").open("wb") as log:
        served = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", "--demo"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        until(lambda: served.poll() is not None or _ready(url), seconds=90)
        assert served.poll() is None, (folder / "log").read_text()[-3000:]
        yield Running(url, environment)
    finally:
        served.terminate()
        served.wait(30)


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready").status_code == 200
    except httpx.TransportError:
        return False


def examples(text: str) -> str:
    """All shell examples of a page as one script: a later one goes on with what an earlier one found."""
    return "\n".join(re.sub(r"--max-time \d+", "--max-time 4", block) for block in blocks(text, "sh"))
