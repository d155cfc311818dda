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
from app.tickets.call import call
from app.tickets.reply import reply
from app.vocabulary import AddressKind, DeliveryState, MessageKind, RawState, Role, TicketStatus
from tests.emulators.twilio import twilio
from tests.emulators.twilio_state import NUMBER, SID, TOKEN, Twilio
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
    assert (delivery.state, delivery.code) == (DeliveryState.REFUSED, "no-answer")
    assert delivery.problem == "The citizen did not answer (no-answer)."


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


def test_a_hidden_number_leaves_nothing_to_call(exchange: Exchange) -> None:
    exchange.account("phone.twilio_voice")
    exchange.server.called("anonymous")
    exchange.admit()
    assert exchange.one(ContactAddress).kind is AddressKind.HANDLE


def test_of_two_conversations_with_one_number_the_newest_goes_on(exchange: Exchange) -> None:
    account = exchange.account("phone.twilio_sms")
    for words in ("De lantaarn is stuk.", "En de stoep ook."):
        exchange.server.texted(CITIZEN, words)
        exchange.admit()
    newest = exchange.one(Ticket).id
    for ticket in (newest, newest - 1):  # the older one is answered last
        exchange.answer(ticket, f"Dank u voor {ticket}.", account)
    exchange.server.texted(CITIZEN, "Fijn!")
    exchange.admit()
    assert exchange.one(Message).ticket_id == newest


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
