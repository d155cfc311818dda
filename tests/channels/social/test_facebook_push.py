import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from app.channels.contract import (
    NotAuthentic,
    OwnPost,
    RawItem,
    Reaction,
    Revision,
    Unreadable,
    WebhookRequest,
    Withdrawal,
)
from app.channels.social.facebook import FacebookChannel
from app.channels.social.facebook_parse import parse_item
from app.clock import now
from tests.channels.social.facebook_setup import HOOK, Setup, connected, pushed, set_up
from tests.channels.social.shown import JUNK, item_of, meaning_of, mutated, parsed_or_unreadable, recorded, shown
from tests.emulators.facebook import Facebook
from tests.emulators.facebook_state import PAGE_ID, envelope, sign
from tests.emulators.run import serve


@pytest.fixture
def setup() -> Setup:
    return set_up(Facebook(), "http://127.0.0.1:9")


def received(setup: Setup, which: int = -1) -> list[RawItem]:
    body, headers = setup.service.pushes[which]
    return list(setup.channel.receive(pushed(setup, body, headers)).items)


@pytest.mark.parametrize("path", recorded("facebook"), ids=lambda path: path.stem)
def test_a_recorded_item_means_what_it_means(path: Path) -> None:
    assert shown(parse_item(item_of(path), PAGE_ID)) == meaning_of(path)


@given(mutated("facebook"))
def test_whatever_comes_is_understood_or_unreadable(item: RawItem) -> None:
    parsed_or_unreadable(lambda one: parse_item(one, PAGE_ID), item)


def test_an_item_that_came_by_no_known_way_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        parse_item(RawItem("k", b"{}", meta={"via": "pigeon"}), PAGE_ID)


def test_a_comment_is_pushed_once_however_often_meta_sends_it(setup: Setup) -> None:
    post = setup.service.post("De markt verhuist")
    asked = setup.service.comment(post, "Geërgerd 😀")
    setup.service.push(setup.service.entries[asked], "add", times=3)
    keys = {item.key for which in (-1, -2, -3, -4) for item in received(setup, which)}
    assert len(keys) == 1
    (reaction,) = setup.channel.parse(received(setup)[0])
    assert isinstance(reaction, Reaction)
    assert (reaction.external_id, reaction.text, reaction.author.address) == (asked, "Geërgerd 😀", "facebook:61001")


def test_edits_and_removals_are_items_of_their_own(setup: Setup) -> None:
    asked = setup.service.comment(setup.service.post("De markt verhuist"), "een")
    items = received(setup)
    for text in ("twee", "een", "twee"):
        setup.later(seconds=1)
        setup.service.edit(asked, text)
        items += received(setup)
    setup.service.remove(asked)
    items += received(setup)
    assert len({item.key for item in items}) == 5
    assert [type(setup.channel.parse(item)[0]) for item in items] == [Reaction, *[Revision] * 3, Withdrawal]


def test_a_colleagues_answer_is_heard_at_once(setup: Setup) -> None:
    asked = setup.service.comment(setup.service.post("De markt verhuist"), "Wanneer?")
    own = setup.service.comment(asked, "Morgen", setup.service.page)
    (item,) = received(setup)
    (said,) = setup.channel.parse(item)
    assert isinstance(said, OwnPost)
    assert (said.external_id, said.parent_id, said.text) == (own, asked, "Morgen")


def test_what_the_page_says_to_nobody_and_what_says_nothing_is_left_out(setup: Setup) -> None:
    own = setup.service.comment(setup.service.post("Zwembad dicht"), "Zie onze site", setup.service.page)
    setup.service.edit(own, "Zie de site")
    assert received(setup) == []
    assert setup.channel.receive(signed(setup, {"item": "reaction", "verb": "add", "post_id": "1"})).items == ()


def test_a_colleagues_correction_of_an_answer_is_followed(setup: Setup) -> None:
    asked = setup.service.comment(setup.service.post("De markt verhuist"), "Wanneer?")
    own = setup.service.comment(asked, "Morgen", setup.service.page)
    setup.service.edit(own, "Overmorgen")
    (item,) = received(setup)
    assert setup.channel.parse(item) == (Revision(own, "Overmorgen", revised_at=setup.clock()),)


def test_a_change_of_another_page_is_not_ours(setup: Setup) -> None:
    body = envelope({"item": "comment", "verb": "add", "comment_id": "1_2", "post_id": "9_1"}, 1, page_id="9")
    answer = setup.channel.receive(pushed(setup, body, {"x-hub-signature-256": sign(body)}))
    assert (answer.status, answer.items) == (200, ())


def test_several_changes_in_one_push_are_several_items(setup: Setup) -> None:
    value = {"item": "comment", "verb": "add", "post_id": "9_1", "message": "x"}
    changes = [{"field": "feed", "value": {**value, "comment_id": f"1_{n}"}} for n in range(3)]
    other = {"field": "ratings", "value": {}}
    entries = [{"id": PAGE_ID, "time": n, "changes": [*changes, other]} for n in range(2)]
    body = json.dumps({"object": "page", "entry": entries}).encode()
    answer = setup.channel.receive(pushed(setup, body, {"x-hub-signature-256": sign(body)}))
    assert len({item.key for item in answer.items}) == 6


def test_a_push_that_is_not_signed_over_these_bytes_is_not_authentic(setup: Setup) -> None:
    setup.service.comment(setup.service.post("De markt verhuist"), "Wanneer?")
    body, headers = setup.service.pushes[-1]
    good = headers["x-hub-signature-256"]
    for signature in ("", "sha256=", good.upper(), "sha1=" + good[7:], sign(body, "ander"), good + "0", "\ud800"):
        with pytest.raises(NotAuthentic):
            setup.channel.receive(pushed(setup, body, {**headers, "x-hub-signature-256": signature}))
    with pytest.raises(NotAuthentic):
        setup.channel.receive(pushed(setup, body + b" ", headers))
    with pytest.raises(NotAuthentic):
        setup.channel.receive(pushed(setup, body, {"content-type": "application/json"}))


def test_without_an_app_secret_nothing_is_authentic(setup: Setup) -> None:
    channel = FacebookChannel(connected("http://127.0.0.1:9", app_secret=SecretStr("")))
    with pytest.raises(NotAuthentic):
        channel.receive(pushed(setup, b"{}", {"x-hub-signature-256": sign(b"{}", "")}))


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"object": "user"}', b'{"object":"page","entry":[4]}']
)
def test_a_signed_push_that_is_no_push_is_unreadable(setup: Setup, body: bytes) -> None:
    with pytest.raises(Unreadable):
        setup.channel.receive(pushed(setup, body, {"x-hub-signature-256": sign(body)}))


@given(
    JUNK, st.sampled_from(["object", "entry", "id", "time", "changes", "field", "value", "item", "verb", "comment_id"])
)
def test_whatever_meta_signs_is_cut_into_items_or_unreadable(junk: object, place: str) -> None:
    channel = FacebookChannel(connected("http://127.0.0.1:9"))
    value = {"item": "comment", "verb": "add", "post_id": "9_1", "comment_id": "1_2", "message": "x"}
    change = {"field": "feed", "value": value}
    entry = {"id": PAGE_ID, "time": 1, "changes": [change]}
    data = {"object": "page", "entry": [entry]}
    parts: list[dict[str, Any]] = [value, change, entry, data]
    next(part for part in parts if place in part)[place] = junk
    body = json.dumps(data).encode()
    request = WebhookRequest("POST", HOOK, {"x-hub-signature-256": sign(body)}, body, "192.0.2.1", now())
    try:
        items = channel.receive(request).items
    except Unreadable:
        return
    for item in items:
        parsed_or_unreadable(channel.parse, item)


def test_metas_challenge_is_answered_for_the_right_word_only(setup: Setup) -> None:
    asked = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
    answer = setup.channel.receive(looked_up(setup, asked + "woord"))
    assert (answer.body, answer.media_type, answer.items) == (b"1158201444", "text/plain", ())
    for query in (asked + "fout", asked, "", asked.replace("subscribe", "unsubscribe") + "woord"):
        with pytest.raises(NotAuthentic):
            setup.channel.receive(looked_up(setup, query))
    with pytest.raises(Unreadable):
        setup.channel.receive(looked_up(setup, "hub.mode=subscribe&hub.verify_token=woord"))


def test_a_picture_is_fetched_and_one_that_is_away_keeps_its_text(clockless: Setup) -> None:
    setup = clockless
    post = setup.service.post("De markt verhuist")
    setup.service.comment(post, "Zie foto", picture=f"{setup.base}/media/picture.png")
    (reaction,) = setup.channel.parse(setup.channel.complete(received(setup)[0]))
    assert isinstance(reaction, Reaction)
    assert (reaction.attachments[0].content_type, bool(reaction.attachments[0].content)) == ("image/png", True)
    for address in (f"{setup.base}/media/gone.png", "http://10.0.0.1/x.png", "http://127.0.0.1:9/x.png", "geen adres"):
        setup.service.comment(post, "Zie foto", picture=address)
        (reaction,) = setup.channel.parse(setup.channel.complete(received(setup)[0]))
        assert isinstance(reaction, Reaction)
        assert (reaction.text, reaction.attachments[0].content) == ("Zie foto", None)


@pytest.fixture
def clockless() -> Iterator[Setup]:
    service = Facebook()
    with serve(service.app) as base:
        yield set_up(service, base)


def signed(setup: Setup, value: dict[str, Any]) -> WebhookRequest:
    body = envelope(value, 1)
    return pushed(setup, body, {"x-hub-signature-256": sign(body)})


def looked_up(setup: Setup, query: str) -> WebhookRequest:
    request = pushed(setup, b"", {})
    return replace(request, method="GET", url=f"{HOOK}?{query}")
