"""Searching: the words stay out of addresses, the results can be come back to, and nobody else sees them."""

from tests.desk.conftest import Desk


def test_search_finds_by_words_and_keeps_them_out_of_the_address(busy_desk: Desk) -> None:
    client = busy_desk.client(busy_desk.office.ada)
    asked = client.post("/desk/search", data={"text": " struikelde "})
    assert (asked.status_code, asked.headers["location"]) == (303, "/desk/search")
    assert "struikelde" not in asked.headers["set-cookie"]
    assert "Losse stoeptegel voor de bibliotheek" in client.get("/desk/search").text
    client.post("/desk/search", data={"text": "olifant"})
    assert "Niets gevonden" in client.get("/desk/search").text


def test_a_search_for_nothing_asks_what_to_look_for(busy_desk: Desk) -> None:
    client = busy_desk.client(busy_desk.office.ada)
    client.post("/desk/search", data={"text": "struikelde"})
    client.post("/desk/search", data={"text": " "})
    page = client.get("/desk/search").text
    assert "struikelde" not in page
    assert "Niets gevonden" not in page


def test_whoever_signs_in_next_does_not_see_what_was_asked(busy_desk: Desk) -> None:
    first = busy_desk.client(busy_desk.office.ada)
    first.post("/desk/search", data={"text": "struikelde"})
    then = busy_desk.client(busy_desk.office.ben)
    then.cookies.set("weerklank-search", first.cookies["weerklank-search"], path="/desk/search")
    assert "struikelde" not in then.get("/desk/search").text
    then.cookies.clear()
    forged = busy_desk.client(busy_desk.office.ben)
    forged.cookies.set("weerklank-search", "onzin", path="/desk/search")
    assert forged.get("/desk/search").status_code == 200
