"""Worker processes that die on order: `python -m tests.chaos.driver`, orders as JSON lines on standard input.

It imports everything once and forks, so that a round of killing costs no start of Python. Each child opens the system from
the environment like any command. Nothing of the product is patched: what counts steps, or dies, is handed in where a real
channel, store or engine is (`Accounts` takes kinds, `System` takes a store, the driver's cursor tells of every statement).

    {"do": "walk", "account": 1, "clerk": 2, "team": 3, "at": 17, "by": 9}   one journey; signal 9 at its 17th step
    {"do": "work"}                  the real worker, until a signal ends it
    {"do": "reap", "pid": 4711}     wait for one; answers its exit status, -9 when it was killed
"""

import dataclasses
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import event

from app import log
from app.accounts.directory import Accounts
from app.assignment.route import Router
from app.channels.contract import AccountConfig, Channel, Incoming, Kind, OutgoingMessage, Page, RawItem, Sent
from app.channels.registry import KINDS
from app.delivery.deliver import deliver_waiting
from app.errors import Conflict
from app.identity.principal import Principal
from app.intake.admit import admit_waiting
from app.intake.read_account import read_account
from app.main import exit_on_signals
from app.settings import Settings
from app.storage.blobs import Blob, BlobStore, blob_store
from app.storage.database import Database, open_database
from app.storage.keys import load_keys
from app.system import System
from app.vocabulary import Role
from app.worker import Worker, means_of, work
from tests.journey.hall import TownHall
from tests.tickets.statements import noting

POISON = b"X-Poison: yes"


class Steps:
    """Notes what the journey passes, and ends or freezes this process, for real, at one of the steps."""

    def __init__(self, at: int, by: signal.Signals = signal.SIGKILL) -> None:
        self._at = at
        self._by = by
        self.passed: list[str] = []

    def take(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) == self._at:
            os.kill(os.getpid(), self._by)

    def watch(self, database: Database) -> None:
        """Every statement, the moment before every commit, and the one after it, when no transaction is open."""
        self._statements = noting(database.engine, lambda *_: self.take("statement"))
        self._statements.__enter__()
        event.listen(database.engine, "commit", lambda *_: self.take("commit"))
        event.listen(database.engine, "checkin", lambda *_: self.take("between"))


Take = Callable[[str], None]


class Mortal:
    """What comes before and after each thing that a channel does. Mixed into the real channel's class."""

    take: Take

    def pull(self, cursor: str | None) -> Iterator[Page]:
        for page in super().pull(cursor):  # type: ignore[misc]
            self.take("page")
            yield page

    def parse(self, item: RawItem) -> Sequence[Incoming]:
        if POISON in item.body:
            os.kill(os.getpid(), signal.SIGKILL)
        found: Sequence[Incoming] = super().parse(item)  # type: ignore[misc]
        self.take("parsed")
        return found

    def send(self, message: OutgoingMessage) -> Sent:
        self.take("sending")
        sent: Sent = super().send(message)  # type: ignore[misc]
        self.take("sent")
        return sent


class MortalStore:
    """The moment after a file was kept."""

    def __init__(self, real: BlobStore, take: Take) -> None:
        self._real = real
        self._take = take
        self.stream, self.exists, self.read = real.stream, real.exists, real.read

    def put(self, content: bytes | Iterable[bytes], limit: int) -> Blob:
        kept = self._real.put(content, limit)
        self._take("kept")
        return kept


def mortal(kind: Kind, take: Take) -> Kind:
    def build(config: AccountConfig) -> Channel:
        channel = kind.build(config)
        name = type(channel).__name__
        channel.__class__ = type(name, (Mortal, type(channel)), {"take": staticmethod(take)})
        return channel

    return dataclasses.replace(kind, build=build)


@contextmanager
def opened(steps: Steps) -> Iterator[System]:
    settings = Settings.read(os.environ)
    log.configure(settings.log_level)
    with open_database(settings, name="weerklank chaos") as database:
        keys = load_keys(settings)
        kinds = {kind.key: mortal(kind, steps.take) for kind in KINDS}
        store = MortalStore(blob_store(settings), steps.take)
        yield System(settings, database, keys, Accounts(database, keys, kinds, settings.base_url), store)


def walk(order: dict[str, Any]) -> None:
    """One journey from the mailbox to the sent answer, every step in the order of `app/worker.py`."""
    steps = Steps(order["at"], signal.Signals(order["by"]))
    with opened(steps) as system:
        steps.watch(system.database)
        means = means_of(system)
        read_account(means, order["account"])
        while admit_waiting(means):
            continue
        router = Router(system.database)
        while router.route_waiting():
            continue
        clerk = Principal(order["clerk"], "Medewerker Balie", Role.AGENT, team_ids=frozenset({order["team"]}))
        answer_everything(TownHall(system, clerk))
        keys, blobs, settings = system.keys, system.blobs, system.settings
        while deliver_waiting(system.database, system.accounts, keys, blobs, settings, f"walk:{os.getpid()}"):
            continue
    Path(order["log"]).with_suffix(".steps").write_text(json.dumps(steps.passed))


def answer_everything(hall: TownHall) -> None:
    unanswered = """
        SELECT t.id, t.subject FROM ticket t
        WHERE NOT EXISTS (SELECT 1 FROM message WHERE ticket_id = t.id AND kind = 'reply') ORDER BY t.id
    """
    for ticket, subject in hall.rows(unanswered):
        try:
            hall.answer_once(ticket, f"Antwoord op {subject}.")
        except Conflict as stopped:  # somebody answered while we were frozen
            log.event("driver.not_answered", ticket=ticket, code=stopped.code)


def labour(order: dict[str, Any]) -> None:
    with opened(Steps(0)) as system:
        work(Worker(system))


def child(order: dict[str, Any]) -> NoReturn:
    out = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    exit_on_signals()
    status = 1
    try:
        {"walk": walk, "work": labour}[order["do"]](order)
        status = 0
    except SystemExit as ending:
        status = int(ending.code or 0)
    except BaseException as error:
        log.trouble("driver.failed", error=error)
    finally:
        os._exit(status)


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "reap":
            answer = os.waitstatus_to_exitcode(os.waitpid(order["pid"], 0)[1])
        else:
            answer = os.fork()
            if answer == 0:
                child(order)
        print(answer, flush=True)


if __name__ == "__main__":
    main()
