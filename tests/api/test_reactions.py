"""A site's own server hands over what its visitors wrote: stored once, answered, and on its way to a ticket."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts import change
from app.accounts.directory import Accounts
from app.api.routes import routers
from app.channels.comments.form import KIND
from app.channels.comments.settings import FormSettings
from app.identity import tokens
from app.intake.admit import admit_waiting
from app.intake.means import Means
from app.models import Message, RawItem, Site, Ticket
from app.settings import Settings
from app.storage.database import Database
from app.storage.keys import Keys
from app.vocabulary import Scope
from app.web.application import application
from tests.web import made


@dataclass
class Hosted:
    client: TestClient
    headers: dict[str, str]
    account: int
    database: Database
    means: Means

    def post(self, **body: object) -> int:
        return self.client.post("/api/v1/reactions", json=body, headers=self.headers).status_code

    def items(self) -> int:
        with self.database.read_only() as session:
            return len(session.scalars(select(RawItem.id).where(RawItem.account_id == self.account)).all())


@pytest.fixture
def hosted(database: Database, settings: Settings, keys: Keys) -> Iterator[Hosted]:
    state = made.state(database, settings, keys, {KIND.key: KIND})
    app = application(state)
    for router in routers:
        app.include_router(router)
    with database.unit_of_work() as session:
        account = change.create(
            session,
            keys,
            organisation_id=made.organisation(session),
            kind=KIND.key,
            name="Website",
            settings=FormSettings(),
        )
        site = Site(account_id=account, key="k" * 22, name="voorbeeldstad.example", origins=[])
        session.add(site)
        session.flush()
        token = tokens.issue(session, "server", [Scope.REACTIONS_CREATE], site_id=site.id).token
    accounts = Accounts(database, keys, {KIND.key: KIND}, settings.base_url)
    with TestClient(app) as client:
        yield Hosted(
            client,
            {"Authorization": f"Bearer {token}"},
            account,
            database,
            Means(database, accounts, keys, state.blobs),
        )


def test_a_reaction_is_stored_once_however_often_it_is_sent(hosted: Hosted) -> None:
    body = {"id": "c-1", "page": "p-1", "text": "Waarom is de boom om?", "name": "Een lezer", "pageTitle": "Kapplan"}
    assert hosted.post(**body) == 202
    assert hosted.post(**body) == 202
    assert hosted.items() == 1
    with hosted.database.read_only() as session:
        item = session.scalars(select(RawItem)).one()
        assert item.meta["caller"].startswith("site:")


def test_it_becomes_a_ticket(hosted: Hosted) -> None:
    hosted.post(id="c-2", page="p-1", text="De boom is om.")
    assert admit_waiting(hosted.means) == 1
    with hosted.database.read_only() as session:
        assert session.scalars(select(Ticket.account_id)).all() == [hosted.account]


def test_an_edit_back_to_words_that_stood_there_before_is_an_edit_of_its_own(hosted: Hosted) -> None:
    hosted.post(id="c-2", page="p-1", text="De boom is om.")
    for number, words in enumerate(("De eik is om.", "De beuk is om.", "De eik is om.")):
        keyed = {**hosted.headers, "Idempotency-Key": f"edit-{number}"}
        edit = {"id": "c-2", "page": "p-1", "event": "edited", "text": words}
        assert hosted.client.post("/api/v1/reactions", json=edit, headers=keyed).status_code == 202
        admit_waiting(hosted.means)
    with hosted.database.read_only() as session:
        assert session.scalars(select(Message.text)).all() == ["De eik is om."]


def test_what_makes_no_sense_is_refused_and_not_stored(hosted: Hosted) -> None:
    assert hosted.post(id="c-3", page="p-1", text="  ") == 400
    assert hosted.post(id="c-3", page="p-1", text="x", email="geen adres") == 400
    assert hosted.post(id="c-3", page="p-1", text="x", website="spam") == 400
    assert hosted.post(id="c-3", page="p-1", text="x", accountId=hosted.account + 1) == 400
    assert hosted.items() == 0


def test_a_sites_token_does_nothing_else(hosted: Hosted) -> None:
    for path in ("/tickets", "/contacts", "/agents", "/accounts", "/events"):
        assert hosted.client.get(f"/api/v1{path}", headers=hosted.headers).status_code == 403


def test_a_site_finds_what_became_of_its_comment_and_nothing_of_another(hosted: Hosted, keys: Keys) -> None:
    place = "/api/v1/reactions?id=c%2F1"
    said = hosted.client.post(
        "/api/v1/reactions", json={"id": "c/1", "page": "p", "text": "Mooi."}, headers=hosted.headers
    )
    assert said.headers["Location"] == place
    assert hosted.client.get(place, headers=hosted.headers).json() == []
    admit_waiting(hosted.means)
    (found,) = hosted.client.get(place, headers=hosted.headers).json()
    assert (found["id"], found["status"], found["publication"]) == ("c/1", "new", "published")
    assert found["reference"].startswith(f"WK-{found['ticketId']}-")
    with hosted.database.unit_of_work() as session:
        account = change.create(
            session,
            keys,
            organisation_id=made.organisation(session),
            kind=KIND.key,
            name="Ander",
            settings=FormSettings(),
        )
        other = Site(account_id=account, key="o" * 22, name="ander.example", origins=[])
        session.add(other)
        session.flush()
        token = tokens.issue(session, "other", [Scope.REACTIONS_CREATE], site_id=other.id).token
    assert hosted.client.get(place, headers={"Authorization": f"Bearer {token}"}).json() == []
