"""A ticket with an answer on its way, and a channel that does as it is told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from pydantic import BaseModel
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from app.accounts.change import create
from app.accounts.directory import Accounts
from app.channels.contract import (
    AccountConfig,
    Audience,
    Channel,
    ChannelError,
    Health,
    Incoming,
    Kind,
    Limits,
    Moderation,
    OutgoingMessage,
    RawItem,
    Sent,
    Uncertain,
)
from app.delivery.deliver import deliver_waiting
from app.models import Contact, ContactAddress, Delivery, Message, Organisation, Ticket
from app.settings import Settings
from app.storage.blobs import BlobStore
from app.storage.database import Database
from app.storage.keys import Keys
from app.tickets.outbox import enqueue
from app.vocabulary import AddressKind, DeliveryState, Language, MessageKind, Visibility

PRICE = 0.25
"""What the outside world of a test asks for each message, in US dollars."""


class NoSettings(BaseModel):
    """Nothing to set."""


@dataclass
class Post:
    """The outside world of a test: what went out, what goes wrong, what is found when asked."""

    sent: list[OutgoingMessage] = field(default_factory=list)
    moderated: list[Moderation] = field(default_factory=list)
    fails: list[Exception | None] = field(default_factory=list)
    finds: Sent | ChannelError | None = field(default_factory=lambda: Uncertain("cannot tell"))
    asked: int = 0
    opens: bool = False
    before: Callable[[], object] = lambda: None


class Obedient:
    """A channel over a `Post`."""

    limits = Limits(Audience(public=False, labels={"nl": "de afzender", "en": "the sender"}), cost=lambda _: PRICE)

    def __init__(self, post: Post) -> None:
        self._post = post

    def parse(self, item: RawItem) -> Sequence[Incoming]:
        return ()

    def check(self) -> Health:
        return Health()

    def send(self, message: OutgoingMessage) -> Sent:
        self._post.before()
        if self._post.opens:
            [attachment.open() for attachment in message.attachments]
        error = self._post.fails.pop(0) if self._post.fails else None
        if error is not None:
            raise error
        self._post.sent.append(message)
        return Sent(f"<{message.key}@voorbeeldstad.example>")

    def find_sent(self, message: OutgoingMessage) -> Sent | None:
        self._post.asked += 1
        if isinstance(self._post.finds, ChannelError):
            raise self._post.finds
        return self._post.finds

    def moderate(self, moderation: Moderation) -> None:
        self._post.moderated.append(moderation)


@dataclass
class Office:
    """Everything a delivery test needs, with short words for what it does."""

    database: Database
    keys: Keys
    accounts: Accounts
    blobs: BlobStore
    settings: Settings
    post: Post
    account_id: int
    contact_id: int
    address_id: int

    def ticket(self, session: Session) -> int:
        now = datetime.now(UTC)
        values = {
            "account_id": self.account_id, "contact_id": self.contact_id, "subject": "Lantaarn kapot", "language": "nl",
            "received_at": now, "due_at": now,
        }  # fmt: skip
        ticket_id: int = session.execute(insert(Ticket).values(values).returning(Ticket.id)).scalar_one()
        session.execute(
            insert(Message).values(
                ticket_id=ticket_id,
                account_id=self.account_id,
                kind=MessageKind.REACTION,
                text="De lantaarn is kapot.",
                external_id=f"<vraag-{ticket_id}@bewoner.example>",
                contact_id=self.contact_id,
                address_id=self.address_id,
            )
        )
        return ticket_id

    def answer(
        self, ticket_id: int | None = None, *, wait: float = 0, said: str = "Wij komen eraan.", **columns: object
    ) -> int:
        """A reply on its way; gives the delivery."""
        with self.database.unit_of_work() as session:
            ticket_id = ticket_id or self.ticket(session)
            values = {
                "ticket_id": ticket_id, "account_id": self.account_id, "kind": MessageKind.REPLY, "text": said,
                "visibility": Visibility.PRIVATE, **columns,
            }  # fmt: skip
            message_id: int = session.execute(insert(Message).values(values).returning(Message.id)).scalar_one()
            return enqueue(
                session, ticket_id=ticket_id, message_id=message_id, account_id=self.account_id,
                address_id=self.address_id, wait_seconds=wait,
            )  # fmt: skip

    def deliver(self) -> int:
        """Work until nothing is left to do now."""
        done = 0
        while found := deliver_waiting(self.database, self.accounts, self.keys, self.blobs, self.settings, "w"):
            done += found
        return done

    def row(self, delivery_id: int) -> Delivery:
        with self.database.read_only() as session:
            return session.get_one(Delivery, delivery_id)

    def state(self, delivery_id: int) -> DeliveryState:
        return self.row(delivery_id).state

    def events(self) -> list[str]:
        with self.database.read_only() as session:
            return [row.type for row in session.execute(text("SELECT type FROM ticket_event ORDER BY id"))]

    def pass_time(self, seconds: int = 3600) -> None:
        """Make everything older: leases end, waits are over."""
        with self.database.unit_of_work() as session:
            for column in ("not_before", "lease_until"):
                session.execute(text(f"UPDATE delivery SET {column} = {column} - make_interval(secs => {seconds})"))


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def office(database: Database, keys: Keys, blobs: BlobStore, settings: Settings, post: Post) -> Office:
    def build(_: AccountConfig) -> Channel:
        return Obedient(post)

    kind = Kind("mail", {"nl": "mail", "en": "mail"}, NoSettings, Obedient, build)
    accounts = Accounts(database, keys, {"mail": kind}, settings.base_url)
    with database.unit_of_work() as session:
        organisation = session.execute(
            insert(Organisation)
            .values(name="Voorbeeldstad", partner=False, website="", signature_nl="Team Straten", signature_en="")
            .returning(Organisation.id)
        ).scalar_one()
        account_id = create(
            session, keys, organisation_id=organisation, kind="mail", name="Post", settings=NoSettings(),
            language=Language.DUTCH,
        )  # fmt: skip
        contact_id = session.execute(insert(Contact).values(name="Bewoner Een").returning(Contact.id)).scalar_one()
        address = {"contact_id": contact_id, "kind": AddressKind.EMAIL, "address": "een@bewoner.example"}
        session.execute(insert(ContactAddress).values(**address, handle="", url=""))
        address_id = session.scalars(select(ContactAddress.id)).one()
    return Office(database, keys, accounts, blobs, settings, post, account_id, contact_id, address_id)
