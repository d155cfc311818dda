"""`weerklank` as a real process, which a test can stop, kill, freeze and read the log of."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.until import until

COMMAND = Path(sys.executable).parent / "weerklank"


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """Ours without any setting of Weerklank, and `given`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WEERKLANK_")}
    return {**kept, **given}


def run(
    arguments: list[str], given: Mapping[str, str], stdin: bytes = b"", seconds: float = 60
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end."""
    return subprocess.run(
        [COMMAND, *arguments], env=environment(given), input=stdin, capture_output=True, timeout=seconds, check=False
    )


class Program:
    """A running command; its output is kept in `folder`."""

    def __init__(self, arguments: list[str], given: Mapping[str, str], folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        number = len(list(folder.glob("*.log")))
        self._out, self._err = folder / f"{number}.out", folder / f"{number}.log"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(
                [COMMAND, *arguments], env=environment(given), stdin=subprocess.DEVNULL, stdout=out, stderr=err
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def output(self) -> str:
        """Standard output so far."""
        return self._out.read_text(errors="replace")

    @property
    def log(self) -> str:
        """Standard error so far."""
        return self._err.read_text(errors="replace")

    def said(self, event: str) -> list[dict[str, Any]]:
        """The log lines of one event, complete lines only."""
        lines = [json.loads(line) for line in self.log.splitlines() if line.startswith("{") and line.endswith("}")]
        return [line for line in lines if line.get("event") == event]

    def saying(self, event: str, seconds: float = 60) -> "Program":
        """This program, once it has logged `event`."""
        until(lambda: self.said(event) or not self.alive, seconds, 0.02, f"{event} in {self._err}")
        assert self.said(event), f"it ended with {self._process.returncode}: {self.log}"
        return self

    def kill(self) -> None:
        """Kill -9, and wait until it is gone."""
        self._process.kill()
        self._process.wait(20)

    def stop(self, seconds: float = 20, by: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; gives the exit status."""
        self._process.send_signal(by)
        return self._process.wait(seconds)

    def wait(self, seconds: float = 20) -> int:
        """Wait until it ends by itself; gives the exit status (-9 when it was killed)."""
        return self._process.wait(seconds)

    def freeze(self) -> None:
        """Stop the clock for it (SIGSTOP)."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on as if nothing had happened."""
        self._process.send_signal(signal.SIGCONT)


@contextmanager
def running(arguments: list[str], given: Mapping[str, str], folder: Path) -> Iterator[Program]:
    """A program that is killed at the end of the block if it still runs."""
    program = Program(arguments, given, folder)
    try:
        yield program
    finally:
        if program.alive:
            program.thaw()
            program.kill()
