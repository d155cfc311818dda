"""Bytes first: what is journalled is whole, once, and stands together with its cursor."""

import hashlib

import psycopg
import pytest

from app.channels.contract import RawItem
from app.intake import stow
from app.intake.journal import Journalled, journal
from tests.intake.conftest import House
from tests.intake.notes import item, mail


def test_a_page_and_its_cursor_are_one_transaction(house: House) -> None:
    stowed = stow.stow(house.means.blobs, [item("1", mail(1))])
    with pytest.raises(ZeroDivisionError), house.means.database.unit_of_work() as session:
        journal(session, house.account_id, stowed, "7", 3)
        raise ZeroDivisionError
    assert house.one("SELECT count(*) FROM raw_item") == 0
    assert house.rows("SELECT cursor, seen FROM account_state WHERE account_id = 1") == [(None, 0)]
    with house.means.database.unit_of_work() as session:
        journal(session, house.account_id, stowed, "7", 3)
    assert house.rows("SELECT cursor, seen, behind FROM account_state WHERE account_id = 1") == [("7", 1, 3)]


def test_a_repeated_page_changes_nothing_but_the_count_of_repeats(house: House) -> None:
    first = house.journal(item("1", mail(1)), item("2", mail(2)), cursor="2")
    again = house.journal(item("2", mail(2)), item("3", mail(3)), item("3", mail(3)), cursor="3")
    assert (first, again.new, again.repeated) == (Journalled(2, 0, (1, 2)), 1, 2)
    assert house.rows("SELECT cursor, seen, repeated FROM account_state WHERE account_id = 1") == [("3", 3, 2)]


def test_a_push_leaves_the_cursor_where_it_is(house: House) -> None:
    house.journal(item("1", mail(1)), cursor="5")
    house.journal(item("2", mail(2)))
    assert house.one("SELECT cursor FROM account_state WHERE account_id = 1") == "5"


def test_an_empty_page_still_moves_the_cursor(house: House) -> None:
    assert house.journal(cursor="9") == Journalled(0, 0)
    assert house.one("SELECT cursor FROM account_state WHERE account_id = 1") == "9"


def test_the_same_key_at_another_account_is_another_item(house: House) -> None:
    house.journal(item("1", mail(1)))
    assert house.journal(item("1", mail(1)), account_id=house.second_id).new == 1


def test_bytes_meta_and_order_stay_as_given(house: House) -> None:
    body = bytes(range(256)) * 4
    house.journal(RawItem("b", body, "message/rfc822", {"a": "x\x00y", "b": "\ud800"}), RawItem("a", b""))
    assert house.rows("SELECT key, body, meta, size FROM raw_item ORDER BY id") == [
        ("b", body, {"a": "x�y", "b": "�"}, 1024),
        ("a", b"", {}, 0),
    ]


def test_a_large_body_lies_in_the_store_before_its_row_exists(house: House) -> None:
    body = b"x" * (stow.IN_ROW + 1)
    house.journal(RawItem("1", body))
    [(kept, blob, size)] = house.rows("SELECT body, blob, size FROM raw_item")
    assert (kept, size) == (None, len(body))
    assert house.means.blobs.read(blob) == body


def test_of_a_body_without_end_the_head_and_the_digest_are_kept_and_it_is_set_aside(house: House) -> None:
    body = b"y" * (stow.IN_ROW * 2)
    [kept] = stow.stow(house.means.blobs, [RawItem("1", body)], largest=stow.IN_ROW + 10)
    assert kept.body == body[: stow.IN_ROW]
    assert kept.meta[stow.CUT] == hashlib.sha256(body).hexdigest()
    with house.means.database.unit_of_work() as session:
        journal(session, house.account_id, [kept])
    house.admit()
    assert house.states() == [("set_aside", "too_large")]


@pytest.mark.parametrize("key", ["k" * 5_000, "a\x00b", "\ud800", "é" * 600])
def test_every_key_can_be_stored_and_two_stay_two(house: House, key: str) -> None:
    house.journal(RawItem(key, b"{}"), RawItem(key + "2", b"{}"))
    assert house.journal(RawItem(key, b"{}")).repeated == 1
    assert house.one("SELECT count(*) FROM raw_item") == 2


def test_a_new_item_wakes_the_listeners_and_a_repeated_one_does_not(house: House) -> None:
    with psycopg.connect(house.means.database.dsn, autocommit=True) as connection:
        connection.execute("LISTEN raw")
        house.journal(item("1", mail(1)))
        assert len(list(connection.notifies(timeout=5, stop_after=1))) == 1
        house.journal(item("1", mail(1)))
        assert list(connection.notifies(timeout=0.2)) == []
