"""What a site answers when it is not well, and what it is taken for: a transport that answers so is handed in."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from app.channels.comments.wordpress import WordPressChannel
from app.channels.contract import ChannelError, Moderation, Refused, Sent, Uncertain, Unreachable, Unreadable
from app.fetch import Fetched, FetchError
from app.vocabulary import Verdict
from tests.channels.comments.wordpress_setup import answer, read, settings

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
SITE = "https://www.voorbeeldstad.example/blog"
GUEST = json.loads((Path(__file__).parent / "recorded/wordpress_guest.json").read_text())
APPROVED = {**GUEST, "status": "approved"}
HTML = b"<html>Even geduld</html>"


def error(status: int, code: str = "", message: str = "", **headers: str) -> Fetched:
    """What WordPress says when it refuses."""
    body = json.dumps({"code": code, "message": message, "data": {"status": status}}).encode()
    return Fetched(status, {name.replace("_", "-"): value for name, value in headers.items()}, body, SITE)


def ok(value: Any, status: int = 200) -> Fetched:
    return Fetched(status, {"x-wp-total": "1"}, json.dumps(value).encode(), SITE)


@dataclass
class Site:
    """Answers each question by its method and route; `asked` has the questions."""

    answers: dict[tuple[str, str], Fetched | FetchError] = field(default_factory=dict)
    asked: list[tuple[str, str, Mapping[str, list[str]], bytes]] = field(default_factory=list)

    def __call__(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, **_: object) -> Fetched:
        assert headers["authorization"] == "Basic d2VlcmtsYW5rOmFiIGNk"
        assert url.startswith(f"{SITE}/?rest_route=")
        query = parse_qs(urlsplit(url).query)
        route = query["rest_route"][0].removeprefix("/wp/v2/")
        self.asked.append((method, route, query, body))
        found = self.answers.get((method, route), PLAIN.get((method, route), error(404, "rest_no_route")))
        if isinstance(found, FetchError):
            raise found
        return found


PLAIN: dict[tuple[str, str], Fetched] = {
    ("GET", "users/me"): ok({"id": 7, "capabilities": {"moderate_comments": True}}),
    ("GET", "users"): error(403, "rest_forbidden_orderby"),
    ("GET", "/"): ok({"gmt_offset": "2"}),
    ("GET", "comments"): ok([]),
    ("GET", "comments/31"): ok(APPROVED),
}


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def channel(site: Site) -> WordPressChannel:
    return WordPressChannel(settings(SITE, "weerklank", "ab cd"), http=site, clock=lambda: NOW)


# --- reading ---------------------------------------------------------------------------------------------------------

UNWELL: list[Fetched | FetchError] = [
    Fetched(200, {}, HTML, SITE),
    Fetched(200, {}, b"<br /><b>Warning</b>: iets in een plug-in\n[]", SITE),
    Fetched(200, {}, b'{"a":', SITE),
    Fetched(200, {}, b"[" * 100_000, SITE),
    ok({"a": 1}),
    ok(["a"]),
    ok(None),
    Fetched(404, {}, HTML, SITE),
    Fetched(301, {"location": "https://elders.example/"}, b"", SITE),
    error(401, "incorrect_password", "Fout wachtwoord"),
    error(403, "rest_forbidden_context", "Mag niet"),
    error(500),
    error(503, retry_after="120"),
    FetchError("no whole answer within the deadline", sent=True),
    FetchError("no answer: ConnectError"),
    FetchError("the answer is larger than 33554432 bytes", sent=True),
]


@pytest.mark.parametrize("trouble", UNWELL, ids=range(len(UNWELL)))
@pytest.mark.parametrize("route", ["users/me", "comments"])
def test_a_site_that_is_not_well_cannot_be_reached_and_nothing_else_happens(
    site: Site, channel: WordPressChannel, route: str, trouble: Fetched | FetchError
) -> None:
    site.answers["GET", route] = trouble
    for act in (lambda: read(channel), lambda: list(channel.inventory())):
        with pytest.raises(Unreachable) as caught:
            act()
        assert caught.value.detail.endswith(".") or "Fout" in caught.value.detail or "Mag" in caught.value.detail
    assert channel.check().problem


def test_retry_after_is_honoured_as_seconds_and_as_a_date(site: Site, channel: WordPressChannel) -> None:
    for value, seconds in (("120", 120.0), ("Wed, 01 Jul 2026 12:01:00 GMT", 60.0), ("1e9", None), ("9" * 11, 3600.0)):
        site.answers["GET", "comments"] = error(429, retry_after=value)
        with pytest.raises(Unreachable) as caught:
            read(channel)
        assert caught.value.retry_after == seconds


def test_a_comment_that_nobody_can_read_is_set_aside_and_the_next_one_comes_through(
    site: Site, channel: WordPressChannel
) -> None:
    site.answers["GET", "comments"] = ok([{**APPROVED, "content": "x"}, {"nothing": 1}, {**APPROVED, "id": 40}])
    fine, bent, nothing = (item for page in channel.pull(None) for item in page.items)
    for item in (bent, nothing):
        with pytest.raises(Unreadable):
            channel.parse(item)
    assert (bent.key, fine.key) == ("comment:31", "comment:40")
    assert channel.parse(fine)[0].external_id == "40"


def test_a_list_that_never_ends_in_a_new_moment_goes_on_by_page(site: Site, channel: WordPressChannel) -> None:
    """A hundred comments without a usable date, and then none."""
    site.answers["GET", "comments"] = ok([{**APPROVED, "id": n, "date": "x"} for n in range(1, 101)])
    pages = channel.pull(None)
    next(pages)
    site.answers["GET", "comments"] = ok([])
    assert list(pages) == []
    assert [query["page"] for _, route, query, _ in site.asked if route == "comments"] == [["1"], ["2"]]


def test_the_first_question_is_in_the_sites_own_time(site: Site, channel: WordPressChannel) -> None:
    read(channel)
    (after,) = [query["after"][0] for _, route, query, _ in site.asked if route == "comments"]
    assert after == "2026-06-24T13:00:00"  # a week and the overlap before 14:00 there


def test_only_wordpresss_own_word_makes_a_comment_gone(site: Site) -> None:
    moment = [NOW]
    channel = WordPressChannel(settings(SITE, "weerklank", "ab cd"), http=site, clock=lambda: moment[0])
    site.answers["GET", "comments"] = ok([{**APPROVED, "date": "2026-07-01T10:30:00"}])
    _, _, cursor = read(channel)
    site.answers["GET", "comments"] = ok([])
    moment[0] += timedelta(minutes=16)
    for trouble in (Fetched(404, {}, HTML, SITE), error(404, "rest_no_route"), Fetched(200, {}, HTML, SITE)):
        site.answers["GET", "comments/31"] = trouble
        with pytest.raises(Unreachable):
            read(channel, cursor)
    site.answers["GET", "comments/31"] = ok(APPROVED)  # the list was short
    assert read(channel, cursor)[1] == []
    site.answers["GET", "comments/31"] = error(404, "rest_comment_invalid_id")
    assert [item.key for item in read(channel, cursor)[1]] == [f"gone:31:{int(moment[0].timestamp())}"]


# --- writing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trouble", "outcome", "detail"),
    [
        (FetchError("no answer: ConnectError"), Unreachable, "cannot be reached"),
        (FetchError("no whole answer within the deadline", sent=True), Uncertain, "deadline"),
        (Fetched(201, {}, HTML, SITE), Uncertain, "no JSON"),
        (ok([], 201), Uncertain, "without the comment"),
        (ok({"id": "x"}, 201), Uncertain, "without the comment"),
        (Fetched(500, {}, HTML, SITE), Uncertain, "500"),
        (Fetched(504, {}, HTML, SITE), Uncertain, "504"),
        (Fetched(302, {}, b"", SITE), Unreachable, "elsewhere"),
        (error(401, "rest_comment_login_required", "Log in"), Unreachable, "application password"),
        (error(404, "rest_no_route", "Geen route"), Unreachable, "no REST API"),
        (error(429, retry_after="9"), Unreachable, "429"),
        (Fetched(503, {}, HTML, SITE), Unreachable, "503"),
        (error(400, "comment_flood", "<strong>Fout:</strong> te snel"), Unreachable, "Fout: te snel"),
        (error(403, "rest_comment_closed", "Gesloten &amp; dicht"), Refused, "Gesloten & dicht"),
        (error(400, "comment_content_column_length", "Te lang"), Refused, "Te lang"),
        (error(409, "comment_duplicate", "Al gezegd"), Refused, "Al gezegd"),
        (Fetched(413, {}, HTML, SITE), Refused, "413"),
    ],
)
def test_what_a_site_answers_to_an_answer_says_what_to_do(
    site: Site, channel: WordPressChannel, trouble: Fetched | FetchError, outcome: type[ChannelError], detail: str
) -> None:
    site.answers["POST", "comments"] = trouble
    site.answers["POST", "comments/31"] = trouble
    acts: list[Callable[[], object]] = [
        lambda: channel.send(answer(31, "Dank u.")),
        lambda: channel.amend(Sent("31"), answer(30, "Dank u.")),
    ]
    for act in acts:
        with pytest.raises(ChannelError, match=detail) as caught:
            act()
        assert isinstance(caught.value, outcome)


def test_a_flood_waits_a_little_and_holds_up_nobody_else(site: Site, channel: WordPressChannel) -> None:
    site.answers["POST", "comments"] = error(400, "comment_flood", "Te snel")
    with pytest.raises(Unreachable) as caught:
        channel.send(answer(31, "Dank u."))
    assert (caught.value.retry_after, caught.value.whole_account) == (15.0, False)


def test_when_it_cannot_be_looked_up_an_agent_decides(site: Site, channel: WordPressChannel) -> None:
    for trouble in UNWELL:
        site.answers["GET", "comments"] = trouble
        with pytest.raises(Uncertain):
            channel.find_sent(answer(31, "Dank u."))


def test_a_trash_that_is_switched_off_deletes_nothing(site: Site, channel: WordPressChannel) -> None:
    site.answers["POST", "comments/31"] = ok(APPROVED)
    site.answers["DELETE", "comments/31"] = error(501, "rest_trash_not_supported", "Geen prullenbak")
    with pytest.raises(ChannelError, match="prullenbak"):
        channel.moderate(Moderation("31", Verdict.REMOVE, "x"))
    assert b"force" not in site.asked[-1][3]


# --- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    ["", "www.voorbeeldstad.example", "http://www.voorbeeldstad.example", "https://a:b@www.voorbeeldstad.example",
     "https://www.voorbeeldstad.example/?p=1", "https://", "ftp://x.example", "https://x.example:99999999",
     "https://voorbeeld stad.example", "https://x.example/#top"],
)  # fmt: skip
def test_an_address_that_would_give_the_password_away_or_leads_nowhere_is_not_taken(url: str) -> None:
    with pytest.raises(ValidationError):
        settings(url, "weerklank", "ab cd")


def test_what_is_taken_is_kept_without_its_slash_and_secrets_are_long() -> None:
    made = settings("https://Www.voorbeeldstad.example:8443/blog/", "weerklank", "ab cd")
    assert (made.site_url, made.host) == (
        "https://Www.voorbeeldstad.example:8443/blog",
        "www.voorbeeldstad.example:8443",
    )
    assert "ab cd" not in repr(made)
    wrong: list[Callable[[], object]] = [
        lambda: settings(SITE, "a:b", "x"),
        lambda: settings(SITE, "", "x"),
        lambda: settings(SITE, "a", "x", webhook_secret="kort"),
    ]
    for make in wrong:
        with pytest.raises(ValidationError):
            make()
