"""The emulated Facebook speaks what Meta's own Python client speaks."""

from collections.abc import Iterator

import pytest
from facebook_business.adobjects.comment import Comment
from facebook_business.adobjects.page import Page
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

from tests.emulators.facebook import Facebook
from tests.emulators.facebook_state import APP_ID, APP_SECRET, PAGE_ID, PAGE_TOKEN
from tests.emulators.run import serve


@pytest.fixture
def service() -> Facebook:
    return Facebook()


@pytest.fixture
def client(service: Facebook) -> Iterator[FacebookAdsApi]:
    with serve(service.app) as base:
        session = FacebookSession(APP_ID, APP_SECRET, PAGE_TOKEN, timeout=10)
        session.GRAPH = base
        yield FacebookAdsApi(session)
        session.requests.close()


def test_a_page_lists_its_posts_and_their_comments_in_pages(service: Facebook, client: FacebookAdsApi) -> None:
    post = service.post("De markt verhuist")
    ids = [service.comment(post, f"vraag {n} ë") for n in range(5)]
    posts = list(Page(PAGE_ID, api=client).get_feed(fields=["id", "message", "from"]))
    assert [(one["id"], one["message"]) for one in posts] == [(post, "De markt verhuist")]
    params = {"filter": "stream", "order": "chronological", "limit": 2}
    edge = client.call("GET", (post, "comments"), {**params, "fields": "id,message,from,parent{id}"}).json()
    assert [one["message"] for one in edge["data"]] == ["vraag 0 ë", "vraag 1 ë"]
    after = edge["paging"]["cursors"]["after"]
    following = client.call("GET", (post, "comments"), {**params, "after": after}).json()
    assert [one["id"] for one in following["data"]] == ids[2:4]
    assert "parent" not in edge["data"][0]


def test_a_comment_is_answered_edited_hidden_and_deleted(service: Facebook, client: FacebookAdsApi) -> None:
    asked = service.comment(service.post("De markt verhuist"), "Wanneer?")
    made = Comment(asked, api=client).create_comment(params={"message": "Morgen"})
    assert service.said(asked) == ["Morgen"]
    Comment(made["id"], api=client).api_update(params={"message": "Overmorgen"})
    assert service.said(asked) == ["Overmorgen"]
    Comment(asked, api=client).api_update(params={"is_hidden": True})
    assert service.entries[asked].hidden
    found = Comment(asked, api=client).api_get(fields=["message", "is_hidden", "from"])
    assert (found["message"], found["is_hidden"]) == ("Wanneer?", True)
    Comment(made["id"], api=client).api_delete()
    assert service.said() == []
    with pytest.raises(FacebookRequestError) as caught:
        Comment(made["id"], api=client).api_get()
    assert (caught.value.api_error_code(), caught.value.api_error_subcode()) == (100, 33)


def test_usage_is_told_and_too_much_is_refused(service: Facebook, client: FacebookAdsApi) -> None:
    service.used = 41
    answer = client.call("GET", (PAGE_ID, "feed"))
    assert '"call_count": 41' in answer.headers()["x-app-usage"]
    service.used = 100
    with pytest.raises(FacebookRequestError) as caught:
        client.call("GET", (PAGE_ID, "feed"))
    assert caught.value.api_error_code() == 32


def test_a_page_subscribes_an_app_to_its_feed(service: Facebook, client: FacebookAdsApi) -> None:
    assert Page(PAGE_ID, api=client).create_subscribed_app(params={"subscribed_fields": ["feed"]})
    assert any("feed" in field for field in service.subscribed)
    apps = list(Page(PAGE_ID, api=client).get_subscribed_apps())
    assert [app["id"] for app in apps] == [APP_ID]


def test_a_token_without_its_proof_or_of_somebody_else_is_refused(service: Facebook, client: FacebookAdsApi) -> None:
    client._session.requests.params["appsecret_proof"] = "f" * 64
    with pytest.raises(FacebookRequestError) as caught:
        client.call("GET", (PAGE_ID, "feed"))
    assert caught.value.api_error_code() == 100
    client._session.requests.params["access_token"] = "stolen"
    with pytest.raises(FacebookRequestError) as caught:
        client.call("GET", (PAGE_ID, "feed"))
    assert caught.value.api_error_code() == 190
