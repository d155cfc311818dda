"""The next key."""

from threading import Thread

import pytest
from sqlalchemy import insert

from app.assignment.take_next import take_next
from app.errors import Forbidden, NotFound
from app.models import Mandate, Team, Ticket
from app.vocabulary import Confidentiality, MandateLevel, TeamMode
from tests.assignment.conftest import Town


def press(town: Town, name: str, team: str | None = None) -> int:
    with town.database.unit_of_work() as session:
        return take_next(session, town.principal(session, name), town.teams[team] if team else None)


@pytest.fixture
def queue(town: Town) -> list[int]:
    """Three tickets that wait in the green team's queue."""
    tickets = [town.ticket("groen", theme_id=town.themes["groen"], fixed=["theme"]) for _ in range(3)]
    town.route()
    return tickets


def test_the_key_takes_the_first_of_the_queue_and_then_the_next(town: Town, queue: list[int]) -> None:
    town.change(Ticket, queue[2], rank=0)
    assert [press(town, "gerda") for _ in range(3)] == [queue[2], queue[0], queue[1]]
    assert town.owner(queue[0]) == "gerda"
    with pytest.raises(NotFound) as raised:
        press(town, "gerda")
    assert raised.value.code == "queue_empty"


def test_what_does_not_fit_is_passed_over(town: Town, queue: list[int]) -> None:
    town.change(Ticket, queue[0], language="en")
    town.change(Ticket, queue[1], confidentiality=Confidentiality.STRICT)
    assert press(town, "gerda") == queue[2]


def test_somebody_who_may_only_read_takes_nothing(town: Town, queue: list[int]) -> None:
    with town.database.unit_of_work() as session:
        session.execute(insert(Mandate).values(agent_id=town.agents["gerda"], level=MandateLevel.READ))
    with pytest.raises(NotFound):
        press(town, "gerda")
    assert town.owner(queue[0]) is None


def test_only_members_take_from_a_queue(town: Town, queue: list[int]) -> None:
    with pytest.raises(Forbidden):
        press(town, "anna", "groen")
    assert town.owner(queue[0]) is None


def test_presence_and_limits_do_not_hold_back_who_asks_for_work(town: Town) -> None:
    town.change(Team, town.teams["afval"], push_limit=0)
    tickets = [town.ticket() for _ in range(3)]
    town.route()
    assert [press(town, "anna") for _ in range(3)] == tickets


def test_two_who_press_together_get_two_tickets(town: Town, queue: list[int]) -> None:
    town.change(Team, town.teams["groen"], mode=TeamMode.NEXT)
    town.agent("gijs", "groen")
    got: list[int] = []
    threads = [Thread(target=lambda who=name: got.append(press(town, who))) for name in ("gerda", "gijs")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == sorted(set(got))
    assert set(got) <= set(queue)
    assert len(got) == 2
