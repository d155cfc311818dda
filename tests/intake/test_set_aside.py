"""What was set aside: shown, released to be tried again, or discarded with a reason."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from app.channels.contract import RawItem
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.identity.principal import SYSTEM, Principal
from app.intake import set_aside
from app.vocabulary import Role
from tests.intake.conftest import House

AGENT = Principal(agent_id=None, name="Medewerker", role=Role.AGENT)
LEAD = Principal(agent_id=None, name="Teamleider", role=Role.LEAD)


@pytest.fixture
def broken(house: House) -> int:
    """An item that could not be read."""
    house.take(RawItem("1", b"{"))
    return int(house.one("SELECT id FROM raw_item"))


def test_the_list_shows_it_with_its_reason_and_trace(house: House, broken: int) -> None:
    with house.means.database.read_only() as session:
        [shown] = set_aside.waiting(session, LEAD)
        assert (shown.id, shown.account, shown.reason, shown.size) == (broken, "info", "no JSON", 1)
        assert "Unreadable" in set_aside.error(session, LEAD, broken)
        assert set_aside.waiting(session, LEAD, before=broken) == []


def test_a_released_item_is_parsed_again_from_the_first_try(house: House, broken: int) -> None:
    house.do("""UPDATE raw_item SET tries = 3, body = '{"parts": []}'""")
    with house.means.database.unit_of_work() as session:
        set_aside.release(session, LEAD, broken)
    house.admit()
    assert house.states() == [("ignored", "nothing_for_us")]
    assert house.one("SELECT error FROM raw_item") == ""
    assert house.rows("SELECT action, object_id FROM audit WHERE object = 'raw_item'") == [
        ("raw_item.released", broken)
    ]


def test_a_discarded_item_is_counted_as_ignored_with_the_reason_and_its_bytes_stay(house: House, broken: int) -> None:
    with house.means.database.unit_of_work() as session:
        set_aside.discard(session, LEAD, broken, "  Reclame in een kapot bestand ")
    assert house.states() == [("ignored", "Reclame in een kapot bestand")]
    assert house.one("SELECT body FROM raw_item") == b"{"
    assert house.one("SELECT data ->> 'reason' FROM audit WHERE action = 'raw_item.discarded'").startswith("Reclame")


def test_a_reason_is_needed(house: House, broken: int) -> None:
    with pytest.raises(Invalid, match="reason_missing"), house.means.database.unit_of_work() as session:
        set_aside.discard(session, LEAD, broken, "  ")


Deed = Callable[[Session, Principal, int], object]
DEEDS: list[Deed] = [set_aside.release, lambda s, p, i: set_aside.discard(s, p, i, "weg"), set_aside.error]


@pytest.mark.parametrize("deed", DEEDS)
def test_an_agent_may_not(house: House, broken: int, deed: Deed) -> None:
    with pytest.raises(Forbidden), house.means.database.unit_of_work() as session:
        deed(session, AGENT, broken)


@pytest.mark.parametrize("deed", DEEDS)
def test_what_is_not_set_aside_is_told_apart_from_what_does_not_exist(house: House, broken: int, deed: Deed) -> None:
    with house.means.database.unit_of_work() as session:
        set_aside.release(session, SYSTEM, broken)
    with pytest.raises(Conflict, match="released"), house.means.database.unit_of_work() as session:
        deed(session, LEAD, broken)
    with pytest.raises(NotFound), house.means.database.unit_of_work() as session:
        deed(session, LEAD, broken + 999)
