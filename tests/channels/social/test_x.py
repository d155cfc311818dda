"""X through the emulated service: in by poll, out, and everything that goes wrong between."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from app.channels.contract import (
    AttachmentOut,
    Incoming,
    OutgoingMessage,
    OwnPost,
    RawItem,
    Reaction,
    Refused,
    Revision,
    Thread,
    Uncertain,
    Unreachable,
    Withdrawal,
)
from app.channels.social.x import SCOPES, XChannel
from app.channels.social.x_prices import price_of
from app.channels.social.x_settings import XSettings
from app.vocabulary import Visibility
from tests.channels.social.moving_clock import MovingClock
from tests.channels.social.resident import resident_bytes
from tests.emulators.run import serve
from tests.emulators.x import X


@pytest.fixture
def x() -> X:
    return X()


@pytest.fixture
def base(x: X) -> Iterator[str]:
    with serve(x.app) as address:
        yield address


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def channel(x: X, base: str, clock: MovingClock) -> XChannel:
    return XChannel(settings(x, base), clock=clock)


def settings(x: X, base: str, **more: object) -> XSettings:
    token = SecretStr("token-of-voorbeeldstad")
    values = {"api_url": base, "access_token": token, "user_id": x.own.id, "username": x.own.username, "scopes": SCOPES}
    return XSettings.model_validate(values | more)


def read(channel: XChannel, cursor: str | None = None) -> tuple[list[Incoming], list[RawItem], str, float]:
    """What a run gives: meanings, items, the cursor after it, and what it cost."""
    items: list[RawItem] = []
    spent = 0.0
    for page in channel.pull(cursor):
        items += page.items
        cursor, spent = page.cursor, spent + page.spent
    assert cursor is not None
    return [said for item in items for said in channel.parse(channel.complete(item))], items, cursor, spent


def answer(parent: str, text: str, **more: Any) -> OutgoingMessage:
    values: dict[str, Any] = {
        "key": "delivery-1", "recipient": None, "text": text, "thread": Thread(parent_id=parent),
        "visibility": Visibility.PUBLIC,
    }  # fmt: skip
    return OutgoingMessage(**values | more)


# --- in ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", ["tweet", "post"])
def test_mentions_come_oldest_first_once_and_paid_once(x: X, channel: XChannel, names: str) -> None:
    x.names = names
    ids = [x.mention("fietser", f"vraag {n}") for n in range(250)]
    said, _, cursor, spent = read(channel)
    assert [one.external_id for one in said] == ids
    assert spent == pytest.approx(x.spent) == pytest.approx(0.25)
    later = x.mention("fietser", "En?", reply_to=ids[0])
    (again,), _, cursor, spent = read(channel, cursor)
    assert isinstance(again, Reaction)
    assert (again.external_id, again.parent_id, again.root_id, again.references) == (later, ids[0], ids[0], (ids[0],))
    assert spent == pytest.approx(0.001)
    assert read(channel, cursor)[3] == 0


def test_only_the_last_days_are_fetched_and_the_start_is_kept(x: X, base: str, clock: MovingClock) -> None:
    channel = XChannel(settings(x, base, backfill_days=1), clock=clock)
    x.mention("fietser", "oud", at=clock() - timedelta(days=2))
    said, _, cursor, _ = read(channel)
    assert said == []
    clock.move(days=3)
    late = x.mention("fietser", "tussendoor", at=clock() - timedelta(days=2))
    assert [one.external_id for one in read(channel, cursor)[0]] == [late]


def test_an_edit_is_a_revision_of_what_was_read_and_else_the_reaction(x: X, channel: XChannel) -> None:
    first = x.mention("fietser", "fout")
    _, _, cursor, _ = read(channel)
    before = x.mention("fietser", "nooit gezien")
    second, after = x.edit(first, "@voorbeeldstad goed"), x.edit(before, "@voorbeeldstad meteen goed")
    said, items, _, _ = read(channel, cursor)
    assert isinstance(said[0], Revision)
    assert isinstance(said[1], Reaction)
    assert [(one.external_id, one.text) for one in (said[0], said[1])] == [
        (first, "@voorbeeldstad goed"),
        (before, "@voorbeeldstad meteen goed"),
    ]
    assert [item.key for item in items] == [f"mention:{second}", f"mention:{after}"]


def test_deletions_are_looked_for_only_where_that_was_chosen(x: X, base: str, clock: MovingClock) -> None:
    plain, looking = (XChannel(settings(x, base, look_again_hours=h), clock=clock) for h in (0, 6))
    gone, there = x.mention("fietser", "weg"), x.mention("fietser", "blijft")
    cursors = [read(channel)[2] for channel in (plain, looking)]
    assert x.spent == pytest.approx(4 * 0.001)  # what was read just now is not read again
    x.delete(gone)
    clock.move(hours=7)
    assert read(plain, cursors[0])[0] == []
    said, _, cursor, spent = read(looking, cursors[1])
    assert said == [Withdrawal(gone)]
    assert spent == pytest.approx(0.005)
    assert read(looking, cursor)[0] == []
    assert there in x.posts


def test_an_edited_post_is_not_taken_for_a_deleted_one(x: X, base: str, clock: MovingClock) -> None:
    channel = XChannel(settings(x, base, look_again_hours=6), clock=clock)
    first = x.mention("fietser", "fout")
    _, _, cursor, _ = read(channel)
    second = x.edit(first, "@voorbeeldstad goed")
    clock.move(hours=7)
    said, _, cursor, _ = read(channel, cursor)
    assert [type(one) for one in said] == [Revision]
    x.delete(second)
    clock.move(hours=7)
    assert read(channel, cursor)[0] == [Withdrawal(first)]


def test_posts_of_our_own_come_whoever_made_them(x: X, channel: XChannel, clock: MovingClock) -> None:
    asked = x.mention("fietser", "Wanneer?", at=clock() - timedelta(minutes=30))
    own = x.in_the_app("Morgen", reply_to=asked, at=clock() - timedelta(minutes=20))
    said, _, cursor, _ = read(channel)
    assert said[1] == OwnPost(
        own, "Morgen", asked, "Gemeente Voorbeeldstad", clock() - timedelta(minutes=20), references=(asked,)
    )
    sent = channel.send(answer(asked, "Overmorgen"))
    assert [one.external_id for one in read(channel, cursor)[0]] == [sent.external_id]


def test_long_texts_addresses_and_pictures_come_whole(x: X, base: str, channel: XChannel) -> None:
    x.mention("fietser", "zie https://www.voorbeeldstad.nl/a?b=1 & <hier>", media=[x.picture(base, "Een put")])
    x.mention("fietser", "kort…", note="@voorbeeldstad " + "lang " * 100)
    said, _, _, _ = read(channel)
    assert isinstance(said[0], Reaction)
    assert isinstance(said[1], Reaction)
    assert said[0].text == "@voorbeeldstad zie https://www.voorbeeldstad.nl/a?b=1 & <hier>"
    assert [(a.name, a.content_type, a.alt) for a in said[0].attachments] == [("3_77.png", "image/png", "Een put")]
    assert len(said[1].text) > 500


def test_reading_stops_before_the_allowance_is_used_and_leaves_no_gap(
    x: X, channel: XChannel, clock: MovingClock
) -> None:
    x.moment, x.most_listed, x.limits["mentions"] = clock(), 10_000, 9
    ids = [x.mention("fietser", str(n), at=clock()) for n in range(1_000)]
    said, items, cursor, _ = read(channel)
    assert 0 < len(items) < 1_000
    got = [one.external_id for one in said]
    for _ in range(2):
        with pytest.raises(Unreachable) as held:
            read(channel, cursor)
        assert held.value.retry_after == pytest.approx(900, abs=2)
        clock.move(minutes=16)
        x.moment, x.used = clock(), {}
        ids.append(x.mention("fietser", "nieuw", at=clock()))
        more, _, cursor, _ = read(channel, cursor)
        got += [one.external_id for one in more]
    assert read(channel, cursor)[0] == []
    assert sorted(got, key=int) == ids  # each once: nothing is missed, nothing is paid twice
    assert x.spent == pytest.approx(0.001 * len(ids))


@pytest.mark.parametrize("trouble", ["html", "half", "endless", "redirect", "failing", "strings"])
def test_a_broken_answer_is_unreachable_with_a_sentence(x: X, channel: XChannel, trouble: str) -> None:
    x.faults.be(trouble)
    with pytest.raises(Unreachable, match=r"X .*\."):
        read(channel)


@pytest.mark.parametrize(
    "body", [{"data": {"id": "1"}}, {"data": [{"id": 5}]}, {"data": [{"id": "x"}]}, {"data": [{}]}, {"meta": 5}]
)
def test_an_answer_of_another_shape_is_unreachable(x: X, channel: XChannel, body: object) -> None:
    x.faults.answer(json.dumps(body).encode(), "application/json")
    with pytest.raises(Unreachable, match="X answered with"):
        read(channel)


def test_too_many_requests_waits_until_x_says(x: X, channel: XChannel, clock: MovingClock) -> None:
    x.moment, x.used = clock(), {"mentions": 300}
    with pytest.raises(Unreachable) as refused:
        read(channel)
    assert refused.value.retry_after == pytest.approx(900, abs=2)


@pytest.mark.chaos
def test_ten_thousand_mentions_are_read_in_constant_memory(x: X, channel: XChannel) -> None:
    x.most_listed = 10_000
    for number in range(10_000):
        x.mention("fietser", f"vraag {number} " + "x" * 200)
    pages = channel.pull(None)
    next(pages)
    seen, before = 0, resident_bytes()
    for page in pages:
        seen += sum(len(channel.parse(item)) for item in page.items)
    assert seen == 10_000
    assert resident_bytes() - before < 50 * 1_048_576


# --- out -----------------------------------------------------------------------------------------------------------


def test_an_answer_stands_under_the_question(x: X, channel: XChannel) -> None:
    asked = x.mention("fietser", "Wanneer?")
    sent = channel.send(answer(asked, "Vrijdag."))
    (posted,) = x.posted()
    assert (posted.text, posted.reply_to, posted.id) == ("Vrijdag.", x.posts[asked], sent.external_id)
    assert sent.url == f"https://x.com/voorbeeldstad/status/{sent.external_id}"
    assert x.spent == pytest.approx(price_of("Vrijdag.", reply=True))


def test_who_asked_us_nothing_cannot_be_answered(x: X, channel: XChannel) -> None:
    found = x.add(x.user("fietser"), "De gemeente doet ook niets").id
    with pytest.raises(Refused, match="only who named or quoted") as refused:
        channel.send(answer(found, "Toch wel."))
    assert refused.value.code == "not_summoned"
    x.enterprise = True
    channel.send(answer(found, "Toch wel."))


def test_silence_after_accepting_is_settled_by_looking(x: X, channel: XChannel) -> None:
    asked = x.mention("fietser", "Wanneer?")
    x.faults.silent_after_accepting(path="/2/tweets")
    with pytest.raises(Uncertain):
        channel.send(answer(asked, "Zie https://www.voorbeeldstad.nl/brug"))
    found = channel.find_sent(answer(asked, "Zie https://www.voorbeeldstad.nl/brug"))
    assert found is not None
    assert found.external_id == x.posted()[0].id
    with pytest.raises(Uncertain, match="a moment ago"):  # X itself keeps us from saying it twice
        channel.send(answer(asked, "Zie https://www.voorbeeldstad.nl/brug"))


def test_what_never_went_out_is_not_found(x: X, channel: XChannel) -> None:
    asked, other = x.mention("fietser", "Wanneer?"), x.mention("buur", "En?")
    x.in_the_app("Vrijdag.", reply_to=other)
    x.faults.fail(503, method="POST")
    with pytest.raises(Uncertain):
        channel.send(answer(asked, "Vrijdag."))
    assert channel.find_sent(answer(asked, "Vrijdag.")) is None
    x.faults.fail(500)
    with pytest.raises(Uncertain, match="cannot be looked up"):
        channel.find_sent(answer(asked, "Vrijdag."))


@pytest.mark.parametrize(("text", "counted"), [("x" * 281, 281), ("日" * 141, 282), ("👨‍👩‍👧‍👦" * 141, 282)])
def test_a_text_that_is_too_long_is_refused_before_any_call(x: X, channel: XChannel, text: str, counted: int) -> None:
    with pytest.raises(Refused, match=f"{counted} characters as X counts them; 280 is the most"):
        channel.send(answer(x.mention("fietser", "Wanneer?"), text))
    assert x.faults.requests == []
    assert channel.limits.measure(text) == counted


def test_what_x_cannot_do_is_refused_before_any_call(x: X, channel: XChannel) -> None:
    asked = x.mention("fietser", "Wanneer?")
    file = AttachmentOut("a.pdf", "application/pdf", 1, lambda: b"x")
    for impossible in (answer(asked, "a", attachments=(file,)), answer(asked, "a", visibility=Visibility.DIRECT)):
        with pytest.raises(Refused):
            channel.send(impossible)
    assert x.faults.requests == []


def test_a_long_text_is_split_only_where_that_was_chosen(x: X, base: str) -> None:
    channel = XChannel(settings(x, base, split=True))
    asked = x.mention("fietser", "Wanneer?")
    text = " ".join(f"woord{number}" for number in range(80))
    channel.send(answer(asked, text))
    first, second, third = x.posted()
    assert [one.reply_to and one.reply_to.id for one in (first, second, third)] == [asked, first.id, second.id]
    assert third.text.endswith("(3/3)")
    found = channel.find_sent(answer(asked, text))
    assert found is not None
    assert found.external_id == first.id


LONG = " ".join(f"woord{number}" for number in range(80))


def test_of_several_posts_what_stands_there_is_not_said_again(x: X, base: str) -> None:
    channel = XChannel(settings(x, base, split=True))
    asked = x.mention("fietser", "Wanneer?")
    x.limits["create"] = 1
    with pytest.raises(Unreachable, match="1 of 3 posts stand there"):
        channel.send(answer(asked, LONG))
    x.limits["create"], x.used = 100, {}
    channel = XChannel(settings(x, base, split=True))  # another worker
    assert channel.find_sent(answer(asked, LONG)) is None
    x.faults.silent_after_accepting(path="/2/tweets")
    with pytest.raises(Uncertain):
        channel.send(answer(asked, LONG, again=True))
    sent = channel.send(answer(asked, LONG, again=True))
    first, second, third = x.posted()
    assert (sent.external_id, list(sent.also)) == (first.id, [second.id, third.id])
    assert [one.reply_to and one.reply_to.id for one in (first, second, third)] == [asked, first.id, second.id]


def test_a_post_that_x_refuses_is_told_with_what_stands_there(x: X, base: str) -> None:
    channel = XChannel(settings(x, base, split=True))
    asked = x.mention("fietser", "Wanneer?")
    x.limits["create"] = 1
    with pytest.raises(Unreachable):
        channel.send(answer(asked, LONG))
    x.limits["create"], x.used = 100, {}
    x.faults.fail(403, path="/2/tweets", method="POST")
    with pytest.raises(Refused, match=r"1 of 3 posts stand there\. X: emulated 403"):
        XChannel(settings(x, base, split=True)).send(answer(asked, LONG, again=True))


def test_a_correction_that_takes_several_posts_is_refused_and_what_stands_there_stays(x: X, base: str) -> None:
    channel = XChannel(settings(x, base, split=True))
    asked = x.mention("fietser", "Wanneer?")
    sent = channel.send(answer(asked, "Vrijdag."))
    with pytest.raises(Refused, match="one post"):
        channel.amend(sent, answer(asked, LONG))
    assert [one.text for one in x.posted()] == ["Vrijdag."]


def test_a_correction_that_is_refused_says_that_nothing_stands_there_now(x: X, channel: XChannel) -> None:
    asked = x.mention("fietser", "Wanneer?")
    sent = channel.send(answer(asked, "Vrijdag."))
    x.faults.fail(403, path="/2/tweets", method="POST")
    with pytest.raises(Refused, match=r"What stood there was taken back\. X: emulated 403"):
        channel.amend(sent, answer(asked, "Zaterdag."))
    assert x.posted() == []


def test_a_correction_that_was_broken_off_is_not_said_twice(x: X, channel: XChannel) -> None:
    asked = x.mention("fietser", "Wanneer?")
    sent = channel.send(answer(asked, "Vrijdag."))
    new = channel.amend(sent, answer(asked, "Zaterdag."))
    for number in range(20):  # X forgets after a while what we said
        x.in_the_app(f"Iets anders {number}", reply_to=asked)
    assert channel.amend(sent, answer(asked, "Zaterdag.", again=True)).external_id == new.external_id


def test_a_correction_takes_the_place_of_what_stood_there(x: X, channel: XChannel) -> None:
    asked = x.mention("fietser", "Wanneer?")
    sent = channel.send(answer(asked, "Vrijdag."))
    with pytest.raises(Refused):
        channel.amend(sent, answer(asked, "x" * 300))
    assert [one.text for one in x.posted()] == ["Vrijdag."]
    new = channel.amend(sent, answer(asked, "Zaterdag."))
    assert [(one.id, one.text) for one in x.posted()] == [(new.external_id, "Zaterdag.")]
    channel.retract(new)
    channel.retract(new)
    assert x.posted() == []


def test_an_address_makes_an_answer_dear() -> None:
    assert (price_of("Ja.", reply=True), price_of("Ja.", reply=False)) == (0.01, 0.015)
    assert price_of("Zie voorbeeldstad.nl", reply=True) == 0.2
