"""The whole way over the emulated Twilio: texted, answered, arrived, answered again; rung, and called back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.accounts import change
from app.accounts.directory import Accounts
from app.channels.contract import WebhookRequest
from app.channels.registry import KINDS
from app.clock import now
from app.delivery.deliver import deliver_waiting
from app.identity.mandates import as_agent
from app.identity.principal import Principal
from app.intake.admit import admit_waiting
from app.intake.means import Means
from app.intake.read_account import read_account
from app.intake.receive import receive
from app.models import Contact, ContactAddress, Delivery, Message, RawItem, Ticket
from app.settings import Settings
from app.storage.blobs import BlobStore
from app.storage.database import Database
from app.storage.keys import Keys
from app.tickets import call_back_list
from app.tickets.call import call
from app.tickets.reply import reply
from app.vocabulary import AddressKind, DeliveryState, MessageKind, RawState, Role, TicketStatus
from tests.emulators.twilio import twilio
from tests.emulators.twilio_state import NUMBER, SID, TOKEN, Twilio
from tests.until import until
from tests.web import made

CITIZEN = "+31612345678"
OUTSIDE = "https://weerklank.voorbeeldstad.example"


@dataclass
class Exchange:
    """An installation with one number, and the Twilio at the other end of it."""

    server: Twilio
    means: Means
    settings: Settings
    ada: Principal

    def push(self, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """What Twilio posts, through our door for webhooks."""
        account = self.means.accounts.by_public_key(url.removeprefix(f"{OUTSIDE}/hooks/").partition("?")[0])
        return receive(self.means, account, WebhookRequest("POST", url, headers, body, "127.0.0.1", now())).body

    def account(self, kind: str, **settings: Any) -> int:
        """A new account at this Twilio; its number points to us."""
        given = {"account_sid": SID, "auth_token": SecretStr(TOKEN), "number": NUMBER, "api_url": self.server.url}
        found = self.means.accounts.kind(kind).settings(**given | settings)
        with self.means.database.unit_of_work() as session:
            made_ = change.create(
                session,
                self.means.keys,
                organisation_id=made.organisation(session),
                kind=kind,
                name=kind,
                settings=found,
            )
        address = f"{OUTSIDE}/hooks/{self.means.accounts.row(made_).public_key}"
        if kind == "phone.twilio_sms":
            self.server.sms_url = address
        else:
            self.server.voice_url = address
        return made_

    def admit(self) -> None:
        while admit_waiting(self.means):
            pass

    def deliver(self) -> None:
        while deliver_waiting(
            self.means.database, self.means.accounts, self.means.keys, self.means.blobs, self.settings, "test"
        ):
            pass

    def one(self, model: Any) -> Any:
        with self.means.database.read_only() as session:
            return session.scalars(select(model).order_by(model.id.desc()).limit(1)).one()

    def answer(self, ticket_id: int, words: str, account_id: int) -> None:
        limits = self.means.accounts.channel(account_id).limits
        with self.means.database.unit_of_work() as session:
            seen = session.scalars(select(Message.id).order_by(Message.id.desc()).limit(1)).one()
            reply(session, self.ada, ticket_id, text=words, seen_message_id=seen, limits=limits, undo_seconds=0)
        self.deliver()


@pytest.fixture
def exchange(database: Database, settings: Settings, keys: Keys, blobs: BlobStore) -> Iterator[Exchange]:
    with twilio(Twilio()) as (server, _):
        accounts = Accounts(database, keys, {kind.key: kind for kind in KINDS}, OUTSIDE)
        with database.unit_of_work() as session:
            ada = as_agent(session, made.person(session, "Ada Voorbeeld", Role.ADMIN).id)
        found = Exchange(server, Means(database, accounts, keys, blobs, lease_seconds=5.0), settings, ada)
        server.push = found.push
        yield found


def tickets(session: Session) -> int:
    return session.scalar(text("SELECT count(*) FROM ticket")) or 0


def test_a_text_is_answered_by_text_and_the_conversation_stays_one(exchange: Exchange) -> None:
    account = exchange.account("phone.twilio_sms")
    exchange.server.texted(CITIZEN, "De lantaarn in de Proefstraat is stuk.")
    exchange.admit()
    ticket = exchange.one(Ticket)
    assert exchange.one(ContactAddress).address == CITIZEN
    exchange.answer(ticket.id, "Dank u, wij maken hem morgen.", account)
    [sent] = [row for row in exchange.server.messages if row["direction"] == "outbound-api"]
    assert (sent["to"], sent["body"]) == (CITIZEN, "Dank u, wij maken hem morgen.")
    assert exchange.one(Delivery).state is DeliveryState.SENT
    exchange.server.reports(sent["sid"], "delivered")
    exchange.admit()
    assert exchange.one(RawItem).state is RawState.APPLIED
    exchange.server.texted(CITIZEN, "Fijn!")
    exchange.admit()
    assert exchange.one(RawItem).state is RawState.JOINED
    assert exchange.one(Message).ticket_id == ticket.id
    with exchange.means.database.read_only() as session:
        assert tickets(session) == 1


def test_another_citizens_text_never_joins_the_conversation(exchange: Exchange) -> None:
    account = exchange.account("phone.twilio_sms")
    exchange.server.texted(CITIZEN, "De lantaarn is stuk.")
    exchange.admit()
    exchange.answer(exchange.one(Ticket).id, "Dank u.", account)
    exchange.server.texted("+31687654321", "De lantaarn is stuk.")
    exchange.admit()
    assert exchange.one(RawItem).state is RawState.TICKETED


def test_an_answer_that_did_not_arrive_comes_back_to_its_writer(exchange: Exchange) -> None:
    account = exchange.account("phone.twilio_sms")
    exchange.server.texted(CITIZEN, "De lantaarn is stuk.")
    exchange.admit()
    ticket = exchange.one(Ticket)
    exchange.answer(ticket.id, "Dank u.", account)
    exchange.server.reports(exchange.server.messages[-1]["sid"], "undelivered", "30006")
    exchange.admit()
    delivery = exchange.one(Delivery)
    assert (delivery.state, delivery.code) == (DeliveryState.REFUSED, "30006")
    assert exchange.one(Ticket).status is TicketStatus.OPEN


def test_what_was_pushed_and_what_is_read_back_is_one_reaction(exchange: Exchange) -> None:
    account = exchange.account("phone.twilio_sms")
    exchange.server.texted(CITIZEN, "Aangekomen")
    exchange.server.texted(CITIZEN, "Zoekgeraakt", pushes=False)
    exchange.admit()
    read_account(exchange.means, account)
    exchange.admit()
    read_account(exchange.means, account)
    exchange.admit()
    with exchange.means.database.read_only() as session:
        said = session.scalars(select(Message.text).order_by(Message.id)).all()
    assert said == ["Aangekomen", "Zoekgeraakt"]


def test_whoever_rang_is_called_back_through_the_employees_telephone(exchange: Exchange) -> None:
    exchange.account("phone.twilio_voice")
    exchange.server.called(CITIZEN)
    exchange.admit()
    ticket = exchange.one(Ticket)
    assert ticket.subject == "Terugbelverzoek"
    with exchange.means.database.unit_of_work() as session:
        call(session, exchange.ada, ticket.id, through="020 111 22 33", note="Over de lantaarn")
    exchange.deliver()
    ours = exchange.server.calls[-1]
    assert (ours["to"], exchange.one(Delivery).state) == ("+31201112233", DeliveryState.SENT)
    exchange.server.picks_up(ours["sid"], "no-answer")
    exchange.admit()
    delivery = exchange.one(Delivery)
    assert (delivery.state, delivery.code) == (DeliveryState.REFUSED, "citizen_no_answer")
    assert delivery.problem == "The citizen did not pick up."


def test_a_message_left_on_the_telephone_joins_the_callers_ticket_with_its_transcript(exchange: Exchange) -> None:
    exchange.account("phone.twilio_voice", recording=True, transcription=True)
    url = exchange.server.voice_url
    sid, _ = exchange.server.called(CITIZEN)
    recording = exchange.server.recorded(sid, f"{url}?step=recorded&language=nl", b"ID3 sound")
    exchange.server.transcribed(sid, recording, f"{url}?step=transcript&language=nl", "de lantaarn is stuk")
    exchange.admit()
    with exchange.means.database.read_only() as session:
        said = session.execute(select(Message.text, Message.ticket_id, Message.kind).order_by(Message.id)).all()
        contacts = session.scalars(select(Contact.id)).all()
        files = session.execute(text("SELECT name, size FROM attachment")).all()
    assert len({row.ticket_id for row in said}) == len(contacts) == 1
    assert [row.kind for row in said] == [MessageKind.REACTION] * 2
    assert said[1].text.endswith("de lantaarn is stuk")
    assert [tuple(row) for row in files] == [("12s.mp3", 9)]


def settled(exchange: Exchange) -> bool:
    """Admit what waits; whether nothing waits any longer for what it belongs to."""
    exchange.admit()
    with exchange.means.database.read_only() as session:
        return session.scalar(select(RawItem.id).where(RawItem.state == RawState.NEW).limit(1)) is None


def test_a_message_left_while_no_webhook_reached_us_is_read_back_with_its_call(exchange: Exchange) -> None:
    account = exchange.account("phone.twilio_voice", recording=True)
    sid, _ = exchange.server.called(CITIZEN, pushes=False)
    exchange.server.recorded(sid, exchange.server.voice_url, b"ID3 sound", pushes=False)
    read_account(exchange.means, account)
    until(lambda: settled(exchange), saying="the recording follows its call")
    with exchange.means.database.read_only() as session:
        said = session.execute(select(Message.external_id, Message.kind).order_by(Message.id)).all()
        files = session.execute(text("SELECT name, size FROM attachment")).all()
        assert tickets(session) == 1
    assert (said[0].external_id, len(said)) == (sid, 2)
    assert [tuple(row) for row in files] == [("12s.mp3", 9)]


def test_a_hidden_number_leaves_nothing_to_call(exchange: Exchange) -> None:
    exchange.account("phone.twilio_voice")
    exchange.server.called("anonymous")
    exchange.admit()
    assert exchange.one(ContactAddress).kind is AddressKind.HANDLE


def test_what_is_texted_before_our_first_answer_stays_in_one_ticket(exchange: Exchange) -> None:
    account = exchange.account("phone.twilio_sms")
    for words in ("De lantaarn is stuk.", "In de Proefstraat bedoel ik.", "Nummer 12."):
        exchange.server.texted(CITIZEN, words)
    exchange.admit()
    ticket = exchange.one(Ticket).id
    exchange.answer(ticket, "Dank u.", account)
    exchange.server.texted(CITIZEN, "Fijn!")
    exchange.admit()
    with exchange.means.database.read_only() as session:
        assert tickets(session) == 1
        assert len(session.scalars(select(Message.id).where(Message.ticket_id == ticket)).all()) == 5


def test_a_colleagues_text_from_twilios_console_joins_the_ticket_and_our_own_stays_one(exchange: Exchange) -> None:
    account = exchange.account("phone.twilio_sms")
    exchange.server.texted(CITIZEN, "De lantaarn is stuk.")
    exchange.admit()
    ticket = exchange.one(Ticket)
    exchange.answer(ticket.id, "Wij kijken ernaar.", account)
    exchange.server.typed(CITIZEN, "Morgen om tien uur komt er iemand.")
    exchange.server.typed("+31687654321", "Dit gaat over iets anders.")
    read_account(exchange.means, account)
    exchange.admit()
    with exchange.means.database.read_only() as session:
        said = session.execute(select(Message.kind, Message.text).order_by(Message.id)).all()
        assert tickets(session) == 1
    assert [tuple(row) for row in said[1:]] == [
        (MessageKind.REPLY, "Wij kijken ernaar."),
        (MessageKind.OWN_POST, "Morgen om tien uur komt er iemand."),
    ]


@pytest.mark.parametrize(("status", "code", "state"), [("delivered", "", "sent"), ("undelivered", "30006", "refused")])
def test_what_became_of_a_text_is_read_back_when_its_callback_was_lost(
    exchange: Exchange, status: str, code: str, state: str
) -> None:
    account = exchange.account("phone.twilio_sms")
    exchange.server.texted(CITIZEN, "De lantaarn is stuk.")
    exchange.admit()
    exchange.answer(exchange.one(Ticket).id, "Dank u.", account)
    exchange.server.reports(exchange.server.messages[-1]["sid"], status, code, pushes=False)
    read_account(exchange.means, account)
    exchange.admit()
    delivery = exchange.one(Delivery)
    assert (delivery.state, delivery.code) == (DeliveryState(state), code)
    with exchange.means.database.read_only() as session:
        kinds = session.scalars(select(Message.kind).order_by(Message.id)).all()
    assert kinds == [MessageKind.REACTION, MessageKind.REPLY]


def test_what_became_of_a_call_is_read_back_when_its_callback_was_lost(exchange: Exchange) -> None:
    account = exchange.account("phone.twilio_voice")
    exchange.server.called(CITIZEN)
    exchange.admit()
    with exchange.means.database.unit_of_work() as session:
        call(session, exchange.ada, exchange.one(Ticket).id, through="020 111 22 33", note="")
    exchange.deliver()
    exchange.server.picks_up(exchange.server.calls[-1]["sid"], "busy", pushes=False)
    read_account(exchange.means, account)
    exchange.admit()
    assert exchange.one(Delivery).code == "citizen_busy"


def test_who_rings_back_after_a_missed_call_is_in_the_ticket_that_the_call_was_about(exchange: Exchange) -> None:
    exchange.account("phone.twilio_sms")
    exchange.account("phone.twilio_voice")
    exchange.server.texted(CITIZEN, "De lantaarn is stuk.")
    exchange.admit()
    ticket = exchange.one(Ticket).id
    with exchange.means.database.unit_of_work() as session:
        call(session, exchange.ada, ticket, through="020 111 22 33", note="")
    exchange.deliver()
    exchange.server.picks_up(exchange.server.calls[-1]["sid"], "no-answer")
    exchange.admit()
    exchange.server.called(CITIZEN)
    exchange.admit()
    with exchange.means.database.read_only() as session:
        assert tickets(session) == 1
        [line] = call_back_list.waiting(session, exchange.ada)
    assert (line.ticket_id, line.rang, line.tried) == (ticket, True, "citizen_no_answer")


def test_whoever_rings_again_before_we_called_is_one_line_on_the_list(exchange: Exchange) -> None:
    exchange.account("phone.twilio_voice")
    for _ in range(3):
        exchange.server.called(CITIZEN)
    exchange.server.called("+31687654321")
    exchange.admit()
    with exchange.means.database.read_only() as session:
        assert tickets(session) == 2


def test_an_answer_from_the_composer_rings_the_writers_own_telephone(exchange: Exchange) -> None:
    account = exchange.account("phone.twilio_voice", desk_number="+31201112233")
    exchange.server.called(CITIZEN)
    exchange.admit()
    ticket = exchange.one(Ticket)
    exchange.answer(ticket.id, "Terugbellen over de lantaarn", account)
    assert exchange.server.calls[-1]["to"] == "+31201112233"
    with exchange.means.database.unit_of_work() as session:
        session.execute(text('UPDATE agent SET preferences = \'{"phone": "06 87654321"}\''))
    exchange.answer(ticket.id, "Nog eens", account)
    assert exchange.server.calls[-1]["to"] == "+31687654321"
