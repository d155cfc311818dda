"""Pages cost the same number of statements whatever they show."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

from tests.desk.conftest import Desk


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements that reach the database within the block."""
    seen: list[str] = []

    def note(*given: object) -> None:
        seen.append(str(given[2]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("address", ["/desk/unassigned", "/desk/tickets", "/desk"])
def test_a_list_costs_the_same_for_one_row_and_for_fifty(office_desk: Desk, address: str) -> None:
    office = office_desk.office
    client = office_desk.client(office.ada)
    cost = []
    for number in (1, 49):
        with office_desk.database.unit_of_work() as session:
            for _ in range(number):
                office.arrives(session)
        with counted(office_desk.database.engine) as seen:
            assert client.get(address).status_code == 200
        cost.append(len(seen))
    assert cost[0] == cost[1]
    assert cost[0] <= 8


def test_a_ticket_costs_the_same_for_one_message_and_for_thirty(busy_desk: Desk) -> None:
    office = busy_desk.office
    client = busy_desk.client(office.ada)
    client.get(f"/desk/tickets/{office.tickets[0]}")  # the first answer of a process reads the account's settings
    cost = []
    for number in (0, 30):
        with busy_desk.database.unit_of_work() as session:
            for _ in range(number):
                office.writes_again(session, office.tickets[0])
        with counted(busy_desk.database.engine) as seen:
            assert client.get(f"/desk/tickets/{office.tickets[0]}").status_code == 200
        cost.append(len(seen))
    assert cost[0] == cost[1]
    assert cost[0] <= 22
