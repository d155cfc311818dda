"""What a form sends that its page never offered: a clear refusal, and nothing changed."""

import pytest
from sqlalchemy import select, update

from app.models import Theme, Ticket
from tests.desk.conftest import Desk

SAID = "Kies een van de mogelijkheden die er staan."


@pytest.mark.parametrize("field", ["kind", "priority", "confidentiality", "status"])
def test_a_fact_that_no_list_offers_is_refused_on_the_ticket(busy_desk: Desk, field: str) -> None:
    first = busy_desk.office.tickets[0]
    answer = busy_desk.client(busy_desk.office.chief).post(f"/desk/tickets/{first}/facts", data={field: "verzonnen"})
    assert answer.status_code == 400
    assert SAID in answer.text
    assert "Lantaarnpaal stuk" in answer.text


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("/desk/templates/new", {"language": "xx", "name": "Groet", "text": "Dag"}),
        ("/desk/organisation/agents/new", {"role": "baas", "name": "Cor", "email": "cor@voorbeeldstad.example"}),
        ("/desk/organisation/agents/new", {"language": "xx", "name": "Cor", "email": "cor@voorbeeldstad.example"}),
        ("/desk/organisation/teams/new", {"mode": "trekken", "name": "Nieuw"}),
        ("/desk/accounts/new?kind=polls.own", {"language": "xx", "name": "Peilingen"}),
    ],
)
def test_a_form_comes_back_with_what_was_typed(office_desk: Desk, address: str, data: dict[str, str]) -> None:
    answer = office_desk.client(office_desk.office.chief).post(address, data=data)
    assert answer.status_code == 400
    assert SAID in answer.text
    assert f'value="{data["name"]}"' in answer.text


def test_a_theme_that_is_no_longer_in_use_stays_until_somebody_chooses_another(busy_desk: Desk) -> None:
    office, first = busy_desk.office, busy_desk.office.tickets[3]
    with busy_desk.database.unit_of_work() as session:
        session.execute(update(Theme).where(Theme.id == office.themes["licht"]).values(active=False))
    client = busy_desk.client(office.chief)
    offered = client.get(f"/desk/tickets/{first}").text.partition('id="fact-theme"')[2].partition("</select>")[0]
    assert '<option value="">Straatverlichting</option>' in offered
    assert client.post(f"/desk/tickets/{first}/facts", data={"theme": "", "priority": "high"}).status_code == 303
    with busy_desk.database.read_only() as session:
        assert session.scalar(select(Ticket.theme_id).where(Ticket.id == first)) == office.themes["licht"]


def test_a_ticket_with_a_theme_is_not_offered_to_have_none(busy_desk: Desk) -> None:
    first = busy_desk.office.tickets[0]
    page = busy_desk.client(busy_desk.office.ada).get(f"/desk/tickets/{first}").text
    assert '<option value=""' not in page.partition('id="fact-theme"')[2].partition("</select>")[0]
