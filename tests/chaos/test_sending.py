"""The mail server that takes our answers misbehaves: each answer arrives once, or a person is asked."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from app.channels.mail.server import Security
from app.tickets.settle_uncertain import settle_uncertain
from app.worker import Worker
from tests.chaos.bad_smtp import BadSmtp, Manner
from tests.journey.client import Citizen, text_of
from tests.journey.hall import TownHall, mail_account
from tests.servers.mail import MailServers
from tests.until import until


@dataclass
class Desk:
    """A ticket, and a mail server with bad manners for its answer."""

    hall: TownHall
    smtp: BadSmtp
    citizen: Citizen
    ticket: int

    def answer(self, manner: Manner) -> int:
        """Answer while the server is so; gives the delivery once the server has met it."""
        self.smtp.met.clear()
        self.smtp.manner = manner
        delivery = self.hall.answer(self.ticket, f"Het antwoord: {manner.name}.").delivery_id
        until(lambda: manner in self.smtp.met, 15, saying=f"it {manner.value}")
        return delivery

    def ends(self, delivery: int, state: str) -> None:
        until(lambda: self.hall.state(delivery) == state, 15, saying=f"{state}, but it is {self.hall.state(delivery)}")

    def arrived(self, manner: Manner) -> int:
        return sum(f"Het antwoord: {manner.name}." in text_of(mail) for mail in self.citizen.inbox())


@pytest.fixture
def desk(hall: TownHall, mail_servers: MailServers) -> Iterator[Desk]:
    with BadSmtp(mail_servers.postfix.smtp) as smtp:
        box, citizen = mail_servers.mailbox(), Citizen(mail_servers)
        mail_account(
            hall.system,
            mail_servers,
            box,
            smtp_port=smtp.port,
            smtp_security=Security.NONE,
            smtp_user="",
            smtp_ca_file=None,
        )
        with Worker(hall.system):
            citizen.write(box, "Heg", "De heg is te hoog.")
            ticket = hall.ticket_about("Heg")
            citizen.gets("Wij hebben het ontvangen")
            yield Desk(hall, smtp, citizen, ticket)


@pytest.mark.parametrize("manner", [Manner.BUSY, Manner.DROPS], ids=lambda m: m.name)
def test_what_certainly_did_not_go_out_is_sent_again_until_it_does(desk: Desk, manner: Manner) -> None:
    delivery = desk.answer(manner)
    until(lambda: desk.smtp.met.count(manner) > 2, 20, saying="it tries again")
    desk.smtp.manner = Manner.GOOD
    desk.ends(delivery, "sent")
    desk.citizen.gets(f"Het antwoord: {manner.name}.")
    assert desk.arrived(manner) == 1


@pytest.mark.parametrize("manner", [Manner.REFUSES, Manner.REFUSES_CONTENT], ids=lambda m: m.name)
def test_what_is_refused_for_good_is_shown_and_not_tried_again(desk: Desk, manner: Manner) -> None:
    delivery = desk.answer(manner)
    desk.ends(delivery, "refused")
    assert desk.hall.one("SELECT code FROM delivery WHERE id = :d", d=delivery) in ("550", "554")
    assert desk.smtp.met == [manner]
    assert desk.arrived(manner) == 0


def test_an_answer_of_which_nobody_heard_the_end_is_uncertain_and_never_sent_again_by_itself(desk: Desk) -> None:
    delivery = desk.answer(Manner.SWALLOWS)
    desk.ends(delivery, "uncertain")
    desk.citizen.gets("Het antwoord: SWALLOWS.")
    desk.smtp.manner = Manner.GOOD
    other = desk.hall.answer(desk.ticket, "Nog iets.").delivery_id
    desk.ends(other, "sent")  # many looks at the waiting deliveries later
    assert (desk.hall.state(delivery), desk.arrived(Manner.SWALLOWS)) == ("uncertain", 1)
    with desk.hall.system.database.unit_of_work() as session:
        settle_uncertain(session, desk.hall.clerk, delivery, "sent")
    desk.citizen.gets("Nog iets.")
    assert desk.arrived(Manner.SWALLOWS) == 1


def test_an_employee_who_looked_and_found_nothing_sends_it_again_with_the_same_id(desk: Desk) -> None:
    delivery = desk.answer(Manner.SWALLOWS)
    desk.ends(delivery, "uncertain")
    desk.smtp.manner = Manner.GOOD
    with desk.hall.system.database.unit_of_work() as session:
        settle_uncertain(session, desk.hall.clerk, delivery, "again")
    desk.ends(delivery, "sent")
    until(lambda: desk.arrived(Manner.SWALLOWS) == 2, 15)
    ids = {mail["Message-ID"] for mail in desk.citizen.inbox() if "SWALLOWS" in text_of(mail)}
    assert len(ids) == 1, "a mail program shows the two as one"


@pytest.mark.chaos
def test_a_server_that_never_answers_is_given_up_and_the_answer_is_uncertain(desk: Desk) -> None:
    """The lease here is two seconds and the server's silence longer: another thread takes over, and does not send."""
    delivery = desk.answer(Manner.SILENT)
    desk.ends(delivery, "uncertain")
    desk.citizen.gets("Het antwoord: SILENT.")
    desk.smtp.closing.set()
    desk.smtp.manner = Manner.GOOD
    other = desk.hall.answer(desk.ticket, "Nog iets.").delivery_id
    desk.ends(other, "sent")
    assert desk.arrived(Manner.SILENT) == 1
