"""The ways in: pushes, what programs hand over, and reading an account page by page."""

import json
from datetime import UTC, datetime

import pytest

from app.channels.contract import HandedOver, NotAuthentic, Page, Refused, Unreachable, WebhookRequest
from app.errors import Invalid, NotFound
from app.intake.accept import accept, accepts
from app.intake.compare import Compared, compare, compare_all
from app.intake.read_account import Read, read_account
from app.intake.receive import receive
from tests.intake.conftest import House
from tests.intake.notes import item, mail

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def push(*keys: str, key: str = "right") -> WebhookRequest:
    body = json.dumps([{"key": one, "parts": [mail(int(one))]} for one in keys]).encode()
    return WebhookRequest("POST", "http://127.0.0.1:8000/hooks/x", {"x-key": key}, body, "127.0.0.1", NOW)


def test_a_push_is_answered_after_its_items_are_stored(house: House) -> None:
    account = house.means.accounts.row(house.account_id)
    assert receive(house.means, account, push("1", "2")).body == b"ok"
    assert receive(house.means, account, push("2")).status == 200
    assert house.rows("SELECT seen, repeated FROM account_state WHERE account_id = 1") == [(2, 1)]


def test_a_push_with_a_wrong_key_is_counted_and_nothing_is_stored(house: House) -> None:
    account = house.means.accounts.row(house.account_id)
    with pytest.raises(NotAuthentic):
        receive(house.means, account, push("1", key="wrong"))
    assert house.rows("SELECT seen, unauthentic FROM account_state WHERE account_id = 1") == [(0, 1)]
    assert house.one("SELECT count(*) FROM raw_item") == 0


def test_an_account_that_is_not_in_use_receives_nothing(house: House) -> None:
    house.do("UPDATE account SET active = false")
    with pytest.raises(NotFound):
        receive(house.means, house.means.accounts.row(house.account_id), push("1"))


def handed(recipient: str) -> HandedOver:
    return HandedOver(json.dumps({"parts": [mail(1)]}).encode(), "anna@burger.example", recipient, "lmtp")


def test_what_is_handed_over_goes_to_the_account_of_its_recipient(house: House) -> None:
    [raw_id] = accept(house.means, handed("beheer@voorbeeldstad.example"))
    assert house.rows("SELECT id, account_id FROM raw_item") == [(raw_id, house.second_id)]
    assert accept(house.means, handed("beheer@voorbeeldstad.example")) == []


def test_a_recipient_of_nobody_here_is_refused(house: House) -> None:
    with pytest.raises(Refused):
        accept(house.means, handed("ander@elders.example"))
    assert house.one("SELECT count(*) FROM raw_item") == 0
    assert not accepts(house.means, "ander@elders.example")
    assert accepts(house.means, "info@voorbeeldstad.example")


def test_mail_for_an_account_that_cannot_be_opened_now_is_kept_by_the_sender(house: House) -> None:
    house.do("UPDATE account SET settings = 'x', version = 9 WHERE id = :a", a=house.account_id)
    assert accepts(house.means, "beheer@voorbeeldstad.example")
    for refuse in (
        lambda: accepts(house.means, "info@voorbeeldstad.example"),
        lambda: accept(house.means, handed("info@")),
    ):
        with pytest.raises(Unreachable):
            refuse()


def state(house: House) -> tuple[object, ...]:
    [row] = house.rows(
        "SELECT cursor, problem, failing_since IS NOT NULL, behind FROM account_state WHERE account_id = 1"
    )
    return row  # type: ignore[no-any-return]


def test_an_account_is_read_page_by_page_from_where_it_was_left(house: House) -> None:
    house.other.pages = [Page([item("1", mail(1))], "1", 2), Page([item("2", mail(2)), item("3", mail(3))], "2", 0)]
    assert read_account(house.means, house.account_id) == Read(2, 3, 0)
    assert state(house) == ("2", "", False, 0)
    assert read_account(house.means, house.account_id) == Read(0, 0, 0)


def test_reading_ends_between_two_pages_when_asked(house: House) -> None:
    house.other.pages = [Page([item("1", mail(1))], "1"), Page([item("2", mail(2))], "2")]
    assert read_account(house.means, house.account_id, stop=lambda: True).pages == 1
    assert state(house)[0] == "1"


def test_no_transaction_is_open_while_the_service_is_asked(house: House) -> None:
    open_ones: list[int] = []

    def look(page: Page) -> Page:
        open_ones.append(house.means.database.engine.pool.checkedout())  # type: ignore[attr-defined]
        return page

    pages = [Page([item("1", mail(1))], "1"), Page([item("2", mail(2))], "2")]
    house.other.pages = pages
    channel = house.means.accounts.channel(house.account_id)
    channel.pull = lambda cursor: (look(page) for page in pages)  # type: ignore[attr-defined]
    read_account(house.means, house.account_id)
    assert open_ones == [0, 0]


def test_an_unreachable_service_is_tried_later_and_later_and_its_own_wish_goes_first(house: House) -> None:
    house.other.outage = Unreachable("the server does not answer")
    first = read_account(house.means, house.account_id, back_off=5).retry_in
    house.do("UPDATE account_state SET failing_since = failing_since - interval '60 seconds'")
    later = read_account(house.means, house.account_id, back_off=5).retry_in
    house.other.outage = Unreachable("too many calls", retry_after=77)
    asked = read_account(house.means, house.account_id, back_off=5).retry_in
    assert first is not None
    assert later is not None
    assert 4 <= first <= 6 < 48 <= later <= 75
    assert asked == 77
    assert state(house) == (None, "too many calls", True, None)
    house.other.outage = None
    read_account(house.means, house.account_id)
    assert state(house)[1:3] == ("", False)


def test_what_the_other_side_holds_and_is_unknown_here_is_an_alarm(house: House) -> None:
    house.journal(item("1", mail(1)))
    house.other.held = ["1", "2", "3"]
    house.other.pages = [Page([item("3", mail(3))], "1")]
    found = compare(house.means, house.account_id)
    assert (found.held, found.unknown, found.samples) == (3, 1, ["2"]), "3 came in while we looked"
    stored = house.one("SELECT inventory FROM account_state WHERE account_id = 1")
    assert (stored["unknown"], stored["samples"], stored["at"] is not None) == (1, ["2"], True)
    since = stored["since"]
    compare(house.means, house.account_id)
    assert house.one("SELECT inventory ->> 'since' FROM account_state WHERE account_id = 1") == since
    house.other.held = ["1"]
    assert compare(house.means, house.account_id).unknown == 0
    assert "since" not in house.one("SELECT inventory FROM account_state WHERE account_id = 1")


def test_all_accounts_are_compared_although_one_cannot_be_reached(house: House) -> None:
    found = compare_all(house.means)
    assert set(found) == {house.account_id, house.second_id}


def test_an_account_that_cannot_be_opened_keeps_no_other_from_being_compared(house: House) -> None:
    house.do("UPDATE account SET settings = 'x', version = 9 WHERE id = :a", a=house.account_id)
    house.other.held = ["1"]
    found = compare_all(house.means)
    assert isinstance(found[house.account_id], str)
    assert found[house.second_id] == Compared(1, 1, ["1"])


def test_an_account_whose_reading_fails_for_whatever_reason_does_not_look_well(house: House) -> None:
    house.other.outage = RuntimeError("a fault in the channel")
    with pytest.raises(RuntimeError):
        read_account(house.means, house.account_id)
    assert state(house)[1] == "Reading it failed: RuntimeError."
    house.other.outage = Refused("this app was shut out")
    with pytest.raises(Refused):
        read_account(house.means, house.account_id)
    assert state(house)[1] == "this app was shut out"


def test_an_account_that_cannot_list_is_told(house: House) -> None:
    house.do("UPDATE account SET kind = 'notes.pushed', version = version + 1")
    with pytest.raises(Invalid, match="no_inventory"):
        compare(house.means, house.account_id)
    with pytest.raises(Invalid, match="no_pull"):
        read_account(house.means, house.account_id)
