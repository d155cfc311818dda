"""Which websites may post, read and frame: the pages of the site and no others."""

import pytest

from tests.public.conftest import ORIGIN, PAGE, SITE, Town

OTHER = "https://elders.example"


@pytest.mark.parametrize(
    ("origin", "status", "allowed"), [(ORIGIN, 201, ORIGIN), (OTHER, 403, None), ("null", 403, None), (None, 201, None)]
)
def test_only_the_sites_own_pages_may_post(town: Town, origin: str | None, status: int, allowed: str | None) -> None:
    headers = {"Origin": origin} if origin else {}
    answer = town.client().post(f"/sites/{SITE}/comments", json=town.fields(), headers=headers)
    assert (answer.status_code, answer.headers.get("access-control-allow-origin")) == (status, allowed)
    assert "Origin" in answer.headers["vary"]
    assert town.published()["count"] == (1 if status == 201 else 0)


@pytest.mark.parametrize(("origin", "status", "allowed"), [(ORIGIN, 204, ORIGIN), (OTHER, 403, None)])
def test_a_browser_asks_first(town: Town, origin: str, status: int, allowed: str | None) -> None:
    asks = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    answer = town.client().options(f"/sites/{SITE}/comments", headers=asks)
    assert (answer.status_code, answer.headers.get("access-control-allow-origin")) == (status, allowed)
    if allowed:
        assert answer.headers["access-control-allow-headers"] == "content-type"
        assert "access-control-allow-credentials" not in answer.headers


def test_the_form_is_handed_out_to_the_sites_own_pages_only(town: Town) -> None:
    asked = {"page": PAGE}
    ours = town.client().get(f"/sites/{SITE}/form", params=asked, headers={"Origin": ORIGIN})
    assert ours.json()["stamp"]
    assert town.client().get(f"/sites/{SITE}/form", params=asked, headers={"Origin": OTHER}).status_code == 403


def test_errors_can_be_read_by_the_page_that_caused_them(town: Town) -> None:
    answer = town.client().post(f"/sites/{SITE}/comments", json=town.fields(text=""), headers={"Origin": ORIGIN})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (400, ORIGIN)


def test_our_own_pages_may_always_post_even_where_the_referrer_is_off(town: Town) -> None:
    for headers in ({"Origin": town.url}, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}):
        answer = town.client().post(
            f"/sites/{SITE}/comments", data=town.fields(), headers={**headers, "accept": "text/html"}
        )
        assert answer.status_code == 303, answer.text


def test_published_comments_and_the_element_are_for_every_page(town: Town) -> None:
    for path in (f"/sites/{SITE}/published?page={PAGE}", "/embed/weerklank-comments.js"):
        answer = town.client().get(path, headers={"Origin": OTHER})
        assert answer.headers["access-control-allow-origin"] == "*"
        again = town.client().get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_the_receipt_may_be_framed_by_the_site_and_the_status_page_by_nobody(town: Town) -> None:
    receipt = town.comments()
    token = receipt["status_url"].rpartition("/")[2]
    framed = town.client().get(f"/sites/{SITE}/receipts/{token}").headers
    private = town.client().get(f"/status/{token}").headers
    assert f"frame-ancestors 'self' {ORIGIN}" in framed["content-security-policy"]
    assert "frame-ancestors 'none'" in private["content-security-policy"]
    for headers in (framed, private):
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "noindex" in headers["x-robots-tag"]


def test_unknown_and_inactive_sites_look_the_same(town: Town) -> None:
    town.change_site(active=False)
    answers = [
        town.client().request(method, path, json=town.fields() if method == "POST" else None)
        for site in (SITE, "bestaat-niet")
        for method, path in (
            ("POST", f"/sites/{site}/comments"), ("GET", f"/sites/{site}/published?page=x"), ("GET", f"/sites/{site}/form?page=x")
        )
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} == {404}
