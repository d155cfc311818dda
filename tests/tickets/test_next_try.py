"""When to call again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.routing.deadline import Calendar
from app.tickets.next_try import OFFICE_HOURS, WAIT_MINUTES, next_try

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # ten o'clock on Dutch clocks
OFFICE = Calendar(OFFICE_HOURS)


@pytest.mark.parametrize(
    ("happened", "now", "expected"),
    [
        ("citizen_busy", MONDAY, MONDAY + timedelta(minutes=30)),
        ("citizen_no_answer", MONDAY, MONDAY + timedelta(hours=3)),
        ("employee_no_answer", MONDAY + timedelta(minutes=2), MONDAY + timedelta(minutes=30)),
        ("", MONDAY, MONDAY + timedelta(hours=3)),
        ("citizen_no_answer", datetime(2026, 11, 23, 15, 0, tzinfo=UTC), datetime(2026, 11, 24, 10, 0, tzinfo=UTC)),
        ("citizen_machine", datetime(2026, 11, 27, 15, 0, tzinfo=UTC), datetime(2026, 11, 30, 11, 0, tzinfo=UTC)),
        ("citizen_busy", datetime(2026, 11, 28, 22, 7, tzinfo=UTC), datetime(2026, 11, 30, 8, 30, tzinfo=UTC)),
    ],
)
def test_the_next_try_fits_what_happened_and_the_opening_hours(
    happened: str, now: datetime, expected: datetime
) -> None:
    assert next_try(happened, {}, now) == expected


def test_a_team_with_hours_of_its_own_calls_within_those() -> None:
    saturday = {"sat": [["10:00", "12:00"]]}
    assert next_try("citizen_busy", saturday, MONDAY) == datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
    assert next_try("citizen_busy", {"sat": [["25:00", "12:00"]]}, MONDAY) == MONDAY + timedelta(minutes=30)


@given(happened=st.sampled_from(["", "called", *WAIT_MINUTES]), seconds=st.integers(0, 4 * 366 * 86_400))
def test_it_is_always_later_on_a_quarter_while_we_are_there(happened: str, seconds: int) -> None:
    now = MONDAY + timedelta(seconds=seconds)
    found = next_try(happened, {}, now)
    assert found > now
    assert (found.minute % 15, found.second, found.microsecond) == (0, 0, 0)
    assert OFFICE.is_open(found - timedelta(minutes=1)) or OFFICE.is_open(found)
