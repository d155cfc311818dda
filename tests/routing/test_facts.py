import json
from datetime import UTC, datetime, timedelta

import pytest

from app.routing.facts import TicketFacts, queue_key
from app.vocabulary import Confidentiality, Priority, TicketKind
from tests.routing.made import NOW, ticket

FULL = ticket(
    kind=TicketKind.OBJECTION, priority=Priority.URGENT, team_id=4, fixed=("team",), site="voorbeeldstad", page="p1",
    language="en", sender_domain="voorbeeldstad.example", subject="kap boom", text="twee bomen", contact_id=8,
    contact_agent_id=3, owner_id=2, skills=("legal",), weight=3, due_at=NOW + timedelta(microseconds=1), is_public=True,
    confidentiality=Confidentiality.STRICT, process_id=6, tags=("a", "b"), excluded=(1, 2),
)  # fmt: skip


@pytest.mark.parametrize("facts", [ticket(), FULL])
def test_a_ticket_comes_back_from_json_equal(facts: TicketFacts) -> None:
    assert TicketFacts.from_json(json.loads(json.dumps(facts.to_json()))) == facts


def test_what_is_not_said_takes_no_room_in_json() -> None:
    assert set(ticket().to_json()) == {"id", "account_id", "channel", "family", "received_at", "theme_id"}


@pytest.mark.parametrize(
    "data", [None, {}, {**ticket().to_json(), "weight": "heavy"}, {**ticket().to_json(), "kind": "?"}]
)
def test_json_that_is_no_ticket_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match="validation error"):
        TicketFacts.from_json(data)


WITHOUT_OFFSET = datetime(2026, 1, 1)  # noqa: DTZ001


@pytest.mark.parametrize("facts", [{"received_at": WITHOUT_OFFSET}, {"due_at": WITHOUT_OFFSET}, {"weight": -1}])
def test_times_without_an_offset_and_negative_weights_are_refused(facts: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"offset|weigh"):
        ticket(**facts)


def test_a_queue_is_ordered_by_priority_then_deadline_then_id() -> None:
    soon, late = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
    ordered = [
        ticket(id=9, priority=Priority.URGENT),
        ticket(id=8, priority=Priority.HIGH, due_at=late),
        ticket(id=3, due_at=soon),
        ticket(id=5, due_at=soon),
        ticket(id=2, due_at=late),
        ticket(id=1),
        ticket(id=0, priority=Priority.LOW, due_at=soon),
    ]
    mixed = [ordered[place] for place in (3, 6, 0, 5, 1, 4, 2)]
    assert sorted(mixed, key=queue_key) == ordered
