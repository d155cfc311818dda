"""The ledger: at any moment, what was seen is what is new, admitted, set aside, ignored or known twice."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.channels.contract import RawItem
from app.errors import Conflict
from app.identity.principal import SYSTEM
from app.intake import ledger, set_aside
from app.intake.admit import admit_waiting
from app.intake.claim import claim
from app.vocabulary import RawState
from tests.intake.conftest import House
from tests.intake.notes import comment, item, mail


def read(house: House) -> ledger.Account:
    """The first account's line."""
    with house.means.database.read_only() as session:
        return ledger.read(session)[0]


def test_every_state_is_counted_and_the_sum_is_what_was_seen(house: House) -> None:
    house.take(item("1", mail(1)), item("2", mail(2, references=["<1@burger.example>"])), item("3"), RawItem("4", b"{"))
    house.journal(item("1", mail(1)), item("5", mail(5)))
    line = read(house)
    assert (line.seen, line.repeated, line.difference, line.alarm) == (5, 1, 0, False)
    assert {state: n for state, n in line.counts.items() if n} == {
        RawState.TICKETED: 1, RawState.JOINED: 1, RawState.IGNORED: 1, RawState.SET_ASIDE: 1, RawState.NEW: 1
    }  # fmt: skip


def test_an_account_without_items_has_a_line_of_zeros(house: House) -> None:
    assert (read(house).seen, read(house).accounted, read(house).alarm) == (0, 0, False)


@pytest.mark.parametrize(
    ("damage", "difference"),
    [
        ("DELETE FROM raw_item WHERE key = '2'", 1),
        ("UPDATE account_state SET seen = seen - 1 WHERE account_id = 1", -1),
    ],
)
def test_an_item_that_vanished_is_an_alarm(house: House, damage: str, difference: int) -> None:
    house.journal(item("1", mail(1)), item("2", mail(2)))
    house.do(damage)
    assert read(house).difference == difference
    with house.means.database.read_only() as session:
        assert [a.account_id for a in ledger.alarms(session)] == [house.account_id]


class LedgerMachine(RuleBasedStateMachine):
    """Anything that may happen to raw items, in any order, crashes included."""

    house: House

    def __init__(self) -> None:
        super().__init__()
        self.house.do("TRUNCATE message, ticket, raw_item CASCADE")
        self.house.do("UPDATE account_state SET seen = 0, repeated = 0")

    @rule(
        keys=st.lists(st.integers(0, 12), min_size=1, max_size=4),
        how=st.sampled_from(["mail", "comment", "broken", "bug", "empty", "withdrawal"]),
        second=st.booleans(),
    )
    def journal(self, keys: list[int], how: str, second: bool) -> None:
        account_id = self.house.second_id if second else self.house.account_id
        self.house.journal(*(_made(key, how) for key in keys), account_id=account_id)

    @rule(limit=st.integers(1, 5))
    def admit(self, limit: int) -> None:
        admit_waiting(self.house.means, limit)

    @rule(limit=st.integers(1, 5))
    def killed_after_the_claim(self, limit: int) -> None:
        claim(self.house.means, limit)

    @rule()
    def leases_end(self) -> None:
        self.house.do("UPDATE raw_item SET not_before = now() WHERE state = 'new'")

    @rule(hours=st.integers(1, 3))
    def time_passes(self, hours: int) -> None:
        self.house.do("UPDATE raw_item SET received_at = received_at - make_interval(hours => :h)", h=hours)

    @rule(release=st.booleans(), key=st.integers(0, 12))
    def somebody_decides(self, release: bool, key: int) -> None:
        rows = self.house.rows("SELECT id FROM raw_item WHERE key = :k LIMIT 1", k=str(key))
        for (raw_item_id,) in rows:
            try:
                with self.house.means.database.unit_of_work() as session:
                    if release:
                        set_aside.release(session, SYSTEM, raw_item_id)
                    else:
                        set_aside.discard(session, SYSTEM, raw_item_id, "reclame")
            except Conflict:
                pass  # it was not set aside: refused, and nothing may have changed

    @invariant()
    def the_sum_holds(self) -> None:
        with self.house.means.database.read_only() as session:
            for line in ledger.read(session):
                assert line.difference == 0, line

    @invariant()
    def every_end_is_what_it_says(self) -> None:
        assert not self.house.rows(
            "SELECT id FROM raw_item r WHERE state IN ('ticketed', 'joined', 'duplicate')"
            " AND NOT EXISTS (SELECT 1 FROM message_route m WHERE m.raw_item_id = r.id)"
        )
        assert not self.house.rows("SELECT id FROM raw_item WHERE state IN ('ignored', 'set_aside') AND reason = ''")
        assert not self.house.rows(
            "SELECT id FROM ticket t WHERE NOT EXISTS (SELECT 1 FROM message WHERE ticket_id = t.id)"
        )


def _made(key: int, how: str) -> RawItem:
    name = str(key)
    return {
        "mail": item(name, mail(key % 5)),
        "comment": item(name, comment(key)),
        "broken": RawItem(name, b"{"),
        "bug": RawItem(name, b'{"raise": "no"}'),
        "empty": item(name),
        "withdrawal": item(name, {"is": "withdrawal", "external_id": f"c{key}"}),
    }[how]


@pytest.fixture
def machine(house: House) -> type[LedgerMachine]:
    return type("Machine", (LedgerMachine,), {"house": house})


def test_the_sum_holds_whatever_happens(machine: type[LedgerMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
