"""The emulated Vimeo speaks what Vimeo's own Python client speaks."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from vimeo import VimeoClient
from vimeo.exceptions import APIRateLimitExceededFailure

from tests.emulators.run import serve
from tests.emulators.vimeo import CLIENT, SCOPES, TOKEN, Vimeo
from tests.emulators.vimeo_state import OWN

BACK = "https://weerklank.voorbeeldstad.example/desk/back"


@pytest.fixture
def service() -> Vimeo:
    return Vimeo()


@pytest.fixture
def client(service: Vimeo) -> Iterator[VimeoClient]:
    with serve(service.app) as base:
        made = VimeoClient(token=TOKEN, key=CLIENT[0], secret=CLIENT[1])
        made.API_ROOT = base
        yield made


def test_consent_gives_a_token(service: Vimeo, client: VimeoClient) -> None:
    url = client.auth_url(SCOPES.split(), BACK, "st")
    back = parse_qs(urlsplit(httpx.get(url, follow_redirects=False, trust_env=False).headers["location"]).query)
    assert back["state"] == ["st"]
    client.token = None
    token, user, scope = client.exchange_code(back["code"][0], BACK)
    assert (token, user["uri"], scope) == (TOKEN, f"/users/{OWN[0]}", SCOPES)
    assert client.get("/me").json()["name"] == OWN[1]


def test_comments_and_replies_come_in_pages(service: Vimeo, client: VimeoClient) -> None:
    video = service.video("Raadsvergadering")
    uris = [service.comment(video, f"vraag {number}") for number in range(3)]
    reply = service.comment(uris[0], "antwoord", OWN)
    (found,) = client.get("/me/videos").json()["data"]
    connection = found["metadata"]["connections"]["comments"]
    assert (found["name"], connection["total"]) == ("Raadsvergadering", 4)
    first = client.get(f"{connection['uri']}?direction=asc&per_page=2").json()
    assert [one["uri"] for one in first["data"]] == uris[:2]
    assert (first["total"], first["paging"]["previous"]) == (3, None)
    second = client.get(first["paging"]["next"]).json()
    assert [one["uri"] for one in second["data"]] == uris[2:]
    assert second["paging"]["next"] is None
    replies = first["data"][0]["metadata"]["connections"]["replies"]
    assert replies["total"] == 1
    assert [one["uri"] for one in client.get(replies["uri"]).json()["data"]] == [reply]


def test_a_reply_is_made_edited_and_deleted(service: Vimeo, client: VimeoClient) -> None:
    asked = service.comment(service.video("Raadsvergadering"), "Wanneer?")
    made = client.post(f"{asked}/replies", data={"text": "Morgen"})
    assert (made.status_code, made.headers["location"]) == (201, made.json()["uri"])
    assert client.patch(made.json()["uri"], data={"text": "Overmorgen"}).json()["text"] == "Overmorgen"
    assert service.said() == ["Overmorgen"]
    assert client.delete(made.json()["uri"]).status_code == 204
    assert client.get(made.json()["uri"]).status_code == 404


def test_what_vimeo_refuses(service: Vimeo, client: VimeoClient) -> None:
    asked = service.comment(service.video("Raadsvergadering"), "Wanneer?")
    empty = client.post(f"{asked}/replies", data={"text": ""})
    assert (empty.status_code, empty.json()["error_code"]) == (400, 2207)
    spam = client.post(f"{asked}/replies", data={"text": "spam"})
    assert (spam.status_code, spam.json()["error_code"]) == (403, 3301)
    service.videos[asked.split("/")[2]].closed = True
    assert client.get(asked.rpartition("/")[0]).json()["error_code"] == 3413
    service.used = service.limit
    with pytest.raises(APIRateLimitExceededFailure):
        client.get("/me")
    client.token = "other"
    assert client.get("/me").json()["error_code"] == 8003
