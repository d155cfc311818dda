"""Pages cost the same number of statements whatever they show."""

import pytest

from tests.desk.conftest import Desk
from tests.tickets.statements import statements_of


@pytest.mark.parametrize("address", ["/desk/unassigned", "/desk/tickets", "/desk"])
def test_a_list_costs_the_same_for_one_row_and_for_fifty(office_desk: Desk, address: str) -> None:
    office = office_desk.office
    client = office_desk.client(office.ada)
    cost = []
    for number in (1, 49):
        with office_desk.database.unit_of_work() as session:
            for _ in range(number):
                office.arrives(session)
        with statements_of(office_desk.database.engine) as seen:
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
        with statements_of(busy_desk.database.engine) as seen:
            assert client.get(f"/desk/tickets/{office.tickets[0]}").status_code == 200
        cost.append(len(seen))
    assert cost[0] == cost[1]
    assert cost[0] <= 8
