"""The door for services: the channel sees the bytes as they came and the address that the world uses."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel
from sqlalchemy import func, select

from app.accounts import change
from app.channels.contract import (
    AccountConfig,
    Audience,
    Health,
    Incoming,
    Kind,
    Limits,
    NotAuthentic,
    RawItem,
    Unreadable,
    WebhookAnswer,
    WebhookRequest,
)
from app.models import Account, AccountState
from app.models import RawItem as Row
from tests.public.conftest import Town, citizens_pages
from tests.web import made


class NoSettings(BaseModel):
    """Nothing to set."""


class Signed:
    """A service that signs address and body, and first sends a challenge."""

    limits = Limits(Audience(public=True, labels={"nl": "iedereen", "en": "everybody"}))

    def __init__(self, config: AccountConfig) -> None:
        self._url = config.public_url

    def parse(self, item: RawItem) -> Sequence[Incoming]:
        return ()

    def check(self) -> Health:
        return Health()

    def receive(self, request: WebhookRequest) -> WebhookAnswer:
        if request.method == "GET":
            return WebhookAnswer(body=request.url.partition("?challenge=")[2].encode(), media_type="text/plain")
        if request.url != self._url or not hmac.compare_digest(request.headers.get("x-signature", ""), sign(request)):
            raise NotAuthentic("the signature does not fit")
        if request.body == b"nonsense":
            raise Unreadable("this is no event")
        return WebhookAnswer(items=(RawItem(key=sign(request), body=request.body),), status=202, body=b"thanks")


def sign(request: WebhookRequest) -> str:
    return hmac.new(b"secret", request.url.encode() + request.body, "sha256").hexdigest()


@dataclass
class Door:
    town: Town
    client: TestClient
    path: str

    def push(self, body: bytes, signature: str | None = None) -> tuple[int, bytes]:
        url = self.town.url + self.path
        signed = hmac.new(b"secret", url.encode() + body, "sha256").hexdigest()
        answer = self.client.post(self.path, content=body, headers={"X-Signature": signature or signed})
        return answer.status_code, answer.content

    @property
    def stored(self) -> list[bytes]:
        with self.town.database.read_only() as session:
            return [bytes(body or b"") for body in session.scalars(select(Row.body).order_by(Row.id))]


@pytest.fixture
def door(town: Town) -> Door:
    kind = Kind("social.signed", {"nl": "x", "en": "x"}, NoSettings, Signed, Signed)
    state = made.state(town.database, town.state.settings, town.state.keys, {kind.key: kind})
    with town.database.unit_of_work() as session:
        organisation = made.organisation(session)
        account = change.create(
            session, state.keys, organisation_id=organisation, kind=kind.key, name="Dienst", settings=NoSettings()
        )
        key = session.scalars(select(Account.public_key).where(Account.id == account)).one()
    client = replace(town, state=state, app=citizens_pages(state)).client()
    return Door(town, client, f"/hooks/{key}")


def test_a_push_is_stored_byte_for_byte_before_it_is_answered(door: Door) -> None:
    body = b'{"a":\x001e999999}\xff'
    assert door.push(body) == (202, b"thanks")
    assert door.stored == [body]


def test_the_same_push_again_is_answered_and_changes_nothing(door: Door) -> None:
    assert [door.push(b"once")[0] for _ in range(3)] == [202, 202, 202]
    assert door.stored == [b"once"]


def test_a_wrong_signature_is_counted_and_nothing_is_stored(door: Door) -> None:
    assert door.push(b"x", "wrong")[0] == 401
    assert door.stored == []
    with door.town.database.read_only() as session:
        assert session.scalar(select(func.sum(AccountState.unauthentic))) == 1


def test_what_cannot_be_read_is_refused(door: Door) -> None:
    assert door.push(b"nonsense")[0] == 400
    assert door.stored == []


def test_a_challenge_is_answered(door: Door) -> None:
    answer = door.client.get(f"{door.path}?challenge=abc123")
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (
        200,
        "abc123",
        "text/plain; charset=utf-8",
    )


def test_a_push_larger_than_the_limit_is_cut_off(door: Door) -> None:
    most = door.town.state.settings.max_upload_bytes
    assert door.push(b"x" * (most + 1))[0] == 413
    assert door.stored == []
