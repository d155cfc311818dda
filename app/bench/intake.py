"""From a mail's bytes to a ticket with a decision, against the least that such a thing can cost.

The floor: parse with the standard library's modern policy, reading the body and every header, and one durable
transaction that inserts a ticket and a message. Ours does that and journals, threads, makes search words, decides and keeps
why, owes a receipt, and tells the desk.

An empty installation and one with 200,000 tickets stand side by side and take turns, page by page, each with its floor: a
machine's speed drifts within minutes, by more than what is to be seen.
"""

import email
import email.policy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from time import perf_counter, process_time

from sqlalchemy import func, insert
from sqlalchemy.orm import Session

from app.bench.mails import mail
from app.bench.office import office, route_all, with_history
from app.bench.report import Figure
from app.channels.contract import RawItem
from app.intake.admit import admit_waiting
from app.intake.journal import journal
from app.intake.means import Means
from app.intake.stow import stow
from app.models import Message, Ticket
from app.settings import Settings
from app.storage.database import Database
from app.system import System
from app.vocabulary import MessageKind

PAGE = 50  # as the mailbox is read
HISTORY = 200_000


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds a mail: elapsed, and of our own processor time."""

    wall: float
    cpu: float


class Clock:
    """Adds up what is done in turns."""

    def __init__(self) -> None:
        self._wall = self._cpu = 0.0
        self._mails = 0

    @contextmanager
    def running(self, mails: int) -> Iterator[None]:
        """The time of the block is that of so many mails."""
        wall, cpu = perf_counter(), process_time()
        yield
        self._wall += perf_counter() - wall
        self._cpu += process_time() - cpu
        self._mails += mails

    @property
    def cost(self) -> Cost:
        """Of one mail, so far."""
        return Cost(self._wall * 1000 / self._mails, self._cpu * 1000 / self._mails)


def run(settings: Settings, quick: bool) -> Sequence[Figure]:
    """On an empty database and among 200,000 tickets."""
    mails, history = (100, 2_000) if quick else (1_000, HISTORY)
    with office(settings) as small, office(settings) as large:
        with_history(large, history)
        for system in (small, large):
            _ours(system, range(PAGE), Clock())  # what is made once: compiled statements, the roster, stems
        clocks = [(system, Clock(), Clock()) for system in (small, large)]
        for start in range(PAGE, PAGE + mails, PAGE):
            for system, floor_clock, our_clock in clocks:
                _floor(system.database, range(start, start + PAGE), floor_clock)
                _ours(system, range(start, start + PAGE), our_clock)
    (floor, empty), (full_floor, full) = ((floor.cost, ours.cost) for _, floor, ours in clocks)
    among = f"among {history:,} tickets"
    return [
        *_figures("floor, empty", floor),
        *_figures("mail to decision, empty", empty),
        *_ratios("mail to decision / floor, empty", empty, floor, 3),
        *_figures(f"floor, {among}", full_floor),
        *_figures(f"mail to decision, {among}", full),
        *_ratios(f"mail to decision / floor, {among}", full, full_floor, 3),
        *_ratios(f"{among} / empty", full, empty, 1.2),
    ]


def _figures(name: str, cost: Cost) -> list[Figure]:
    return [Figure("intake", f"{name}, wall", cost.wall, "ms"), Figure("intake", f"{name}, CPU", cost.cpu, "ms")]


def _ratios(name: str, cost: Cost, base: Cost, limit: float) -> list[Figure]:
    return [
        Figure("intake", f"{name}, wall", cost.wall / base.wall, "x", limit=limit),
        Figure("intake", f"{name}, CPU", cost.cpu / base.cpu, "x", limit=limit),
    ]


def _floor(database: Database, numbers: range, clock: Clock) -> None:
    raws = [mail(number) for number in numbers]
    with clock.running(len(raws)):
        for raw in raws:
            parsed = email.message_from_bytes(raw, policy=email.policy.default)
            assert isinstance(parsed, EmailMessage)
            headers = [(name, str(value)) for name, value in parsed.items()]
            body = parsed.get_body(("plain",))
            assert body is not None
            with database.unit_of_work() as session:
                _least(session, dict(headers)["Subject"], str(body.get_content()))


_TICKET = insert(Ticket).returning(Ticket.id)
_MESSAGE = insert(Message)


def _least(session: Session, subject: str, text: str) -> None:
    values = {
        "account_id": 1, "subject": subject, "received_at": func.now(), "due_at": func.now(), "spam": True,
        "decision_id": None,
    }  # fmt: skip
    ticket = session.execute(_TICKET.values(values)).scalar_one()
    session.execute(_MESSAGE.values(ticket_id=ticket, account_id=1, kind=MessageKind.REACTION, text=text))


def _ours(system: System, numbers: range, clock: Clock) -> None:
    items = [
        RawItem(f"bench:{n}", mail(n), "message/rfc822", {"recipient": "post@voorbeeldstad.example"}) for n in numbers
    ]
    means = Means(system.database, system.accounts, system.keys, system.blobs)
    account = system.accounts.active()[0].id
    with clock.running(len(items)):
        page = stow(system.blobs, items)
        with system.database.unit_of_work() as session:
            journal(session, account, page)
        while admit_waiting(means):
            continue
        route_all(system)
