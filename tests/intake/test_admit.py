"""From raw items to tickets, in a real database."""

from tests.intake.conftest import House
from tests.intake.notes import item, mail


def test_a_mail_becomes_a_ticket_with_its_message_route_and_event(house: House) -> None:
    house.take(item("1", mail(1, title="Kapotte lantaarn")))
    assert house.states() == [("ticketed", "first")]
    assert house.rows("SELECT subject, status, language FROM ticket") == [("Kapotte lantaarn", "new", "nl")]
    [(text_, name, kind)] = house.rows("SELECT text, author_name, kind FROM message")
    assert (text_, name, kind) == ("Vraag 1", "Anna", "reaction")
    assert house.one("SELECT count(*) FROM message_route") == 1
    assert house.rows("SELECT type FROM ticket_event") == [("created",)]
