"""Taking and handing over: who gets it, who may, and what the engine sees of it."""

from typing import Any

import pytest
from sqlalchemy import select

from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.identity.principal import SYSTEM
from app.models import Agent, TicketEvent
from app.tickets.hand_over import hand_over
from app.tickets.take import take
from app.vocabulary import Confidentiality, EventType, MandateLevel, TicketStatus
from tests.tickets.town import Town


def events_of(town: Town, ticket_id: int) -> list[TicketEvent]:
    return list(
        town.session.scalars(select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id))
    )


def test_taking_makes_me_the_owner_opens_the_ticket_and_is_an_event(town: Town) -> None:
    ticket_id = town.ticket()
    assert take(town.session, town.ann, ticket_id) == 2
    ticket = town.read(ticket_id)
    assert (ticket.agent_id, ticket.status) == (town.ann.agent_id, TicketStatus.OPEN)
    assert ticket.assigned_at is not None
    last = events_of(town, ticket_id)[-1]
    assert (last.type, last.agent_id, last.data["version"]) == (EventType.TAKEN, town.ann.agent_id, 2)


def test_taking_what_is_mine_already_changes_nothing(town: Town) -> None:
    ticket_id = town.ticket()
    take(town.session, town.ann, ticket_id)
    assert take(town.session, town.ann, ticket_id) == 2
    assert town.read(ticket_id).version == 2


def test_a_colleagues_ticket_is_not_taken_without_a_reason(town: Town) -> None:
    ticket_id = town.ticket(agent_id=town.bob.agent_id, status=TicketStatus.OPEN)
    with pytest.raises(Conflict) as refused:
        take(town.session, town.ann, ticket_id)
    assert refused.value.code == "taken"
    assert town.read(ticket_id).agent_id == town.bob.agent_id
    take(town.session, town.ann, ticket_id, reason="Bob is ziek")
    assert town.read(ticket_id).agent_id == town.ann.agent_id
    assert events_of(town, ticket_id)[-1].data["from"] == town.bob.agent_id
    assert town.session.get_one(Agent, town.bob.agent_id).idle_since is not None


def test_a_lead_takes_over_without_one(town: Town) -> None:
    ticket_id = town.ticket(agent_id=town.bob.agent_id, status=TicketStatus.OPEN)
    take(town.session, town.lead, ticket_id)
    assert town.read(ticket_id).agent_id == town.lead.agent_id


def test_who_may_only_read_takes_nothing(town: Town) -> None:
    ticket_id = town.ticket()
    with pytest.raises(Forbidden) as refused:
        take(town.session, town.cas, ticket_id)
    assert refused.value.code == "mandate_read"
    town.mandate(MandateLevel.DRAFT, agent_id=town.cas.agent_id, theme_id=town.roads)
    take(town.session, town.cas, ticket_id)
    assert town.read(ticket_id).agent_id == town.cas.agent_id


def test_the_system_owns_no_tickets(town: Town) -> None:
    with pytest.raises(Forbidden) as refused:
        take(town.session, SYSTEM, town.ticket())
    assert refused.value.code == "agent_needed"


def test_an_outdated_view_is_refused_and_told_what_changed(town: Town) -> None:
    ticket_id = town.ticket()
    take(town.session, town.bob, ticket_id, version=1)
    town.writes(ticket_id)
    with pytest.raises(Conflict) as refused:
        take(town.session, town.ann, ticket_id, version=1, reason="Nu ik")
    assert refused.value.code == "changed"
    assert [(f.code, f.fix) for f in refused.value.faults] == [("taken", "Bob"), ("reaction_received", "Weerklank")]
    assert town.read(ticket_id).agent_id == town.bob.agent_id


def test_a_merged_ticket_is_worked_on_where_it_went(town: Town) -> None:
    target = town.ticket()
    with pytest.raises(Conflict) as refused:
        take(town.session, town.ann, town.ticket(merged_into_id=target))
    assert refused.value.code == "merged"


def test_handing_to_a_team_lets_the_engine_choose_again_but_not_me(town: Town) -> None:
    ticket_id = town.ticket(agent_id=town.ann.agent_id, status=TicketStatus.OPEN, decision_id=7)
    hand_over(town.session, town.ann, ticket_id, team_id=town.parks, reason="Gaat over bomen")
    ticket = town.read(ticket_id)
    assert (ticket.team_id, ticket.agent_id, ticket.decision_id) == (town.parks, None, None)
    assert (ticket.passed_agents, ticket.fixed) == ([town.ann.agent_id], ["team"])
    assert events_of(town, ticket_id)[-1].data["reason"] == "Gaat over bomen"


def test_handing_to_a_colleague_asks_for_their_mandate(town: Town) -> None:
    ticket_id = town.ticket(agent_id=town.ann.agent_id, status=TicketStatus.OPEN)
    with pytest.raises(Invalid) as refused:
        hand_over(town.session, town.ann, ticket_id, agent_id=town.cas.agent_id, reason="Jij weet dit")
    assert refused.value.code == "receiver_mandate"
    hand_over(town.session, town.ann, ticket_id, agent_id=town.cas.agent_id, team_id=town.parks, reason="Jij weet dit")
    ticket = town.read(ticket_id)
    assert (ticket.agent_id, ticket.team_id) == (town.cas.agent_id, town.parks)


def test_a_strict_ticket_goes_to_a_colleague_of_its_team_only_by_name(town: Town) -> None:
    ticket_id = town.ticket(confidentiality=Confidentiality.STRICT)
    hand_over(town.session, town.lead, ticket_id, agent_id=town.bob.agent_id, reason="Vertrouwelijk")
    assert town.read(ticket_id).agent_id == town.bob.agent_id
    assert town.read(ticket_id).status is TicketStatus.OPEN
    with pytest.raises(NotFound):
        hand_over(town.session, town.ann, ticket_id, team_id=town.parks, reason="Nieuwsgierig")


def test_what_is_handed_back_by_name_is_no_longer_passed_on(town: Town) -> None:
    ticket_id = town.ticket(agent_id=town.ann.agent_id, status=TicketStatus.OPEN)
    hand_over(town.session, town.ann, ticket_id, agent_id=town.bob.agent_id, reason="Graag jij")
    hand_over(town.session, town.bob, ticket_id, agent_id=town.ann.agent_id, reason="Toch jij")
    assert town.read(ticket_id).passed_agents == [town.bob.agent_id]


@pytest.mark.parametrize(
    ("given", "code"), [({"reason": " "}, "reason_missing"), ({"reason": "Zomaar"}, "receiver_missing")]
)
def test_a_hand_over_says_to_whom_and_why(town: Town, given: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        hand_over(town.session, town.ann, town.ticket(), **given)
    assert refused.value.code == code


def test_nobody_hands_to_a_team_or_colleague_that_is_gone(town: Town) -> None:
    ticket_id = town.ticket()
    gone = town.agent("Weg", teams=[town.streets])
    town.session.get_one(Agent, gone.agent_id).active = False
    town.session.flush()
    for receiver in ({"team_id": 2**40}, {"agent_id": gone.agent_id}):
        with pytest.raises(NotFound):
            hand_over(town.session, town.ann, ticket_id, reason="Hier", **receiver)
