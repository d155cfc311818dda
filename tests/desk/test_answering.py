"""What the answer box says of where an answer goes: numbers as people write them, counts in the channel's unit, files."""

from pydantic import BaseModel
from sqlalchemy import select, update

from app.accounts import change
from app.channels.phone.twilio_sms import SmsSettings
from app.channels.social.mastodon_settings import MastodonSettings
from app.identity import staff
from app.models import ContactAddress, Message, Ticket
from tests.desk.conftest import Desk


def came_by(desk: Desk, kind: str, settings: BaseModel, **message: object) -> int:
    """The first ticket, as if it had come over a new account of this kind."""
    first = desk.office.tickets[0]
    with desk.database.unit_of_work() as session:
        account = change.create(
            session, desk.state.keys, organisation_id=staff.own_organisation(session) or 0, kind=kind, name="Ander",
            settings=settings,
        )  # fmt: skip
        session.execute(update(Message).where(Message.ticket_id == first).values(account_id=account, **message))
        session.execute(update(Ticket).where(Ticket.id == first).values(account_id=account))
    return first


def texted(desk: Desk) -> int:
    settings = SmsSettings.model_validate(
        {"account_sid": "AC" + "0" * 32, "auth_token": "0" * 32, "number": "+31850000000"}
    )
    first = came_by(desk, "phone.twilio_sms", settings, author_name="")
    with desk.database.unit_of_work() as session:
        address = session.scalar(select(Message.address_id).where(Message.ticket_id == first).limit(1))
        known = {"kind": "phone", "address": "+31612345678"}
        session.execute(update(ContactAddress).where(ContactAddress.id == address).values(known))
    return first


def test_a_number_is_shown_as_it_is_dialled_and_called_as_it_is_kept(busy_desk: Desk) -> None:
    first = texted(busy_desk)
    page = busy_desk.client(busy_desk.office.ada).get(f"/desk/tickets/{first}").text
    assert "data-audience>Alleen de ontvanger, als sms</span>: 06 12345678" in page
    assert '<a href="tel:+31612345678">06 12345678</a>' in page
    assert ">06 12345678<span" in page.partition('class="author"')[2][:80]
    assert ">+31612345678" not in page


def test_texts_are_counted_in_parts_and_called_so(busy_desk: Desk) -> None:
    page = busy_desk.client(busy_desk.office.ada).get(f"/desk/tickets/{texted(busy_desk)}").text
    assert 'data-unit="sms-delen"' in page
    assert "Hoogstens 4 sms-delen" in page


def test_where_no_file_can_go_along_it_is_said(busy_desk: Desk) -> None:
    said, client = "Hier kunnen geen bestanden mee", busy_desk.client(busy_desk.office.ada)
    assert said not in client.get(f"/desk/tickets/{busy_desk.office.tickets[1]}").text
    first = came_by(busy_desk, "social.mastodon", MastodonSettings())
    assert said in client.get(f"/desk/tickets/{first}").text
