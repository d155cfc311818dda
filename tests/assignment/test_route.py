"""Tickets find their place and their person, for reasons that are written down."""

from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from app.assignment import policies
from app.assignment.replay import replay
from app.assignment.route import Router
from app.errors import Conflict, Invalid
from app.identity.principal import SYSTEM
from app.models import Agent, Contact, ContactAddress, Decision, Message, Team, Ticket, TicketTag, WorldVersion
from app.vocabulary import AddressKind, MessageKind, Presence, Priority, TicketKind, TicketStatus
from tests.assignment.conftest import AT, Town


def rule(name: str, words: list[str], **then: Any) -> dict[str, Any]:
    return {"name": name, "all": [{"field": "text", "in": words}], "then": then}


def test_a_new_ticket_goes_to_its_themes_team_and_to_somebody_with_room(town: Town) -> None:
    ticket = town.ticket()
    assert town.route() == 1
    row = town.row(ticket)
    assert (row.theme_id, row.team_id) == (town.themes["afval"], town.teams["afval"])
    assert town.owner(ticket) in ("anna", "bert")
    assert town.events(ticket) == ["assigned"]
    assert town.trace(ticket)[-1][0] == "preference"


def test_a_ticket_that_cannot_be_decided_about_holds_up_no_other_and_is_tried_again(town: Town) -> None:
    """Here by a norm that is no number: a fault in one team's settings, or of ours."""
    town.rules(rule("Bomen", ["boom"], theme=town.themes["groen"]))
    town.change(Team, town.teams["groen"], answer_hours={"normal": "veel"})
    broken = [town.ticket("Er is een boom omgewaaid.") for _ in range(3)]
    other = town.ticket()
    router = Router(town.database)
    while router.route_waiting(2):
        pass
    assert town.owner(other) in ("anna", "bert")
    assert [town.row(ticket).decision_id for ticket in broken] == [None] * 3
    town.change(Team, town.teams["groen"], answer_hours={})
    while router.route_waiting(2):
        pass
    assert {town.row(ticket).team_id for ticket in broken} == {town.teams["groen"]}


@pytest.mark.parametrize("hours", [{"mon": [["09:00", "09:00"]]}, {"mon": []}, {"mon": "altijd"}])
def test_hours_that_nobody_can_read_count_as_none_and_stop_no_ticket(town: Town, hours: Any) -> None:
    town.change(Team, town.teams["afval"], hours=hours)
    town.change(Agent, town.agents["anna"], hours=hours)
    ticket = town.ticket()
    town.route()
    assert town.owner(ticket) in ("anna", "bert")
    assert town.row(ticket).due_at > AT


def test_rules_place_a_ticket_and_a_team_that_takes_the_next_is_not_pushed_to(town: Town) -> None:
    town.rules(rule("Bomen", ["boom"], theme=town.themes["groen"], priority="high", tags=["boom"], stop=True))
    ticket = town.ticket("Er is een boom omgewaaid.")
    town.route()
    row = town.row(ticket)
    assert (row.team_id, row.priority, row.rank, row.agent_id) == (town.teams["groen"], Priority.HIGH, 1, None)
    assert town.trace(ticket)[-1] == ("queue", "next")
    with town.database.read_only() as session:
        assert session.scalars(select(TicketTag.tag)).all() == ["boom"]


def test_what_a_rule_finds_to_be_formal_gets_its_formal_receipt_once(town: Town) -> None:
    town.rules(rule("Bezwaar", ["bezwaar"], kind="objection"))
    formal, other = town.ticket("Ik maak bezwaar."), town.ticket()
    with town.database.unit_of_work() as session:
        contact = session.scalars(select(Contact.id)).one()
        address = {"contact_id": contact, "kind": AddressKind.EMAIL, "address": "bewoner@voorbeeld.example"}
        made = session.scalars(insert(ContactAddress).values(address).returning(ContactAddress.id)).one()
        session.execute(update(Message).values(contact_id=contact, address_id=made))
    town.route()
    town.change(Ticket, formal, decision_id=None, agent_id=None)
    town.route()
    assert town.row(formal).kind is TicketKind.OBJECTION
    with town.database.read_only() as session:
        told = select(Message.ticket_id, Message.title).where(Message.kind == MessageKind.RECEIPT)
        assert [row.ticket_id for row in session.execute(told)] == [formal]
    assert town.events(other) == ["assigned"]


def test_nobody_gets_more_than_the_limit_and_the_rest_waits_by_deadline(town: Town) -> None:
    tickets = [town.ticket() for _ in range(6)]
    town.route()
    owned = [ticket for ticket in tickets if town.owner(ticket)]
    assert owned == tickets[:4]
    assert sorted(str(town.owner(ticket)) for ticket in owned) == ["anna", "anna", "bert", "bert"]
    assert town.trace(tickets[5])[-2:] == [("nobody", "push_limit"), ("queue", "waits")]


def test_a_free_hand_gets_the_most_urgent_that_waits_before_anything_newer(town: Town) -> None:
    first = [town.ticket() for _ in range(4)]
    late, urgent = town.ticket(), town.ticket()
    town.route()
    town.change(Ticket, urgent, rank=0, priority=Priority.URGENT, fixed=["priority"])
    done = next(ticket for ticket in first if town.owner(ticket) == "anna")
    town.solve(done)
    newest = town.ticket()
    town.route()
    assert (town.owner(urgent), town.owner(late), town.owner(newest)) == ("anna", None, None)


def test_absent_people_get_nothing(town: Town) -> None:
    town.change(Agent, town.agents["anna"], presence=Presence.AWAY)
    town.change(Agent, town.agents["bert"], presence=Presence.AWAY)
    ticket = town.ticket()
    town.route()
    assert town.owner(ticket) is None
    assert town.trace(ticket)[-2:] == [("nobody", "presence"), ("queue", "waits")]
    town.change(Agent, town.agents["bert"], presence=Presence.AVAILABLE)
    town.route()
    assert town.owner(ticket) == "bert"


def test_who_takes_a_ticket_by_hand_keeps_it(town: Town) -> None:
    ticket = town.ticket(agent_id=town.agents["gerda"], status=TicketStatus.OPEN, assigned_at=AT)
    town.route()
    row = town.row(ticket)
    assert (town.owner(ticket), row.theme_id) == ("gerda", town.themes["afval"])
    assert row.decision_id is not None


@pytest.mark.parametrize(("presence", "owner"), [(Presence.AVAILABLE, "anna"), (Presence.AWAY, "bert")])
def test_what_comes_back_goes_to_its_owner_when_they_are_there(town: Town, presence: Presence, owner: str) -> None:
    later = datetime(2026, 11, 24, 9, tzinfo=UTC)
    town.change(Agent, town.agents["anna"], presence=presence)
    ticket = town.ticket(
        agent_id=town.agents["anna"], status=TicketStatus.OPEN, assigned_at=AT, reopened_at=later, last_inbound_at=later
    )
    town.route()
    assert town.owner(ticket) == owner


def test_who_handed_it_over_does_not_get_it_back(town: Town) -> None:
    ticket = town.ticket(passed_agents=[town.agents["anna"]])
    town.route()
    assert town.owner(ticket) == "bert"


def test_what_a_person_fixed_no_rule_changes(town: Town) -> None:
    town.rules(rule("Alles hoog", ["afval"], priority="urgent", theme=town.themes["groen"]))
    ticket = town.ticket(theme_id=town.themes["afval"], priority=Priority.LOW, fixed=["priority", "theme"])
    town.route()
    row = town.row(ticket)
    assert (row.priority, row.theme_id) == (Priority.LOW, town.themes["afval"])


def test_the_deadline_counts_the_teams_hours(town: Town) -> None:
    town.change(Team, town.teams["afval"], hours={"mon": [["09:00", "13:00"]], "tue": [["09:00", "13:00"]]})
    ticket = town.ticket(received_at=datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
    town.route()
    assert town.row(ticket).due_at == datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_a_change_of_the_staff_counts_with_the_next_ticket(town: Town) -> None:
    town.route()
    first = town.ticket()
    town.route()
    for name in ("anna", "bert"):
        town.change(Agent, town.agents[name], active=False)
    town.agent("carla", "afval")
    second = town.ticket()
    town.route()
    assert (town.owner(first), town.owner(second)) == ("carla", "carla")


def test_open_tickets_of_who_left_go_to_somebody_else_and_what_is_done_stays(town: Town) -> None:
    town.rules(rule("Bomen", ["boom"], theme=town.themes["groen"]))
    queued, pushed, solved = town.ticket("Een boom."), town.ticket(), town.ticket()
    town.route()
    for ticket in (queued, pushed, solved):
        town.change(Ticket, ticket, agent_id=town.agents["anna"], status=TicketStatus.OPEN)
    town.solve(solved)
    town.change(Agent, town.agents["anna"], active=False)
    town.route()
    assert (town.owner(queued), town.owner(pushed), town.owner(solved)) == (None, "bert", "anna")
    assert town.row(queued).team_id == town.teams["groen"]
    assert town.events(pushed)[-2:] == ["handed_over", "assigned"]


def test_staff_that_was_stored_by_a_run_which_failed_is_stored_again(town: Town) -> None:
    """The row of the staff is gone with that run's transaction; decisions that named it would fail for ever."""
    town.route()
    town.change(Agent, town.agents["anna"], capacity=7)
    ticket = town.ticket()
    with town.database.unit_of_work() as session:
        session.execute(text("ALTER TABLE decision ADD CONSTRAINT full_disk CHECK (false) NOT VALID"))
    with pytest.raises(IntegrityError):
        town.route()
    with town.database.unit_of_work() as session:
        session.execute(text("ALTER TABLE decision DROP CONSTRAINT full_disk"))
    town.route()
    assert town.owner(ticket) in ("anna", "bert")


def test_the_staff_is_stored_once_a_change_and_not_once_a_decision(town: Town) -> None:
    for _ in range(5):
        town.ticket()
        town.route()
        town.change(Agent, town.agents["anna"], presence=Presence.BUSY)
    with town.database.read_only() as session:
        assert session.scalar(select(func.count()).select_from(WorldVersion)) == 1
        assert session.scalar(select(func.count()).select_from(Decision)) == 5


def test_every_stored_decision_can_be_made_again(town: Town) -> None:
    town.rules(rule("Bomen", ["boom"], theme=town.themes["groen"]))
    for number in range(12):
        town.ticket("een boom" if number % 3 else "afval")
        town.route()
        town.agent(f"nieuw{number}", "afval" if number % 2 else "groen", capacity=1)
    town.rules(rule("Niets", ["niets"], priority="low"))
    found = replay(town.database)
    assert (found.different, found.other_version) == ([], 0)
    assert found.same >= 12
    assert "12" in found.words or str(found.same) in found.words


def test_a_decision_that_was_tampered_with_is_found(town: Town) -> None:
    town.ticket()
    town.route()
    with town.database.unit_of_work() as session:
        session.execute(text("UPDATE decision SET agent_id = :other"), {"other": town.agents["gerda"]})
    assert len(replay(town.database).different) == 1


def test_two_workers_decide_each_ticket_once(town: Town) -> None:
    tickets = [town.ticket() for _ in range(40)]
    routers = [Router(town.database) for _ in range(3)]

    def work(router: Router) -> None:
        while router.route_waiting(limit=3):
            continue

    threads = [Thread(target=work, args=(router,)) for router in routers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    town.route()
    with town.database.read_only() as session:
        routed = session.scalars(
            text("SELECT ticket_id FROM ticket_event WHERE type = 'routed' OR type = 'assigned'")
        ).all()
        counted = text("SELECT count(*) FROM ticket WHERE agent_id IS NOT NULL GROUP BY agent_id")
        held = session.scalars(counted).all()
    assert set(routed) == set(tickets)
    assert held == [2, 2]


def test_rules_that_are_wrong_are_not_kept_and_used_ones_not_reused(town: Town) -> None:
    with town.database.unit_of_work() as session:
        with pytest.raises(Invalid) as raised:
            policies.draft(session, SYSTEM, [{"name": "", "then": {"priority": "soon"}}])
        assert len(raised.value.faults) >= 2
        used = policies.current(session).version
        with pytest.raises(Conflict):
            policies.put_in_force(session, SYSTEM, used)
