"""What one does with a ticket from its page, without script."""

import pytest
from sqlalchemy import func, insert, select, update

from app.models import Agent, Proposal, TeamMember, Ticket, TicketTag
from app.tickets import reference
from tests.desk.conftest import Desk


def ticket_of(desk: Desk, ticket_id: int) -> Ticket:
    with desk.database.read_only() as session:
        return session.get_one(Ticket, ticket_id)


def test_taking_a_ticket_makes_it_mine(busy_desk: Desk) -> None:
    office = busy_desk.office
    waiting = office.tickets[3]
    answer = busy_desk.client(office.ada).post(f"/desk/tickets/{waiting}/take", data={"version": "1"})
    assert answer.headers["location"] == f"/desk/tickets/{waiting}?said=taken"
    assert ticket_of(busy_desk, waiting).agent_id == office.ada.id


def test_a_colleagues_ticket_is_taken_over_with_a_reason_only(busy_desk: Desk) -> None:
    office = busy_desk.office
    client = busy_desk.client(office.ben)
    refused = client.post(f"/desk/tickets/{office.tickets[0]}/take", data={})
    assert refused.status_code == 409
    assert "Zeg waarom u het overneemt" in refused.text
    assert client.post(f"/desk/tickets/{office.tickets[0]}/take", data={"reason": "Ada is ziek"}).status_code == 303


def test_the_next_key_gives_the_most_urgent_and_says_when_nothing_is_left(office_desk: Desk) -> None:
    office = office_desk.office
    with office_desk.database.unit_of_work() as session:
        office.arrives(session, "Kan wachten")
        urgent = office.arrives(session, "Dringend", priority="urgent", rank=0)
    client = office_desk.client(office.ada)
    assert client.post("/desk/next").headers["location"] == f"/desk/tickets/{urgent}?said=taken"
    client.post("/desk/next")
    last = client.post("/desk/next")
    assert last.headers["location"] == "/desk?said=none_left"
    assert "staat niets dat u nu kunt pakken" in client.get("/desk?said=none_left").text


def test_facts_change_together_and_only_those_that_differ(busy_desk: Desk) -> None:
    office = busy_desk.office
    first = office.tickets[0]
    facts = {
        "version": str(ticket_of(busy_desk, first).version), "kind": "complaint", "priority": "high", "status": "on_hold",
        "confidentiality": "normal", "theme": str(office.themes["wegen"]),
    }  # fmt: skip
    assert busy_desk.client(office.ada).post(f"/desk/tickets/{first}/facts", data=facts).status_code == 303
    changed = ticket_of(busy_desk, first)
    assert (changed.kind, changed.priority, changed.status, changed.theme_id) == (
        "complaint", "high", "on_hold", office.themes["wegen"],
    )  # fmt: skip


def test_a_stale_page_changes_nothing_and_says_so(busy_desk: Desk) -> None:
    office = busy_desk.office
    first = office.tickets[0]
    client = busy_desk.client(office.ada)
    client.post(f"/desk/tickets/{first}/tag", data={"tag": "spoed"})
    stale = client.post(f"/desk/tickets/{first}/facts", data={"version": "1", "priority": "low"})
    assert stale.status_code == 409
    assert "Het ticket is gewijzigd" in stale.text
    assert ticket_of(busy_desk, first).priority == "normal"


def test_tags_come_and_go(busy_desk: Desk) -> None:
    client, first = busy_desk.client(busy_desk.office.ada), busy_desk.office.tickets[0]
    client.post(f"/desk/tickets/{first}/tag", data={"tag": "Zwerfafval"})
    assert "zwerfafval" in client.get(f"/desk/tickets/{first}").text.lower()
    client.post(f"/desk/tickets/{first}/untag", data={"tag": "zwerfafval"})
    with busy_desk.database.read_only() as session:
        assert session.scalar(select(func.count()).select_from(TicketTag)) == 0


def test_handing_over_asks_why_and_keeps_what_was_typed(busy_desk: Desk) -> None:
    office = busy_desk.office
    client = busy_desk.client(office.ada)
    address = f"/desk/tickets/{office.tickets[0]}/hand-over"
    assert "Ben Proef" in client.get(address).text
    refused = client.post(address, data={"agent_id": str(office.ben.id), "reason": ""})
    assert refused.status_code == 400
    assert f'value="{office.ben.id}" selected' in refused.text
    done = client.post(address, data={"agent_id": str(office.ben.id), "reason": "Jouw wijk"})
    assert done.headers["location"] == "/desk?said=handed_over"
    assert ticket_of(busy_desk, office.tickets[0]).agent_id == office.ben.id


def test_no_answer_needed_takes_a_reason(busy_desk: Desk) -> None:
    client, first = busy_desk.client(busy_desk.office.ada), busy_desk.office.tickets[0]
    assert client.post(f"/desk/tickets/{first}/no-answer", data={"reason": " "}).status_code == 400
    assert client.post(f"/desk/tickets/{first}/no-answer", data={"reason": "Bedankje"}).status_code == 303
    assert ticket_of(busy_desk, first).status == "solved"


def test_spam_leaves_the_queue_and_comes_back(busy_desk: Desk) -> None:
    client, first = busy_desk.client(busy_desk.office.ada), busy_desk.office.tickets[0]
    client.post(f"/desk/tickets/{first}/spam", data={"spam": "on"})
    assert f'/desk/tickets/{first}"' not in client.get("/desk").text
    assert f'/desk/tickets/{first}"' in client.get("/desk/tickets?spam=on").text
    client.post(f"/desk/tickets/{first}/spam", data={"spam": "off"})
    assert f'/desk/tickets/{first}"' in client.get("/desk").text


def test_two_tickets_are_joined_by_reference_and_taken_apart(busy_desk: Desk) -> None:
    office = busy_desk.office
    one, two = office.tickets[0], office.tickets[1]
    client = busy_desk.client(office.ada)
    wrong = client.post(f"/desk/tickets/{one}/merge", data={"target": "niets"})
    assert wrong.status_code == 400
    joined = client.post(f"/desk/tickets/{one}/merge", data={"target": reference.of(two).lower()})
    assert joined.headers["location"] == f"/desk/tickets/{two}?said=merged"
    assert "Dit ticket is deel van een ander" in client.get(f"/desk/tickets/{one}").text
    assert client.post(f"/desk/tickets/{one}/unmerge").status_code == 303
    assert ticket_of(busy_desk, one).merged_into_id is None


@pytest.mark.parametrize(("decision", "merged"), [("accept", True), ("decline", False)])
def test_a_proposal_is_decided_on_the_page(busy_desk: Desk, decision: str, merged: bool) -> None:
    office = busy_desk.office
    new, old = office.tickets[0], office.tickets[1]
    with busy_desk.database.unit_of_work() as session:
        row = {"ticket_id": new, "target_id": old, "reason": "number_in_subject", "state": "open"}
        proposal = session.execute(insert(Proposal).values(row).returning(Proposal.id)).scalar_one()
    client = busy_desk.client(office.ada)
    assert "het noemt het nummer van dat ticket" in client.get(f"/desk/tickets/{new}").text
    client.post(f"/desk/proposals/{proposal}", data={"decision": decision, "back": str(new)})
    assert (ticket_of(busy_desk, new).merged_into_id == old) is merged


def test_who_may_only_read_gets_no_buttons_and_is_refused_in_words(busy_desk: Desk) -> None:
    office = busy_desk.office
    with busy_desk.database.unit_of_work() as session:
        session.execute(TeamMember.__table__.delete().where(TeamMember.agent_id == office.ben.id))  # type: ignore[attr-defined]
    client = busy_desk.client(office.ben)
    page = client.get(f"/desk/tickets/{office.tickets[0]}").text
    assert "alleen lezen; notities zijn welkom" in page
    assert "/hand-over" not in page
    refused = client.post(f"/desk/tickets/{office.tickets[0]}/spam", data={"spam": "on"})
    assert refused.status_code == 403
    assert "Vraag de teamleider om een mandaat" in refused.text


def test_a_ticket_that_is_not_mine_to_see_does_not_exist(busy_desk: Desk) -> None:
    office = busy_desk.office
    with busy_desk.database.unit_of_work() as session:
        session.execute(update(Ticket).where(Ticket.id == office.tickets[8]).values(confidentiality="team"))
    client = busy_desk.client(office.ada)
    assert client.get(f"/desk/tickets/{office.tickets[8]}").status_code == 404
    assert client.get("/desk/tickets/999999").status_code == 404
    assert "Kapvergunning" not in client.get("/desk/unassigned").text


def test_presence_and_preferences_are_kept(busy_desk: Desk) -> None:
    office = busy_desk.office
    client = busy_desk.client(office.ada)
    busy = client.post("/desk/presence", data={"presence": "busy", "back": "/desk/unassigned"})
    assert busy.headers["location"] == "/desk/unassigned"
    client.post("/desk/me", data={"theme": "dark"})
    with busy_desk.database.read_only() as session:
        agent = session.get_one(Agent, office.ada.id)
        assert agent.presence == "busy"
        assert agent.preferences == {"theme": "dark", "shortcuts": "off", "spoken": "off", "phone": ""}
    assert 'data-theme="dark"' in client.get("/desk").text


def test_a_form_on_another_site_cannot_act_with_my_session(busy_desk: Desk) -> None:
    client = busy_desk.client(busy_desk.office.ada)
    client.headers["Sec-Fetch-Site"] = "cross-site"
    assert client.post(f"/desk/tickets/{busy_desk.office.tickets[3]}/take", data={}).status_code == 403
    assert ticket_of(busy_desk, busy_desk.office.tickets[3]).agent_id is None
