"""The cursor of a mailbox."""

import json

import pytest

from app.channels.mail.position import Position


def test_a_cursor_goes_on_where_it_was() -> None:
    position = Position.of(None, "a:7", 40).after(12)
    assert Position.of(position.cursor, "a:7", 99) == Position("a:7", 12, 40)
    assert json.loads(position.cursor) == {"numbering": "a:7", "uid": 12, "until": 40}


@pytest.mark.parametrize("other", ["a:8", "b:7"])
def test_another_uidvalidity_or_another_folder_starts_again(other: str) -> None:
    assert Position.of(Position("a:7", 12, 40).cursor, other, 3) == Position(other, 0, 3)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "[]",
        "1e999999",
        '{"numbering": 7, "uid": 3}',
        '{"numbering": "a:7"}',
        '{"numbering": "a:7", "uid": -1}',
    ],
)
def test_a_cursor_that_cannot_be_read_starts_again(cursor: str) -> None:
    assert Position.of(cursor, "a:7", 9) == Position("a:7", 0, 9)


def test_a_position_never_goes_back() -> None:
    assert Position("a:7", 12, 40).after(3) == Position("a:7", 12, 40)
