from app.desk.thread import parts
from tests.desk.conftest import Desk


def test_the_page_shows_the_conversation_and_why_this_person(busy_desk: Desk) -> None:
    office = busy_desk.office
    answer = busy_desk.client(office.ada).get(f"/desk/tickets/{office.tickets[0]}")
    assert answer.status_code == 200
    assert "lantaarnpaal al een week niet" in answer.text
