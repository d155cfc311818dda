"""Correcting and taking back an answer that went out, from its bubble."""

from sqlalchemy import select, update

from app.models import Delivery, Message
from tests.desk.conftest import Desk
from tests.desk.test_compose import said_on_mastodon, seen

SAID = "Eerste regel.\r\nTweede regel."


def went_out(desk: Desk) -> tuple[int, int]:
    """An answer on Mastodon that the service took: its ticket and message."""
    first = said_on_mastodon(desk)
    data = {"text": SAID, "seen_message_id": seen(desk, first)}
    assert desk.client(desk.office.ada).post(f"/desk/tickets/{first}/reply", data=data).status_code == 303
    with desk.database.unit_of_work() as session:
        session.execute(update(Delivery).values(state="sent", external_id="1"))
        return first, session.scalar(select(Message.id).where(Message.kind == "reply")) or 0


def test_a_correction_has_the_line_ends_that_the_answer_had(busy_desk: Desk) -> None:
    _first, message = went_out(busy_desk)
    client = busy_desk.client(busy_desk.office.ada)
    same = client.post(f"/desk/messages/{message}/correct", data={"text": SAID})
    assert "Dit zijn dezelfde woorden." in same.text
    other = client.post(f"/desk/messages/{message}/correct", data={"text": SAID + "\r\nDerde."})
    assert other.status_code == 303
    with busy_desk.database.read_only() as session:
        payload = session.scalar(select(Delivery.payload).where(Delivery.action == "amend"))
    assert payload is not None
    assert payload["text"] == "Eerste regel.\nTweede regel.\nDerde."


def test_what_is_being_done_to_an_answer_is_told_and_decided_when_in_doubt(busy_desk: Desk) -> None:
    first, message = went_out(busy_desk)
    client = busy_desk.client(busy_desk.office.ada)
    client.post(f"/desk/messages/{message}/correct", data={"text": "Anders."})
    assert "Wordt verbeterd" in client.get(f"/desk/tickets/{first}").text
    with busy_desk.database.unit_of_work() as session:
        doubt = {"state": "uncertain", "problem": "no answer: ReadTimeout"}
        session.execute(update(Delivery).where(Delivery.action == "amend").values(**doubt))
    page = client.get(f"/desk/tickets/{first}").text
    assert "Onduidelijk of het verbeterd is: geen antwoord: ReadTimeout" in page
    assert page.count('name="outcome" value="sent"') == 1
    with busy_desk.database.unit_of_work() as session:
        session.execute(update(Delivery).where(Delivery.action == "amend").values(state="sent", problem=""))
    client.post(f"/desk/messages/{message}/take-back")
    page = client.get(f"/desk/tickets/{first}").text
    assert "<span>Verbeterd</span>" in page
    assert "Wordt teruggenomen" in page
    assert "/take-back" not in page
