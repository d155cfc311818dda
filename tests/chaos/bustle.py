"""Ordinary life while things break: citizens write, a clerk answers; both remember only what they were told is safe."""

import random
from collections.abc import Callable
from contextlib import ExitStack
from smtplib import SMTPException
from threading import Event, Thread
from typing import Self

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.errors import DomainError
from tests.chaos.crew import Check
from tests.journey.hall import TownHall, letter
from tests.servers.mail import Mailbox, MailServers

UNANSWERED = """
    SELECT t.id FROM ticket t WHERE NOT EXISTS (SELECT 1 FROM message WHERE ticket_id = t.id AND kind = 'reply') ORDER BY t.id
"""


class Bustle:
    """Mail keeps coming, each from another citizen, and each ticket is answered once, until the end of the block."""

    def __init__(self, check: Check, servers: MailServers, box: Mailbox, every: float = 0.2, size: int = 50) -> None:
        """`every` is in seconds; `size` is how many bytes a mail has at least."""
        self._check = check
        self._servers = servers
        self._box = box
        self._every = every
        self._size = size
        self._stop = Event()
        self._stack = ExitStack()
        self.citizens: list[Mailbox] = []
        self.troubles = 0

    def __enter__(self) -> Self:
        for work in (self._write, self._answer):
            thread = Thread(target=self._again_and_again, args=(work,), daemon=True)
            thread.start()
            self._stack.callback(thread.join)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._stack.close()

    def _again_and_again(self, work: Callable[[], None]) -> None:
        while not self._stop.wait(self._every):
            try:
                work()
            except (DBAPIError, PoolTimeout, DomainError, SMTPException, OSError):
                self.troubles += 1  # they try again, as people do

    def _write(self) -> None:
        citizen = self._servers.citizen()
        number = len(self.citizens)
        words = "\n".join(["Dit is een melding uit de buurt." * 4] * (self._size // 128 + 1))
        mail = letter(citizen.address, self._box.address, f"Melding {number}", words)
        self._servers.send(mail, citizen.address, self._box.address)
        self._check.sent.append(mail["Message-ID"])
        self.citizens.append(citizen)

    def _answer(self) -> None:
        for (ticket,) in self._check.hall.rows(UNANSWERED):
            if self._stop.is_set():
                return
            self._check.hall.answer_once(ticket, "Dank, wij gaan ermee aan de slag.")


def chance_of(seed: int) -> random.Random:
    """Chance that can be repeated: the seed is printed, and taken from TEST_SEED."""
    print(f"TEST_SEED={seed}")
    return random.Random(seed)


def answered(hall: TownHall) -> bool:
    return not hall.rows(UNANSWERED)
