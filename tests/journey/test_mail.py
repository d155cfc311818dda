"""Step 4 of the whole way, against a real Postfix and Dovecot: in by IMAP IDLE, answered, out by SMTP, and back again."""

from email.utils import parseaddr
from threading import Event, Thread
from time import monotonic

import pytest

from app.tickets import reference, tokens
from tests.journey.client import Citizen, text_of
from tests.journey.hall import NAME, TownHall, letter
from tests.servers.mail import Mailbox, MailServers
from tests.until import until

pytestmark = pytest.mark.usefixtures("worker")


def test_a_mail_is_answered_in_its_thread_and_the_reply_joins_and_reopens_the_ticket(
    hall: TownHall, box: Mailbox, citizen: Citizen
) -> None:
    asked = citizen.write(box, "Lantaarnpaal in de Dorpsstraat", "De derde lantaarnpaal doet het niet meer.")
    ticket = hall.ticket_about("Lantaarnpaal in de Dorpsstraat")
    receipt = citizen.gets("Wij hebben het ontvangen")
    assert reference.of(ticket) in text_of(receipt)

    hall.answer(ticket, "Morgen komt er iemand naar de lantaarnpaal kijken.")
    answer = citizen.gets("Morgen komt er iemand")
    assert parseaddr(answer["From"]) == (NAME, box.address)
    assert answer["In-Reply-To"] == asked["Message-ID"]
    assert answer["References"].split()[0] == asked["Message-ID"]
    assert answer["Subject"] == "Re: Lantaarnpaal in de Dorpsstraat"
    token = parseaddr(answer["Reply-To"])[1].partition("+")[2].partition("@")[0]
    claim = tokens.claims(token)
    assert claim is not None
    assert (claim.ticket_id, tokens.valid(hall.system.keys, claim, 1)) == (ticket, True)
    for wanted in (NAME, reference.of(ticket), f"{hall.system.settings.base_url}/status/s-"):
        assert wanted in text_of(answer)
    assert hall.one("SELECT status FROM ticket WHERE id = :t", t=ticket) == "pending"

    citizen.replies(answer, "Dank, maar hij is nog steeds uit.")
    until(lambda: hall.one("SELECT status FROM ticket WHERE id = :t", t=ticket) == "open", 15, saying="it reopens")
    kinds = hall.rows("SELECT kind FROM message WHERE ticket_id = :t ORDER BY id", t=ticket)
    assert [kind for (kind,) in kinds] == ["reaction", "receipt", "reply", "reaction"]
    assert hall.one("SELECT count(*) FROM ticket") == 1
    assert "nog steeds uit" in hall.one("SELECT text FROM message ORDER BY id DESC LIMIT 1")
    assert hall.rows("SELECT type FROM ticket_event WHERE type = 'reopened'") == [("reopened",)]
    assert hall.balanced()


def test_the_whole_conversation_threads_in_any_client(hall: TownHall, box: Mailbox, citizen: Citizen) -> None:
    """Every mail of ours names the one before it, and the chain holds the first mail to the last."""
    first = citizen.write(box, "Speeltuin", "De schommel is kapot.")
    ticket = hall.ticket_about("Speeltuin")
    hall.answer(ticket, "Welke speeltuin bedoelt u?")
    answer = citizen.gets("Welke speeltuin")
    second = citizen.replies(answer, "Die aan de Parklaan.")
    until(lambda: hall.one("SELECT count(*) FROM message WHERE kind = 'reaction'") == 2, 15)
    hall.answer(ticket, "Die maken wij deze week.")
    last = citizen.gets("Die maken wij deze week")
    assert last["In-Reply-To"] == second["Message-ID"]
    chain = last["References"].split()
    assert chain[0] == first["Message-ID"]
    assert chain[-1] == second["Message-ID"]
    assert answer["Message-ID"] in chain


def test_a_mail_is_a_ticket_within_seconds_because_the_mailbox_says_so(
    hall: TownHall, box: Mailbox, citizen: Citizen
) -> None:
    """IDLE, not the poll: Dovecot looks once a second here, and polling is once in a minute."""
    citizen.write(box, "Warm", "De eerste mail, tot de mailbox gelezen wordt.")
    hall.ticket_about("Warm")
    began = monotonic()
    citizen.write(box, "Snel", "Hoe snel is dit een ticket?")
    hall.ticket_about("Snel")
    assert monotonic() - began < 5


def test_the_receipt_comes_once_and_says_that_no_person_wrote_it(
    hall: TownHall, box: Mailbox, citizen: Citizen
) -> None:
    asked = citizen.write(box, "Paspoort", "Wat kost een nieuw paspoort?")
    receipt = citizen.gets("Wij hebben het ontvangen")
    assert receipt["Auto-Submitted"] == "auto-replied"
    assert receipt["X-Auto-Response-Suppress"] == "All"
    assert receipt["Return-Path"] == "<>"
    assert receipt["In-Reply-To"] == asked["Message-ID"]
    assert NAME in receipt["From"]
    assert f"{hall.system.settings.base_url}/status/s-" in text_of(receipt)

    citizen.replies(receipt, "En hoe lang duurt het?")
    until(lambda: hall.one("SELECT count(*) FROM message WHERE kind = 'reaction'") == 2, 15)
    settled(hall)
    assert len(citizen.inbox()) == 1, "the second mail of a ticket gets no receipt"


VACATIONS = {
    "marked": {"Auto-Submitted": "auto-replied", "Precedence": "bulk"},
    "by its subject": {"Subject": "Automatisch antwoord: ik ben er niet"},
    "not marked at all": {},
}


@pytest.mark.parametrize("marks", VACATIONS.values(), ids=VACATIONS.keys())
def test_a_vacation_responder_and_we_come_to_rest(
    hall: TownHall, box: Mailbox, citizen: Citizen, marks: dict[str, str]
) -> None:
    """The worst responder: it answers every mail it gets, automatic ones too."""
    with Responder(citizen, marks):
        citizen.write(box, "Afval", "Wanneer wordt het papier opgehaald?")
        ticket = hall.ticket_about("Afval")
        citizen.gets("Wij hebben het ontvangen")
        hall.answer(ticket, "Op dinsdag.")
        citizen.gets("Op dinsdag.")
        until(
            lambda: hall.one("SELECT count(*) FROM raw_item WHERE state <> 'new'") == 3, 15, saying="both answers came"
        )
        settled(hall)
        assert len(citizen.inbox()) == 2
    assert hall.one("SELECT count(*) FROM ticket") == 1
    assert hall.one("SELECT count(*) FROM message WHERE kind IN ('receipt', 'reply')") == 2


def test_an_answer_to_an_address_that_does_not_exist_comes_back_and_marks_the_ticket(
    hall: TownHall, box: Mailbox, mail_servers: MailServers
) -> None:
    gone = Citizen(mail_servers, mail_servers.mailbox("niemand", "burgers.example"))
    gone.write(box, "Vergunning", "Mag ik een boom kappen?")
    ticket = hall.ticket_about("Vergunning")
    replied = hall.answer(ticket, "Daar hebt u een vergunning voor nodig.")
    until(lambda: hall.state(replied.delivery_id) == "refused", 20, saying="the bounce was recognised")
    assert hall.one("SELECT status FROM ticket WHERE id = :t", t=ticket) == "open", "somebody must look at it"
    assert hall.rows("SELECT type FROM ticket_event WHERE type = 'bounced'") == [("bounced",)]
    assert hall.one("SELECT bounced_at IS NOT NULL FROM contact_address WHERE address = :a", a=gone.address)
    assert hall.one("SELECT count(*) FROM ticket") == 1
    settled(hall)
    assert hall.one("SELECT count(*) FROM delivery") == 2, "a bounce is never answered"


def test_a_reply_from_somebody_else_with_the_token_is_no_part_of_the_ticket(
    hall: TownHall, box: Mailbox, citizen: Citizen, mail_servers: MailServers
) -> None:
    citizen.write(box, "Bezwaar tegen de kap", "Ik ben het niet eens met de kap.")
    ticket = hall.ticket_about("Bezwaar tegen de kap")
    hall.answer(ticket, "Uw brief is ontvangen.")
    answer = citizen.gets("Uw brief is ontvangen")
    stranger = Citizen(mail_servers)
    stranger.replies(answer, "Stuur mij alles wat u hierover hebt.")
    until(lambda: hall.one("SELECT count(*) FROM ticket") == 2, 15, saying="a ticket of its own")
    assert hall.one("SELECT count(*) FROM message WHERE ticket_id = :t AND kind = 'reaction'", t=ticket) == 1
    assert hall.one("SELECT target_id FROM proposal") == ticket


def test_what_the_mailbox_holds_is_what_the_ledger_knows(
    hall: TownHall, box: Mailbox, citizen: Citizen, mail_servers: MailServers
) -> None:
    raw = letter(citizen.address, box.address, "Twee keer", "Dezelfde mail komt twee keer aan.").as_bytes()
    for _ in range(2):  # as after a crash of the mail server: other trace headers, another UID
        mail_servers.send(raw, citizen.address, box.address)
    until(lambda: hall.one("SELECT count(*) FROM raw_item WHERE state <> 'new'") == 2, 15)
    assert hall.rows("SELECT state FROM raw_item ORDER BY state") == [("duplicate",), ("ticketed",)]
    assert hall.one("SELECT seen FROM account_state") == len(mail_servers.inbox(box))
    assert hall.balanced()


def settled(hall: TownHall) -> None:
    """Wait until nothing is under way any more."""
    under_way = """
        SELECT (SELECT count(*) FROM delivery WHERE state IN ('waiting', 'claimed', 'begun', 'failed'))
            + (SELECT count(*) FROM raw_item WHERE state = 'new')
    """
    until(lambda: hall.one(under_way) == 0, 15, saying="everything has been sent")


class Responder:
    """Answers every new mail in a citizen's mailbox at once, with the marks given, until the end of the block."""

    def __init__(self, citizen: Citizen, marks: dict[str, str]) -> None:
        self._citizen = citizen
        self._marks = marks
        self._stop = Event()
        self._thread = Thread(target=self._run)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        answered = 0
        while not self._stop.wait(0.1):
            for mail in self._citizen.inbox()[answered:]:
                answered += 1
                to = parseaddr(mail["Reply-To"] or mail["From"])[1]
                headers = {"Subject": f"Afwezig: {mail['Subject']}", "In-Reply-To": mail["Message-ID"], **self._marks}
                away = letter(self._citizen.address, to, "", "Ik ben met vakantie tot en met maandag.", headers)
                self._citizen.servers.send(away, self._citizen.address, to)
