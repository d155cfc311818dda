"""A crew of workers that a test can kill, freeze and follow, and what must be true of the town hall whatever was done."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any, Self

from app.settings import Settings
from tests.journey.hall import TownHall, environment
from tests.servers import weerklank
from tests.servers.dovecot import PASSWORD
from tests.servers.mail import Mailbox, MailServers
from tests.until import until

ROOT = Path(__file__).parent.parent.parent
UNDER_WAY = """
    SELECT (SELECT count(*) FROM raw_item WHERE state = 'new')
        + (SELECT count(*) FROM delivery WHERE state IN ('waiting', 'claimed', 'begun', 'failed'))
        + (SELECT count(*) FROM ticket WHERE team_id IS NULL)
"""


class Crew:
    """Processes of `tests/chaos/driver.py`, by their pids."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._log = folder / "crew.log"
        self._driver = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.driver"], cwd=ROOT, env=weerklank.environment(environment(settings)),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._running: set[int] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pid in list(self._running):
            self.kill(pid)
        assert self._driver.stdin is not None
        assert self._driver.stdout is not None
        self._driver.stdin.close()
        self._driver.wait(20)
        self._driver.stdout.close()

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    @property
    def steps(self) -> list[str]:
        """The steps that the last finished walk has passed."""
        found: list[str] = json.loads(self._log.with_suffix(".steps").read_text())
        return found

    def start(self) -> int:
        """A real worker; gives its pid."""
        return self._begin({"do": "work"})

    def walk(self, hall: TownHall, account: int, die_at: int = 0) -> int:
        """One journey; gives -9 when it was killed at its step `die_at`, and 0 when it has fewer."""
        return self._reap(self._set_out(hall, account, die_at, signal.SIGKILL))

    def freeze_at(self, hall: TownHall, account: int, step: int) -> int:
        """One journey that freezes at a step; gives its pid once it has. `thaw` lets it go on, `bury` waits for it."""
        pid = self._set_out(hall, account, step, signal.SIGSTOP)
        until(lambda: self._is(pid, "T"), 20, saying="it has frozen")
        return pid

    def _set_out(self, hall: TownHall, account: int, at: int, by: signal.Signals) -> int:
        (team,) = hall.clerk.team_ids
        clerk = {"clerk": hall.clerk.agent_id, "team": team}
        return self._begin({"do": "walk", "account": account, **clerk, "at": at, "by": int(by)})

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        self._reap(pid)

    def stop(self, pid: int) -> int:
        os.kill(pid, signal.SIGTERM)
        return self._reap(pid)

    def freeze(self, pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)

    def thaw(self, pid: int) -> None:
        os.kill(pid, signal.SIGCONT)

    def died(self, pid: int) -> bool:
        """Whether a worker is gone (a zombie that nobody has reaped yet)."""
        return self._is(pid, "Z")

    def bury(self, pid: int) -> int:
        """Wait for one that dies by itself; gives how."""
        return self._reap(pid)

    def _is(self, pid: int, state: str) -> bool:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == state

    def _begin(self, order: dict[str, Any]) -> int:
        pid = self._ask({**order, "log": str(self._log)})
        self._running.add(pid)
        return pid

    def _reap(self, pid: int) -> int:
        self._running.discard(pid)
        return self._ask({"do": "reap", "pid": pid})

    def _ask(self, order: dict[str, Any]) -> int:
        assert self._driver.stdin is not None
        assert self._driver.stdout is not None
        self._driver.stdin.write(json.dumps(order) + "\n")
        self._driver.stdin.flush()
        return int(self._driver.stdout.readline())


@dataclass
class Check:
    """Compares what was sent to us, what became of it, and what citizens got."""

    hall: TownHall
    servers: MailServers
    sent: list[str] = field(default_factory=list)
    """Message-IDs that the feeder handed to the mail server."""

    def finished(self, seconds: float = 60) -> None:
        """Wait until nothing is under way."""
        until(lambda: self.hall.one(UNDER_WAY) == 0, seconds, 0.1, "everything is done")

    def nothing_lost_nothing_twice(self) -> None:
        """Every Message-ID is in exactly one ticket, and the ledger's sum holds."""
        found = Counter(
            external_id for (external_id,) in self.hall.rows("SELECT external_id FROM message WHERE kind = 'reaction'")
        )
        assert {m.strip("<>") for m in self.sent} == {m.strip("<>") for m in found}
        assert [m for m, times in found.items() if times > 1] == []
        tickets = self.hall.one("SELECT count(*) FROM ticket")
        assert tickets == len(self.sent)
        assert self.hall.balanced()

    def answers_once(self) -> Counter[str]:
        """Each delivery called *sent* arrived exactly once; an *uncertain* one at most once. Gives how many of each state."""
        states = dict(self.hall.rows("SELECT key, state FROM delivery"))
        sent = {key for key, state in states.items() if state == "sent"}
        until(lambda: sent <= set(self._arrived()), 20, 0.2, "what was sent arrives")
        arrived = self._arrived()
        for key, state in states.items():
            allowed = {"sent": {1}, "uncertain": {0, 1}, "refused": {0}}.get(state, set())
            assert arrived[key] in allowed, f"{key} is {state} and arrived {arrived[key]} times"
        assert set(arrived) <= set(states)
        replies = self.hall.rows("SELECT ticket_id FROM message WHERE kind = 'reply' GROUP BY 1 HAVING count(*) > 1")
        assert replies == [], "a ticket was answered twice"
        return Counter(states.values())

    def _arrived(self) -> Counter[str]:
        """How often each delivery's key stands in a Message-ID in the mailboxes of all who wrote."""
        everybody = [Mailbox(a, PASSWORD) for (a,) in self.hall.rows("SELECT address FROM contact_address")]
        mails = [message_from_bytes(raw) for citizen in everybody for raw in self.servers.inbox(citizen)]
        return Counter(str(mail["Message-ID"]).strip("<>").partition("@")[0] for mail in mails)


def time_passes(hall: TownHall) -> None:
    """Every lease of a dead worker is over, without waiting for it."""
    hall.do(
        "UPDATE raw_item SET not_before = now() - interval '1 second' WHERE state = 'new' AND not_before IS NOT NULL"
    )
    hall.do("UPDATE delivery SET lease_until = now() - interval '1 second' WHERE state IN ('claimed', 'begun')")
    hall.do("UPDATE delivery SET not_before = now() - interval '1 second' WHERE state IN ('waiting', 'failed')")
