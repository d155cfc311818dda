"""The cursor of a mailbox."""

import json

import pytest

from app.channels.mail.position import Position


def test_a_cursor_goes_on_where_it_was() -> None:
    position = Position.of(None, 7, 40).after(12)
    assert Position.of(position.cursor, 7, 99) == Position(7, 12, 40)
    assert json.loads(position.cursor) == {"uidvalidity": 7, "uid": 12, "until": 40}


def test_another_uidvalidity_starts_again() -> None:
    assert Position.of(Position(7, 12, 40).cursor, 8, 3) == Position(8, 0, 3)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "[]",
        "1e999999",
        '{"uidvalidity": "7", "uid": 3}',
        '{"uidvalidity": 7}',
        '{"uidvalidity": 7, "uid": -1}',
    ],
)
def test_a_cursor_that_cannot_be_read_starts_again(cursor: str) -> None:
    assert Position.of(cursor, 7, 9) == Position(7, 0, 9)


def test_a_position_never_goes_back() -> None:
    assert Position(7, 12, 40).after(3) == Position(7, 12, 40)
