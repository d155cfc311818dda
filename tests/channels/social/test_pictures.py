"""Pictures that came along: fetched from the open internet or from the account's own service, and from nowhere else."""

from collections.abc import Iterator

import pytest

from app.channels.social.pictures import LARGEST, attachment, fetch_pictures
from app.fetch import fetch
from tests.emulators.faults import Faulty
from tests.emulators.mastodon import PICTURE, Mastodon
from tests.emulators.run import serve

ELSEWHERE = "https://social.voorbeeldstad.example"


@pytest.fixture
def server() -> Faulty:
    return Mastodon().faults


@pytest.fixture
def base(server: Faulty) -> Iterator[str]:
    with serve(server) as address:
        yield address


def test_a_picture_of_the_accounts_own_service_is_fetched(base: str) -> None:
    found = fetch_pictures(fetch, [("7", f"{base}/media/picture.png")], base)
    assert found == {"7": PICTURE}
    shown = attachment("7", f"{base}/media/picture.png", found, alt="Een put")
    assert (shown.name, shown.content_type, shown.size, shown.alt) == ("7.png", "image/png", len(PICTURE), "Een put")


def test_an_address_inside_the_house_is_not_asked_when_it_is_somebody_elses(server: Faulty, base: str) -> None:
    inside = [f"{base}/media/picture.png", base.replace("127.0.0.1", "localhost") + "/media/picture.png"]
    assert fetch_pictures(fetch, [(str(n), url) for n, url in enumerate(inside)], ELSEWHERE) == {}
    assert server.requests == []


def test_no_redirect_of_the_own_service_leads_inside_the_house(server: Faulty, base: str) -> None:
    server.redirect(times=1)
    assert fetch_pictures(fetch, [("7", f"{base}/media/picture.png")], base) == {}
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://", "http://[::1", "nergens", "ftp://voorbeeldstad.example/x"]
)
def test_what_is_no_web_address_is_said_and_not_asked(url: str) -> None:
    assert fetch_pictures(fetch, [("7", url)], ELSEWHERE) == {}
    assert attachment("7", url, {}, alt="Een put").content is None


def test_what_is_no_picture_or_too_large_stays_an_entry_with_its_description(server: Faulty, base: str) -> None:
    server.answer(b"<svg onload=alert(1)>", "image/png", path="/media")
    assert fetch_pictures(fetch, [("7", f"{base}/media/picture.png")], base) == {}
    server.answer(b"\x89PNG" + bytes(LARGEST), "image/png", path="/media")
    assert fetch_pictures(fetch, [("7", f"{base}/media/picture.png")], base) == {}
    shown = attachment("7", f"{base}/media/picture.png?w=1", {}, alt="Een put")
    assert (shown.name, shown.content, shown.size, shown.alt) == ("picture.png", None, 0, "Een put")
