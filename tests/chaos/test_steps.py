"""Kill -9 between any two steps of the journey, from the mailbox to the sent answer: nothing is lost, nothing happens twice.

A step is a statement, a commit, a page of the mailbox, a parsed mail, a kept file, a mail handed to SMTP.
"""

import signal
from dataclasses import dataclass

import pytest

from tests.chaos.crew import Check, Crew, time_passes
from tests.journey.hall import TownHall, letter
from tests.servers.mail import Mailbox, MailServers

FEW = 8


@dataclass
class Walk:
    """One mailbox, into which each round lays one mail."""

    servers: MailServers
    hall: TownHall
    box: Mailbox
    account: int
    crew: Crew
    check: Check

    def arrives(self, number: int) -> Mailbox:
        """A mail with a file lies in the mailbox; gives who wrote it."""
        citizen = self.servers.citizen()
        mail = letter(citizen.address, self.box.address, f"Melding {number}", f"Dit is melding {number}.")
        file = f"%PDF-1.7 melding {number}".encode()
        mail.add_attachment(file, maintype="application", subtype="pdf", filename="kaart.pdf")
        with self.servers.imap(self.box) as client:
            client.append("INBOX", "", "", mail.as_bytes())
        self.check.sent.append(mail["Message-ID"])
        return citizen

    def round(self, number: int, die_at: int) -> str:
        """A mail comes, the worker dies at step `die_at`, another one finishes; gives how the answer ended."""
        citizen = self.arrives(number)
        died = self.crew.walk(self.hall, self.account, die_at)
        assert died == (-signal.SIGKILL if die_at else 0), self.crew.log[-3000:]
        self.finish(citizen)
        return self.ended()

    def frozen_round(self, number: int, step: int) -> str:
        """A mail comes, the worker freezes at a step, its leases end, another one finishes; then it goes on."""
        citizen = self.arrives(number)
        frozen = self.crew.freeze_at(self.hall, self.account, step)
        self.finish(citizen)
        self.crew.thaw(frozen)
        assert self.crew.bury(frozen) == 0, self.crew.log[-3000:]
        self.finish(citizen)
        return self.ended()

    def finish(self, citizen: Mailbox) -> None:
        """Time passes and another worker does what is left; then all must be well."""
        time_passes(self.hall)
        for _ in range(2):  # the second finds what the first one's recovery put back
            assert self.crew.walk(self.hall, self.account) == 0, self.crew.log[-3000:]
        self.check.finished(5)
        self.check.nothing_lost_nothing_twice()
        self.servers.arrived(citizen, self.sure())

    def sure(self) -> int:
        """How many mails the newest ticket's citizen must have got."""
        query = "SELECT count(*) FROM delivery WHERE state = 'sent' AND ticket_id = (SELECT max(id) FROM ticket)"
        return int(self.hall.one(query))

    def ended(self) -> str:
        query = "SELECT state FROM delivery WHERE ticket_id = (SELECT max(id) FROM ticket) ORDER BY id"
        return " ".join(state for (state,) in self.hall.rows(query))


@pytest.fixture
def journey(mail_servers: MailServers, hall: TownHall, box: Mailbox, account: int, crew: Crew, check: Check) -> Walk:
    return Walk(mail_servers, hall, box, account, crew, check)


def steps_of(journey: Walk) -> list[str]:
    """The steps of an undisturbed journey."""
    assert journey.round(0, 0) == "sent sent"
    journey.arrives(1)
    assert journey.crew.walk(journey.hall, journey.account) == 0
    return journey.crew.steps


def sound(journey: Walk, ends: list[str]) -> None:
    """Every answer arrived once, or is shown as uncertain; and a journey has at most one that is."""
    states = journey.check.answers_once()
    assert set(states) <= {"sent", "uncertain"}
    assert all(end.count("uncertain") <= 1 for end in ends), "one death puts one delivery in doubt"


def some(steps: list[int]) -> list[int]:
    """A few of them, the first and the last among them."""
    return sorted({steps[0], steps[-1], *steps[:: len(steps) // FEW or 1]})


def test_a_worker_killed_at_a_few_points_of_the_journey_loses_and_doubles_nothing(journey: Walk) -> None:
    steps = steps_of(journey)
    assert len(steps) > 60
    sending = [at for at, name in enumerate(steps, start=1) if name in ("sending", "sent")]
    points = some([*range(3, sending[-1] + 6)])
    sound(journey, [journey.round(number, at) for number, at in enumerate(points, start=2)])


@pytest.mark.chaos
def test_a_worker_killed_at_every_point_of_the_journey_loses_and_doubles_nothing(journey: Walk) -> None:
    steps = steps_of(journey)
    ends = [journey.round(at + 1, at) for at in range(1, len(steps) + 1)]
    sound(journey, ends)
    assert 1 <= sum("uncertain" in end for end in ends) < len(steps) / 3


def test_a_worker_frozen_past_its_lease_sends_nothing_that_another_has_sent(journey: Walk) -> None:
    """Frozen where no transaction is open: PostgreSQL ends those of a frozen worker itself, after a minute."""
    steps = steps_of(journey)
    first = steps.index("sending")
    near = [at for at, name in enumerate(steps, start=1) if at > first - 12 and name in ("between", "sending", "sent")]
    sound(journey, [journey.frozen_round(number, at) for number, at in enumerate(near[:6], start=2)])


@pytest.mark.chaos
def test_a_worker_frozen_anywhere_past_its_lease_doubles_nothing(journey: Walk) -> None:
    steps = steps_of(journey)
    points = [at for at, name in enumerate(steps, start=1) if name not in ("statement", "commit")]
    sound(journey, [journey.frozen_round(number, at) for number, at in enumerate(points, start=2)])
