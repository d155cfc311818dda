"""What a comment of WordPress means, without a WordPress: recorded, bent and broken ones."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.comments.wordpress_comment import NEW, Comment, parse_comment
from app.channels.comments.wordpress_words import alike, html_of, one_line, size_of, text_of
from app.channels.contract import Author, Incoming, OwnPost, RawItem, Reaction, Subject, Unreadable
from app.vocabulary import AddressKind, Publication, Visibility

RECORDED = Path(__file__).parent / "recorded"
HOST = "www.voorbeeldstad.example"


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDED / f"wordpress_{name}.json").read_text())
    return found


def meaning(record: dict[str, Any], staff: frozenset[int] = frozenset()) -> Incoming:
    """What an API's record means, by way of the item that is kept."""
    (said,) = parse_comment(Comment.of_api(record, staff).item(NEW, "comment:1"), HOST)
    return said


def test_a_recorded_comment_of_a_guest_is_a_reaction_that_waits_for_approval() -> None:
    assert meaning(recorded("guest")) == Reaction(
        external_id="31",
        author=Author(AddressKind.EMAIL, "els@burgers.example", "Els & Jan"),
        text="Mooi...\n\nDe bak\n\nZie dit stuk (https://voorbeeld.example/?a=1&b=2) <3",
        sent_at=datetime(2026, 7, 1, 8, 30, tzinfo=UTC),
        visibility=Visibility.PUBLIC,
        parent_id="30",
        subject=Subject("post:12", "De groene bak – 2026", "https://www.voorbeeldstad.example/bak/"),
        publication=Publication.HELD,
    )


def test_a_recorded_comment_of_a_colleague_is_our_own_whatever_is_embedded() -> None:
    at = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
    assert meaning(recorded("staff")) == OwnPost("32", "Dank u.", "31", "Balie", at)


@pytest.mark.parametrize(
    ("told", "author", "ours"),
    [(True, 9, True), (False, 4, False), (None, 4, True), (None, 9, False), ("ja", 4, True), (None, 0, False)],
)
def test_the_plugin_says_who_is_ours_and_without_it_the_list_of_users(told: object, author: int, ours: bool) -> None:
    record = {**recorded("staff"), "author": author, "weerklank_staff": told}
    assert isinstance(meaning(record, frozenset({4})), OwnPost) is ours


def test_a_guest_without_an_address_is_known_by_the_comment_alone() -> None:
    said = meaning({**recorded("guest"), "author_email": ""})
    assert isinstance(said, Reaction)
    assert (said.author.kind, said.author.address) == (AddressKind.BROWSER, f"wordpress:{HOST}:comment:31")


@pytest.mark.parametrize("date", [None, "", "0000-00-00T00:00:00", "gisteren", "2026-02-30T00:00:00"])
def test_a_comment_without_a_usable_date_is_still_a_comment(date: str | None) -> None:
    said = meaning({**recorded("guest"), "date_gmt": date})
    assert isinstance(said, Reaction)
    assert said.sent_at is None


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("Een\n\nTwee\n", "Een\n\nTwee"),
        ("Een<br />Twee<p>Drie</p>Vier", "Een\nTwee\nDrie\nVier"),
        ("<b>Dik</b> en <i>schuin</i>", "Dik en schuin"),
        ("a <a href='http://x.example'>http://x.example</a> b", "a http://x.example b"),
        ("a <a href='http://x.example'>een <b>x</b></a> b", "a een x (http://x.example) b"),
        ("&lt;script&gt; &amp;amp; &#8217;", "<script> &amp; ’"),
        ("<script>alert(1)</script><style>p{}</style>hoi", "hoi"),
        ("", ""),
    ],
)
def test_a_comments_html_is_read_as_its_words(raw: str, words: str) -> None:
    assert text_of(raw) == words


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n<>&;\"'#"), max_size=200))
def test_what_we_say_is_read_back_as_we_said_it(text: str) -> None:
    assert alike(text_of(html_of(text)), text)
    assert size_of(text) == len(html_of(text).encode())
    assert "<" not in html_of(text)


@given(st.text(max_size=300))
def test_any_html_gives_words(raw: str) -> None:
    assert "\n" not in one_line(raw)


@pytest.mark.parametrize(
    ("body", "what"),
    [(b"", "new"), (b"null", "new"), (b"{}", "gone"), (b'{"comment": {"id": -1}}', "new"), (b"\xff", "edited"),
     (b'{"comment": {"id": 99999999999999999999}}', "new"), (b'{"comment": {"id": 1}}', "exploded")],
)  # fmt: skip
def test_what_is_no_comment_is_unreadable(body: bytes, what: str) -> None:
    with pytest.raises(Unreadable):
        parse_comment(RawItem("comment:1", body, meta={"what": what}), HOST)


values = st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.lists(st.integers(), max_size=2)


@given(st.data())
def test_a_bent_comment_is_parsed_or_unreadable_and_nothing_else(data: st.DataObject) -> None:
    record = recorded(data.draw(st.sampled_from(["guest", "staff"])))
    for _ in range(data.draw(st.integers(1, 3))):
        record[data.draw(st.sampled_from(sorted(record)))] = data.draw(values | st.just({"raw": 1}))
    item = RawItem("comment:1", json.dumps({"comment": record}).encode(), meta={"what": data.draw(st.sampled_from(
        ["new", "edited", "status", "gone"]
    ))})  # fmt: skip
    try:
        (said,) = parse_comment(item, HOST)
    except Unreadable:
        return
    assert said.external_id.isdigit()


@given(st.binary(max_size=200), st.sampled_from(["new", "gone"]))
def test_any_bytes_are_parsed_or_unreadable(body: bytes, what: str) -> None:
    with suppress(Unreadable):
        assert parse_comment(RawItem("comment:1", body, meta={"what": what}), HOST)
