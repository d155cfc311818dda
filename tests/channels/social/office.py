"""One account of one service in an installation: what comes in is read and admitted, and what is answered is delivered."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import insert, text

from app.accounts import change
from app.accounts.directory import Accounts
from app.channels.contract import WebhookRequest
from app.delivery.deliver import deliver_waiting
from app.intake.admit import admit_waiting
from app.intake.means import Means
from app.intake.read_account import read_account
from app.intake.receive import receive
from app.models import Message, Organisation
from app.settings import Settings
from app.storage.blobs import BlobStore
from app.storage.database import Database
from app.storage.keys import Keys
from app.tickets.outbox import enqueue
from app.vocabulary import MessageKind, Visibility
from tests.channels.social.moving_clock import MovingClock
from tests.channels.social.services import Service
from tests.emulators.run import serve

HOOK = "https://x.example/hooks/k"


@dataclass
class Office:
    """One account of one service in one installation."""

    service: Service
    means: Means
    settings: Settings
    account_id: int
    clock: MovingClock

    def later(self, **by: float) -> None:
        self.clock.move(**by)
        self.service.state.moment = self.clock.moment

    def change(self, **given: Any) -> None:
        """Give the account other settings."""
        accounts = self.means.accounts
        settings = accounts.settings(self.account_id, self.service.kind.key).model_copy(update=given)
        with self.means.database.unit_of_work() as session:
            change.update_account(session, self.means.keys, self.account_id, settings=settings)

    def read(self) -> None:
        """Read the account and admit all that came."""
        assert read_account(self.means, self.account_id).retry_in is None
        while admit_waiting(self.means):
            pass

    def admit_now(self) -> None:
        """Admit what was to be looked at again later."""
        self.rows("UPDATE raw_item SET not_before = now() WHERE state = 'new' RETURNING 1")
        while admit_waiting(self.means):
            pass

    def receive(self, headers: Any, body: bytes) -> int:
        """What the service pushes; gives the status with which it is answered."""
        request = WebhookRequest("POST", HOOK, headers, body, "192.0.2.1", self.clock())
        return receive(self.means, self.means.accounts.row(self.account_id), request).status

    def follow(self) -> None:
        """What changed comes by itself, where the service pushes, or is found at the next look."""
        self.later(minutes=70)
        if self.service.pushes:
            body, headers = self.service.state.pushes[-1]
            assert self.receive(headers, body) == 200
        self.read()

    def rows(self, query: str, **values: Any) -> list[Any]:
        with self.means.database.unit_of_work() as session:
            return [tuple(row) for row in session.execute(text(query), values)]

    def answer(self, said: str) -> None:
        """Answer the first reaction, and deliver."""
        ((ticket, address),) = self.rows("SELECT ticket_id, address_id FROM message WHERE kind = 'reaction' LIMIT 1")
        common = {"ticket_id": ticket, "account_id": self.account_id}
        columns = {**common, "kind": MessageKind.REPLY, "text": said, "visibility": Visibility.PUBLIC}
        with self.means.database.unit_of_work() as session:
            made: int = session.execute(insert(Message).values(columns).returning(Message.id)).scalar_one()
            enqueue(session, **common, message_id=made, address_id=address)
        self.deliver()

    def deliver(self) -> None:
        """Send until nothing is left to do now."""
        m = self.means
        while deliver_waiting(m.database, m.accounts, m.keys, m.blobs, self.settings, "w"):
            pass

    def states(self) -> set[tuple[str, str]]:
        """What became of what came, and why."""
        return set(self.rows("SELECT state, reason FROM raw_item"))


@contextmanager
def opened(service: Service, database: Database, keys: Keys, blobs: BlobStore, settings: Settings) -> Iterator[Office]:
    """An installation with one account, at the service while it runs."""
    clock = MovingClock()
    service.state.moment = clock.moment
    kind = replace(service.kind, build=lambda config: service.channel(config.settings, clock))
    accounts = Accounts(database, keys, {kind.key: kind}, "http://127.0.0.1:8000")
    with serve(service.app) as base:
        with database.unit_of_work() as session:
            made = session.execute(insert(Organisation).values(name="Voorbeeldstad").returning(Organisation.id))
            account_id = change.create(
                session, keys, organisation_id=made.scalar_one(), kind=kind.key, name="social",
                settings=service.settings(base), receipts=False,
            )  # fmt: skip
        yield Office(service, Means(database, accounts, keys, blobs, lease_seconds=5.0), settings, account_id, clock)


def name_of(service: Callable[[], Service]) -> str:
    return service.__name__.removeprefix("at_")


def only(*services: Callable[[], Service]) -> pytest.MarkDecorator:
    """The test goes for these services; without this it goes for all."""
    return pytest.mark.parametrize("office", services, indirect=True, ids=name_of)
