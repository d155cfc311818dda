from datetime import UTC, datetime

import pytest

from app.desk.keyset import position_of
from app.tickets.lists import Position


def test_a_position_is_read_from_the_address() -> None:
    due = datetime(2026, 11, 25, 3, 18, 40, 143048, tzinfo=UTC)
    assert position_of(f"2_{due.isoformat()}_57") == Position(2, due, 57)


@pytest.mark.parametrize(
    "text", ["", "2", "2_gisteren_57", "x_2026-11-25T03:18:40+00:00_1", "2_2026-11-25T03:18:40_57", "____"]
)
def test_anything_else_is_the_first_page(text: str) -> None:
    assert position_of(text) is None
