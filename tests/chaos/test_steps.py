"""Kill -9 between any two steps of the journey, from the mailbox to the sent answer: nothing is lost, nothing happens twice.

A step is a statement, a commit, a page of the mailbox, a parsed mail, a kept file, a mail handed to SMTP.
"""

import signal
from dataclasses import dataclass
from email.message import EmailMessage

import pytest

from tests.chaos.crew import Check, Crew, time_passes
from tests.journey.hall import TownHall, letter
from tests.servers.mail import Mailbox, MailServers

FEW = 12


@dataclass
class Walk:
    """One mailbox, into which each round lays one mail."""

    servers: MailServers
    hall: TownHall
    box: Mailbox
    account: int
    crew: Crew
    check: Check

    def mail(self, number: int) -> tuple[EmailMessage, Mailbox]:
        citizen = self.servers.citizen()
        mail = letter(citizen.address, self.box.address, f"Melding {number}", f"Dit is melding {number}.")
        file = f"%PDF-1.7 melding {number}".encode()
        mail.add_attachment(file, maintype="application", subtype="pdf", filename="kaart.pdf")
        return mail, citizen

    def round(self, number: int, die_at: int) -> str:
        """A mail comes, the worker dies at step `die_at`, another one finishes; gives how the answer ended."""
        mail, citizen = self.mail(number)
        with self.servers.imap(self.box) as client:
            client.append("INBOX", "", "", mail.as_bytes())
        self.check.sent.append(mail["Message-ID"])
        died = self.crew.walk(self.hall, self.account, die_at)
        assert died == (-signal.SIGKILL if die_at else 0), self.crew.log[-3000:]
        time_passes(self.hall)
        for _ in range(2):  # the second finds what the first one's recovery put back
            assert self.crew.walk(self.hall, self.account) == 0, self.crew.log[-3000:]
        self.check.finished(5)
        self.check.nothing_lost_nothing_twice()
        self.servers.arrived(citizen, self.sure())
        return self.ended()

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


def points(journey: Walk) -> int:
    """How many steps an undisturbed journey has."""
    assert journey.round(0, 0) == "sent sent"
    mail, _ = journey.mail(1)
    with journey.servers.imap(journey.box) as client:
        client.append("INBOX", "", "", mail.as_bytes())
    journey.check.sent.append(mail["Message-ID"])
    assert journey.crew.walk(journey.hall, journey.account) == 0
    return journey.crew.steps


def walked(journey: Walk, at: range) -> list[str]:
    ends = [journey.round(number, die_at) for number, die_at in enumerate(at, start=2)]
    everybody = {address for (address,) in journey.hall.rows("SELECT address FROM contact_address")}
    states = journey.check.answers_once(*(Mailbox(address, journey.box.password) for address in everybody))
    assert set(states) <= {"sent", "uncertain"}
    assert all(end.count("uncertain") <= 1 for end in ends), "one death puts one delivery in doubt"
    return ends


def test_a_worker_killed_at_a_few_points_of_the_journey_loses_and_doubles_nothing(journey: Walk) -> None:
    steps = points(journey)
    assert steps > 60
    walked(journey, range(3, steps, steps // FEW))


@pytest.mark.chaos
def test_a_worker_killed_at_every_point_of_the_journey_loses_and_doubles_nothing(journey: Walk) -> None:
    steps = points(journey)
    ends = walked(journey, range(1, steps + 1))
    assert 1 <= sum("uncertain" in end for end in ends) < steps / 3
