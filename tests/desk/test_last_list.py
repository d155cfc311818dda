"""Back from a ticket leads to the list that one came from."""

import pytest

from tests.desk.conftest import Desk

BACK = '<p class="back"><a href="{}"'


def came_back(desk: Desk, lists: list[str], referer: str = "") -> str:
    """The page of a ticket after these lists were looked at."""
    client = desk.client(desk.office.ada)
    for address in lists:
        client.get(address)
    headers = {"referer": f"{desk.state.settings.base_url}{referer}"} if referer else {}
    return client.get(f"/desk/tickets/{desk.office.tickets[0]}", headers=headers).text


@pytest.mark.parametrize(
    ("lists", "referer", "expected"),
    [
        ([], "", "/desk"),
        (["/desk/unassigned"], "", "/desk/unassigned"),
        (["/desk/tickets?status=open&theme="], "/desk/tickets/1", "/desk/tickets?status=open&amp;theme="),
        (["/desk/unassigned"], "/desk/search", "/desk/search"),
        (["/desk/unassigned", "/desk"], "", "/desk"),
        (["/desk/unassigned"], "/desk", "/desk"),
        ([], "/elders", "/desk"),
    ],
)
def test_back_leads_to_the_list_seen_last(busy_desk: Desk, lists: list[str], referer: str, expected: str) -> None:
    assert BACK.format(expected) in came_back(busy_desk, lists, referer)


def test_a_list_that_renews_itself_in_another_window_changes_nothing(busy_desk: Desk) -> None:
    client = busy_desk.client(busy_desk.office.ada)
    client.get("/desk/unassigned")
    client.get("/desk/tickets", headers={"x-refresh": "live"})
    assert BACK.format("/desk/unassigned") in client.get(f"/desk/tickets/{busy_desk.office.tickets[0]}").text


@pytest.mark.parametrize(
    "forged", ["//elders.example/desk/queues/1", "https://elders.example/desk/tickets", "/desk/queues/1\\@x"]
)
def test_a_forged_address_leads_home(busy_desk: Desk, forged: str) -> None:
    client = busy_desk.client(busy_desk.office.ada)
    client.cookies.set("weerklank-list", forged.replace("/", "%2F").replace(":", "%3A"), path="/desk")
    page = client.get(f"/desk/tickets/{busy_desk.office.tickets[0]}").text
    assert "elders.example" not in page.partition('<p class="back">')[2][:120]
    assert "\\@x" not in page.partition('<p class="back">')[2][:120]
