"""A receipt is owed only where the account can reach whoever wrote."""

import json
from datetime import UTC, datetime

import pytest
from pydantic import BaseModel
from sqlalchemy import insert, text

from app.accounts.change import create
from app.accounts.directory import Accounts
from app.channels.comments.settings import FormSettings
from app.channels.contract import HandedOver, WebhookRequest
from app.channels.mail.server import Security
from app.channels.mail.settings import MailSettings
from app.channels.registry import KINDS
from app.intake.accept import accept
from app.intake.admit import admit_waiting
from app.intake.means import Means
from app.intake.receive import receive
from app.models import Organisation
from app.storage.blobs import BlobStore
from app.storage.database import Database
from app.storage.keys import Keys

ADDRESS = "post@voorbeeldstad.example"
MAIL = (
    b"From: Bewoner <een@bewoner.example>\r\nTo: post@voorbeeldstad.example\r\nSubject: Lamp\r\n"
    b"Message-ID: <lamp-1@bewoner.example>\r\n\r\nDe lamp is stuk.\r\n"
)


@pytest.fixture
def means(database: Database, keys: Keys, blobs: BlobStore) -> Means:
    return Means(
        database, Accounts(database, keys, {kind.key: kind for kind in KINDS}, "http://x.example"), keys, blobs
    )


def account(means: Means, kind: str, settings: BaseModel) -> int:
    names = {"name": "Voorbeeldstad", "partner": False, "website": "", "signature_nl": "", "signature_en": ""}
    with means.database.unit_of_work() as session:
        organisation = session.execute(insert(Organisation).values(names).returning(Organisation.id)).scalar_one()
        return create(session, means.keys, organisation_id=organisation, kind=kind, name="A", settings=settings)


def receipts(means: Means) -> int:
    while admit_waiting(means):
        continue
    with means.database.read_only() as session:
        assert session.scalars(text("SELECT count(*) FROM ticket")).one() == 1
        return int(session.scalars(text("SELECT count(*) FROM message WHERE kind = 'receipt'")).one())


@pytest.mark.parametrize(("smtp_host", "expected"), [("smtp.voorbeeldstad.example", 1), (None, 0)])
def test_a_mailbox_that_cannot_send_owes_no_receipt(means: Means, smtp_host: str | None, expected: int) -> None:
    account(means, "mail", MailSettings(address=ADDRESS, smtp_host=smtp_host, smtp_security=Security.TLS))
    accept(means, HandedOver(MAIL, "een@bewoner.example", ADDRESS, "pipe"))
    assert receipts(means) == expected


def test_an_address_typed_under_a_web_page_gets_no_mail(means: Means) -> None:
    row = means.accounts.row(account(means, "comments.form", FormSettings()))
    body = {"id": "1", "page": "p", "text": "Hoi", "email": "een@bewoner.example", "private": True}
    request = WebhookRequest(
        "POST", "u", {"content-type": "application/json"}, json.dumps(body).encode(), "r", datetime.now(UTC), "site:1"
    )
    receive(means, row, request)
    assert receipts(means) == 0
