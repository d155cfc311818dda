"""The small pure parts that the services share: rate limits, HTML, splitting, lengths, fields, tokens."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.contract import Refused, Unreachable, Unreadable
from app.channels.social.api import problem
from app.channels.social.author_address import account_of, author_address
from app.channels.social.brake import LONGEST_WAIT, Brake, HeaderNames, retry_after
from app.channels.social.html_text import html_to_text
from app.channels.social.json_fields import identifier, moment, record, record_of, records, text
from app.channels.social.mastodon_length import RESERVED_FOR_MENTION, length, length_with_mention
from app.channels.social.oauth import code_of, ends_soon, missing, tokens_of
from app.channels.social.split import in_posts

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def headers(left: object, reset: object, limit: object = 300) -> dict[str, str]:
    return {
        "x-ratelimit-limit": str(limit), "x-ratelimit-remaining": str(left), "x-ratelimit-reset": str(reset)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("left", "reset", "wait"),
    [
        (6, "2026-11-20T12:05:00.000Z", None),
        (5, "2026-11-20T12:05:00.000Z", 300),
        (0, str(int(NOW.timestamp()) + 60), 60),
        (0, "90", 90),
        (0, "2026-11-20T11:00:00Z", None),  # begun anew meanwhile
        (0, "2036-11-20T11:00:00Z", LONGEST_WAIT),
        (0, "soon", None),
        ("many", "90", None),
        (0, "9" * 15, None),
        ("٣", "90", None),
    ],
)
def test_the_brake_is_on_while_the_service_says_that_little_is_left(left: object, reset: str, wait: float) -> None:
    brake = Brake(lambda: NOW)
    brake.note("reading", headers(left, reset))
    assert brake.wait("reading") == wait
    assert brake.wait("writing") is None
    if wait is not None:
        with pytest.raises(Unreachable) as held:
            brake.hold("reading")
        assert held.value.retry_after == wait


def test_quotas_tell_what_is_used_and_until_when() -> None:
    brake = Brake(lambda: NOW, HeaderNames("l", "r", "t"))
    brake.note("reading", {"l": "100", "r": "40", "t": "60"})
    (quota,) = brake.quotas
    assert (quota.unit, quota.used, quota.limit) == ("calls (reading)", 60, 100)
    assert quota.resets_at == NOW + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), ("Fri, 20 Nov 2026 12:00:30 GMT", 30), ("Fri, 20 Nov 2020 12:00:30 GMT", 0), ("", None), ("x", None),
     ("999999999", LONGEST_WAIT), ("-5", None)],
)  # fmt: skip
def test_retry_after_is_a_number_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}, NOW) == seconds


@pytest.mark.parametrize(
    ("html", "text_"),
    [
        ("<p>Een</p><p>Twee<br>regels</p>", "Een\n\nTwee\nregels"),
        ("Ik ben <b>tegen</b> de\n  bomen", "Ik ben tegen de bomen"),
        ("<ul><li>een</li><li>twee</li></ul>", "- een\n- twee"),
        ("a &lt;b&gt; &amp; c<script>alert(1)</script>", "a <b> & c"),
        ('<p>Kijk <img src="x" alt="een put"></p>', "Kijk [een put]"),
        ("<div>a</div><div>b</div>c", "a\nb\nc"),
        ("<p>a</p><p></p><p></p><p>b</p>", "a\n\nb"),
        ("", ""),
        ("<div>" * 5_000 + "diep", "diep"),
    ],
)
def test_html_becomes_what_a_reader_sees(html: str, text_: str) -> None:
    assert html_to_text(html) == text_


@given(st.text() | st.text(alphabet="<>/pbrdiva &;\"'=\ud800"))
def test_any_html_gives_a_text(html: str) -> None:
    assert isinstance(html_to_text(html), str)


@given(st.lists(st.text("abc", min_size=1, max_size=30), min_size=1, max_size=60), st.integers(40, 120))
def test_split_posts_fit_and_hold_every_word_in_order(words: list[str], limit: int) -> None:
    posts = in_posts(" ".join(words), limit, len)
    assert all(len(post) <= limit for post in posts)
    marks = [f" ({number}/{len(posts)})" for number in range(1, len(posts) + 1)] if len(posts) > 1 else [""]
    assert all(post.endswith(mark) for post, mark in zip(posts, marks, strict=True))
    bare = [post.removesuffix(mark) for post, mark in zip(posts, marks, strict=True)]
    assert " ".join(bare).split() == words


def test_what_cannot_be_split_is_refused() -> None:
    with pytest.raises(Refused, match="fits in no post"):
        in_posts("x" * 50, 40, len)
    with pytest.raises(Refused, match="is the most"):
        in_posts("woord " * 500, 40, len)


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        ("hallo", 5),
        ("zie https://www.voorbeeldstad.example/een/heel/lang/adres/dat/maar/doorgaat nu", 4 + 23 + 3),
        ("@jan@een.heel.lange.server.example ja", len("@jan ja")),
        ("e\u0301", 1),
        ("👨‍👩‍👧‍👦", 1),
        ("🏳️‍🌈🇳🇱1️⃣", 3),
        ("👍🏽", 1),
        ("", 0),
    ],
)
def test_mastodon_counts_what_a_reader_counts(said: str, counted: int) -> None:
    assert length(said, 23) == counted


def test_a_mention_is_counted_before_it_is_put_in_front() -> None:
    assert length_with_mention("hallo", 23) == 5 + RESERVED_FOR_MENTION
    assert length_with_mention("@jan hallo", 23) == 10


@pytest.mark.parametrize("body", [b"", b"[]", b"1", b"\xff", b"[" * 100_000, b'{"a":' * 100_000, b"1" * 5_000])
def test_what_is_no_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        record_of(body)


def test_a_field_is_what_it_must_be_or_unreadable() -> None:
    data: dict[str, Any] = {"t": "x", "n": 7, "o": {"a": 1}, "l": [{}], "empty": "  ", "true": True}
    assert (text(data, "t"), text(data, "none"), identifier(data, "n"), identifier(data, "t")) == ("x", "", "7", "x")
    assert (record(data, "o"), record(data, "none"), records(data, "l"), records(data, "none")) == (
        {"a": 1},
        {},
        [{}],
        (),
    )
    for wrong in (
        lambda: text(data, "n"), lambda: identifier(data, "empty"), lambda: identifier(data, "true"),
        lambda: identifier(data, "none"), lambda: record(data, "l"), lambda: records(data, "o"),
        lambda: identifier({"n": 10**5_000}, "n"),
    ):  # fmt: skip
        with pytest.raises(Unreadable):
            wrong()


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2026-11-20T12:00:00.000Z", NOW), ("2026-11-20T13:00:00+0100", NOW), ("2026-11-20T12:00:00", NOW),
        ("0001-01-01T00:00:00+14:00", None), ("yesterday", None), (None, None), (5, None),
    ],
)  # fmt: skip
def test_a_moment_is_read_or_left_out(value: object, found: datetime | None) -> None:
    assert moment(value) == found


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": "Too long"}, "Too long"),
        ({"error": {"message": "Deep"}}, "Deep"),
        ({"title": "Forbidden", "detail": "You may not"}, "You may not"),
        ({"error": "e", "error_description": "Denied by you"}, "Denied by you"),
        ([1], ""),
        ({"error": 5}, ""),
    ],
)
def test_a_service_says_what_is_wrong_in_its_own_words(body: Any, said: str) -> None:
    assert problem(json.dumps(body).encode()) == said


def test_tokens_are_read_as_the_service_gives_them() -> None:
    tokens = tokens_of({"access_token": "a", "refresh_token": "r", "expires_in": 7200, "scope": "x y"}, ("z",), NOW)
    assert (tokens.access, tokens.refresh, tokens.scopes) == ("a", "r", ("x", "y"))
    assert tokens.expires_at == NOW + timedelta(hours=2)
    assert tokens_of({"access_token": "a"}, ("z",), NOW).scopes == ("z",)
    nonsense: Any
    for nonsense in (None, [], {}, {"access_token": ""}, {"access_token": 5}):
        with pytest.raises(Refused):
            tokens_of(nonsense, (), NOW)


def test_consent_that_was_not_given_is_refused_with_the_reason() -> None:
    with pytest.raises(Refused, match="You said no"):
        code_of({"error": "access_denied", "error_description": "You said no"})
    with pytest.raises(Refused, match="connect once more"):
        code_of({})
    assert code_of({"code": "c"}) == "c"


def test_scopes_include_their_finer_ones_and_tokens_end() -> None:
    assert missing(("read", "write:statuses"), ("read:statuses", "write:statuses", "write:media")) == ("write:media",)
    assert not ends_soon(None, NOW)
    assert not ends_soon(NOW + timedelta(hours=1), NOW)
    assert ends_soon(NOW + timedelta(minutes=9), NOW)


def test_an_account_is_known_by_its_service() -> None:
    assert author_address("x", " 12 ") == "x:12"
    assert account_of("x", "x:12") == "12"
    assert account_of("x", "other") == "other"
