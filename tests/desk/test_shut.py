"""Accounts whose settings no key opens: their tickets are read on, and an administrator can enter the settings anew."""

from cryptography.fernet import Fernet
from sqlalchemy import select, update

from app.models import Account, Draft, Message
from tests.desk.conftest import Desk
from tests.desk.test_compose import seen

CANNOT = "Hier kan nu niemand antwoorden"


def loses_its_key(desk: Desk) -> None:
    """The mailbox is sealed with a key that nobody has."""
    with desk.database.unit_of_work() as session:
        values = {"settings": Fernet(Fernet.generate_key()).encrypt(b"{}"), "version": Account.version + 1}
        session.execute(update(Account).where(Account.id == desk.office.mailbox).values(values))


def test_the_thread_is_read_and_noted_in_and_only_the_answer_box_is_missing(busy_desk: Desk) -> None:
    office, first = busy_desk.office, busy_desk.office.tickets[0]
    loses_its_key(busy_desk)
    ada = busy_desk.client(office.ada)
    page = ada.get(f"/desk/tickets/{first}")
    assert page.status_code == 200
    assert "Op de hoek van de Proefstraat" in page.text
    assert CANNOT in page.text
    assert "Een beheerder kan het verhelpen." in page.text
    assert "WEERKLANK_SECRET_KEYS" not in page.text
    assert 'id="reply-text"' not in page.text
    assert ada.post(f"/desk/tickets/{first}/note", data={"text": "Ik bel zelf."}).status_code == 303


def test_an_administrator_reads_what_to_do_and_where(busy_desk: Desk) -> None:
    first = busy_desk.office.tickets[0]
    loses_its_key(busy_desk)
    page = busy_desk.client(busy_desk.office.chief).get(f"/desk/tickets/{first}").text
    assert "Zet de sleutel waarmee ze verzegeld zijn terug in WEERKLANK_SECRET_KEYS" in page
    assert f'href="/desk/accounts/{busy_desk.office.mailbox}"' in page


def test_an_answer_written_meanwhile_is_refused_and_kept(busy_desk: Desk) -> None:
    first = busy_desk.office.tickets[0]
    data = {"text": "De monteur komt.", "seen_message_id": seen(busy_desk, first)}
    loses_its_key(busy_desk)
    answer = busy_desk.client(busy_desk.office.ada).post(f"/desk/tickets/{first}/reply", data=data)
    assert answer.status_code == 400
    assert CANNOT in answer.text
    with busy_desk.database.read_only() as session:
        assert session.scalar(select(Draft.text)) == "De monteur komt."
        assert session.scalar(select(Message.id).where(Message.kind == "reply")) is None


def test_the_settings_are_entered_anew_where_no_key_opens_the_old(busy_desk: Desk) -> None:
    office, first = busy_desk.office, busy_desk.office.tickets[0]
    loses_its_key(busy_desk)
    chief = busy_desk.client(office.chief)
    page = chief.get(f"/desk/accounts/{office.mailbox}")
    assert page.status_code == 200
    assert "of vul de instellingen opnieuw in" in page.text
    form = {
        "name": "Postbus info@",
        "language": "nl",
        "active": "on",
        "do": "save",
        "setting_address": "info@voorbeeldstad.example",
    }
    server = {"setting_smtp_host": "localhost", "setting_smtp_security": "tls", "setting_imap_security": "tls"}
    saved = chief.post(f"/desk/accounts/{office.mailbox}", data={**form, **server})
    assert saved.status_code == 303, saved.text
    assert CANNOT not in chief.get(f"/desk/tickets/{first}").text
