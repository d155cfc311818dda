"""Entering by hand over the API."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from app import clock
from app.models import Account, Attachment, ContactAddress, Delivery, Ticket, TicketEvent
from app.settings import Settings
from app.vocabulary import AddressKind
from tests.api.conftest import World

CALL = {"way": "call", "text": "De lantaarn is stuk.", "name": "Inwoner Een", "phone": "06-12345678"}


@pytest.fixture(scope="module", autouse=True)
def accounts(world: World) -> None:
    """The accounts that this takes, which the world's own kinds do not have."""
    with world.database.unit_of_work() as session:
        organisation = session.scalars(select(Account.organisation_id).where(Account.id == world.account)).one()
        for kind in ("phone.by_hand", "phone.twilio_voice"):
            row = {"organisation_id": organisation, "kind": kind, "name": kind, "settings": b"", "public_key": kind}
            session.execute(insert(Account).values(row))


def entered(world: World, **more: Any) -> dict[str, Any]:
    answer = world.post("/tickets", world.agent, CALL | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_call_that_was_taken_becomes_a_ticket(world: World) -> None:
    made = entered(world)
    ticket = world.get(f"/tickets/{made['id']}", world.agent).json()
    assert (ticket["subject"], ticket["status"], ticket["accountKind"]) == (
        "De lantaarn is stuk.",
        "new",
        "phone.by_hand",
    )
    with world.database.read_only() as session:
        number = select(ContactAddress.address).where(ContactAddress.contact_id == made["contactId"])
        assert session.scalars(number).one() == "+31612345678"


def test_sent_again_with_its_key_it_is_entered_once(world: World) -> None:
    first = world.post("/tickets", world.agent, CALL, Idempotency_Key="kaart-1")
    again = world.post("/tickets", world.agent, CALL, Idempotency_Key="kaart-1")
    assert first.json() == again.json()
    assert first.headers["Location"] == f"/api/v1/tickets/{first.json()['id']}"


def test_every_fault_is_told_at_once(world: World) -> None:
    answer = world.post("/tickets", world.agent, CALL | {"phone": "112", "email": "nee", "themeId": 10**9})
    assert answer.status_code == 400
    assert {"phone", "email"} <= {fault["field"] for fault in answer.json()["errors"]}


LETTER = {"way": "letter", "subject": "Brief over de Proefstraat", "name": "Inwoner Twee"}


def sent(world: World, entry: object, *files: tuple[str, bytes], **headers: str) -> Any:
    """A letter with its scans."""
    return world.client.post(
        "/api/v1/tickets/attachments",
        headers={**world.agent.headers, **headers},
        data={"entry": json.dumps(entry)},
        files=[("file", (name, content, "text/html")) for name, content in files],
    )


def test_a_letter_comes_with_its_scans_typed_by_their_content(world: World) -> None:
    answer = sent(world, LETTER, ("brief.pdf", b"%PDF-1.7 een"), ("bijlage.png", b"\x89PNG\r\n\x1a\n twee"))
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["Location"] == f"/api/v1/tickets/{made['id']}"
    with world.database.read_only() as session:
        found = session.execute(
            select(Attachment.name, Attachment.content_type, Attachment.size)
            .where(Attachment.message_id == made["messageId"])
            .order_by(Attachment.id)
        ).all()
    assert [tuple(row) for row in found] == [("brief.pdf", "application/pdf", 12), ("bijlage.png", "image/png", 13)]
    assert world.get(f"/tickets/{made['id']}", world.agent).json()["subject"] == LETTER["subject"]


def test_a_letter_sent_twice_with_its_key_is_entered_once_and_another_scan_is_another_letter(world: World) -> None:
    key = {"Idempotency-Key": "brief-1"}
    first, again = (sent(world, LETTER, ("a.pdf", b"%PDF-1.7 a"), **key) for _ in range(2))
    assert first.json() == again.json()
    assert sent(world, LETTER, ("a.pdf", b"%PDF-1.7 b"), **key).json()["code"] == "idempotency_key_reused"


@pytest.mark.parametrize(
    ("entry", "field"),
    [({"way": "letter", "nonsense": 1}, "entry"), ({"way": "pigeon"}, "way"), ({**LETTER, "email": "nee"}, "email")],
)
def test_what_is_wrong_with_a_letter_is_told_and_nothing_is_entered(
    world: World, entry: dict[str, object], field: str
) -> None:
    before = count(world)
    answer = sent(world, entry, ("a.pdf", b"%PDF-1.7"))
    assert answer.status_code == 400, answer.text
    assert field in answer.text
    assert count(world) == before


def test_too_many_or_too_large_files_are_refused(world: World, settings: Settings) -> None:
    many = [(f"{n}.pdf", b"%PDF-1.7") for n in range(21)]
    assert "Add at most 20 files." in sent(world, LETTER, *many).text
    assert sent(world, LETTER, ("a.pdf", b"x" * (settings.max_upload_bytes + 1))).status_code == 413
    assert sent(world, "no object", ("a.pdf", b"%PDF-1.7")).status_code == 400


def test_without_text_or_files_there_is_nothing_to_enter(world: World) -> None:
    answer = world.post("/tickets", world.agent, LETTER)
    assert answer.status_code == 400
    assert "text" in {fault["field"] for fault in answer.json()["errors"]}


def count(world: World) -> int:
    with world.database.read_only() as session:
        return session.scalar(select(func.count()).select_from(Ticket)) or 0


def test_an_appointment_is_listed_and_settled(world: World) -> None:
    at = (clock.now() + timedelta(hours=2)).isoformat()
    made = entered(world, callBackAt=at, callBackNote="na vieren")
    later = world.post(f"/tickets/{made['id']}/call-backs", world.agent, {"at": at, "note": "nog eens"})
    assert later.status_code == 201
    ids = {line["id"]: line for line in world.get("/call-backs", world.agent).json()}
    assert ids[made["callBackId"]]["note"] == "na vieren"
    assert ids[later.json()["id"]]["number"] == "+31612345678"
    for appointment in (made["callBackId"], later.json()["id"]):
        settled = world.post(
            f"/call-backs/{appointment}/settle", world.agent, {"outcome": "reached", "note": "Klaar."}, If_Match="*"
        )
        assert settled.status_code == 204
    path = f"/call-backs/{made['callBackId']}/settle"
    assert world.post(path, world.agent, {"outcome": "reached"}).status_code == 428
    again = world.post(path, world.agent, {"outcome": "reached"}, If_Match="*")
    assert again.status_code == 409
    assert (
        world.post(f"/tickets/{made['id']}/call-backs", world.agent, {"at": "2020-01-01T10:00:00Z"}).status_code == 400
    )


def test_what_came_of_calling_is_told_with_a_next_try(world: World) -> None:
    at = clock.now() + timedelta(days=1)
    made = entered(world, callBackAt=(clock.now() + timedelta(hours=1)).isoformat(), callBackNote="na zessen")
    told = {"outcome": "voicemail", "again": at.isoformat()}
    settle = f"/call-backs/{made['callBackId']}/settle"
    assert world.post(settle, world.agent, told, If_Match="*").status_code == 204
    [line] = [one for one in world.get("/call-backs", world.agent).json() if one["ticketId"] == made["id"]]
    assert (datetime.fromisoformat(line["at"]), line["note"], line["tried"]) == (at, "na zessen", "")
    assert datetime.fromisoformat(line["nextAt"]) > clock.now()
    called = world.post(f"/tickets/{made['id']}/called", world.agent, {"outcome": "reached"})
    assert called.status_code == 201, called.text
    with world.database.read_only() as session:
        types = session.scalars(
            select(TicketEvent.type).where(TicketEvent.ticket_id == made["id"]).order_by(TicketEvent.id)
        )
        told_of = [type_.value for type_ in types if type_.value.startswith("call_back")]
    assert told_of == ["call_back_promised", "call_back_settled", "call_back_promised", "call_back_settled"]


def test_calling_back_gives_a_delivery_that_rings_my_telephone_first(world: World) -> None:
    made = entered(world)
    called = world.post(
        f"/tickets/{made['id']}/calls", world.admin, {"through": "020 123 4567", "note": "Over de lamp"}
    )
    assert called.status_code == 201, called.text
    with world.database.read_only() as session:
        delivery = session.get_one(Delivery, called.json()["id"])
        assert delivery.payload == {"through": "+31201234567"}
        assert session.get_one(ContactAddress, delivery.address_id).kind is AddressKind.PHONE
    assert world.post(f"/tickets/{made['id']}/calls", world.admin, {"through": "112"}).status_code == 400


def test_what_is_wrong_has_the_name_that_it_has_outside(world: World) -> None:
    body = CALL | {"receivedAt": "2099-01-01T00:00:00Z", "themeId": 999_999}
    errors = world.post("/tickets", world.agent, body).json()["errors"]
    assert {error["field"] for error in errors} >= {"receivedAt", "themeId"}
