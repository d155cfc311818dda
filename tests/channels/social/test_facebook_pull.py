import json
from collections.abc import Callable, Iterator

import pytest

from app.channels.contract import OwnPost, Reaction, Revision, Unreachable
from app.vocabulary import Publication
from tests.channels.social.facebook_setup import PAUL, Setup, items, set_up
from tests.emulators.facebook import Facebook
from tests.emulators.run import serve


@pytest.fixture
def setup() -> Iterator[Setup]:
    service = Facebook()
    with serve(service.app) as base:
        yield set_up(service, base)


def texts(setup: Setup, cursor: str | None = None) -> tuple[list[str], str]:
    pages = list(setup.channel.pull(cursor))
    found = [part for item in items(pages) for part in setup.channel.parse(item)]
    return [part.text for part in found if isinstance(part, Reaction | OwnPost)], pages[-1].cursor


def test_comments_of_the_last_days_come_oldest_first_post_by_post(setup: Setup) -> None:
    setup.later(days=-30)
    setup.service.comment(setup.service.post("oud"), "te oud")
    setup.later(days=29)
    first = setup.service.post("De markt verhuist")
    asked = setup.service.comment(first, "een")
    setup.service.comment(asked, "twee", PAUL)
    setup.later(hours=1)
    setup.service.comment(setup.service.post("Zwembad dicht"), "drie")
    assert texts(setup)[0] == ["een", "twee", "drie"]


def test_a_long_thread_comes_in_pages_and_a_cut_off_run_goes_on(setup: Setup) -> None:
    post = setup.service.post("De markt verhuist")
    for number in range(250):
        setup.service.comment(post, f"reactie {number}")
    run = setup.channel.pull(None)
    first = next(run)
    assert len(first.items) == 100
    assert texts(setup, first.cursor)[0] == [f"reactie {number}" for number in range(100, 250)]


def test_a_cut_off_run_begins_again_where_its_post_is_gone(setup: Setup) -> None:
    post = setup.service.post("een")
    setup.later(seconds=1)
    other = setup.service.post("twee")
    setup.service.comment(post, "a")
    setup.service.comment(other, "b")
    cursor = next(setup.channel.pull(None)).cursor
    assert json.loads(cursor)["post"] == post
    setup.service.remove(post)
    assert texts(setup, cursor)[0] == ["b"]


def test_the_next_run_waits_its_time_and_then_brings_what_is_new_with_an_hour_of_overlap(setup: Setup) -> None:
    post = setup.service.post("De markt verhuist")
    setup.service.comment(post, "een")
    _, cursor = texts(setup)
    setup.service.comment(post, "twee")
    assert list(setup.channel.pull(cursor)) == []
    setup.later(minutes=6)
    known, cursor = texts(setup, cursor)
    assert known == ["een", "twee"]
    setup.later(hours=2)
    _, cursor = texts(setup, cursor)
    setup.later(minutes=6)
    setup.service.comment(post, "drie")
    assert texts(setup, cursor)[0] == ["drie"]


def test_an_unchanged_comment_keeps_its_key_and_an_edited_one_comes_as_a_revision(setup: Setup) -> None:
    asked = setup.service.comment(setup.service.post("De markt verhuist"), "een")
    before = list(setup.channel.pull(None))
    setup.later(minutes=6)
    same = list(setup.channel.pull(before[-1].cursor))
    assert [item.key for item in items(same)] == [item.key for item in items(before)]
    setup.service.edit(asked, "een, maar anders")
    setup.later(minutes=6)
    (item,) = items(list(setup.channel.pull(same[-1].cursor)))
    assert item.key != items(before)[0].key
    revision = setup.channel.parse(item)[1]
    assert isinstance(revision, Revision)
    assert (revision.external_id, revision.text, revision.revised_at) == (asked, "een, maar anders", setup.clock())


def shown(setup: Setup, cursor: str | None) -> tuple[list[tuple[str, Publication | None]], str]:
    """What a run says of whether comments are shown, of those that no run before it brought."""
    pages = list(setup.channel.pull(cursor))
    fresh = [item for item in items(pages) if item.key not in setup.seen]
    setup.seen.update(item.key for item in fresh)
    found = [part for item in fresh for part in setup.channel.parse(item)]
    return [(part.external_id, part.publication) for part in found if isinstance(part, Revision)], pages[-1].cursor


def test_what_is_hidden_and_shown_again_without_a_push_is_found_however_often_and_however_old(setup: Setup) -> None:
    asked = setup.service.comment(setup.service.post("De markt verhuist"), "Wat een onzin")
    told, cursor = shown(setup, None)
    assert told == [(asked, Publication.PUBLISHED)]
    for hidden in (True, False, True, False):
        setup.service.entries[asked].hidden = hidden
        setup.later(hours=3)
        told, cursor = shown(setup, cursor)
        assert told == [(asked, Publication.HIDDEN if hidden else Publication.PUBLISHED)]
        setup.later(hours=3)
        told, cursor = shown(setup, cursor)
        assert told == [], "it is told once"


def test_a_cut_off_run_that_saw_a_comment_shown_again_names_it_the_same_when_it_goes_on(setup: Setup) -> None:
    post = setup.service.post("De markt verhuist")
    asked = setup.service.comment(post, "Wat een onzin")
    setup.service.entries[asked].hidden = True
    *_, last = setup.channel.pull(None)
    assert list(json.loads(last.cursor)["hidden"]) == [asked]
    setup.service.entries[asked].hidden = False
    setup.later(hours=2)
    first = next(setup.channel.pull(last.cursor))
    assert items([first])[0].key == items([next(setup.channel.pull(last.cursor))])[0].key
    assert json.loads(first.cursor)["hidden"] == {}


def test_what_visitors_write_on_the_page_comes_too(setup: Setup) -> None:
    post = setup.service.post("De lantaarn is stuk", PAUL)
    setup.service.comment(post, "Bij mij ook")
    assert texts(setup)[0] == ["De lantaarn is stuk", "Bij mij ook"]


def test_a_colleagues_answer_comes_with_the_others(setup: Setup) -> None:
    asked = setup.service.comment(setup.service.post("De markt verhuist"), "Wanneer?")
    setup.service.comment(asked, "Op 1 december.", setup.service.page)
    found = [part for item in items(list(setup.channel.pull(None))) for part in setup.channel.parse(item)]
    (own,) = [part for part in found if isinstance(part, OwnPost)]
    assert (own.text, own.parent_id) == ("Op 1 december.", asked)


def test_reading_stops_before_the_allowance_is_used_up_and_keeps_its_place(setup: Setup) -> None:
    post = setup.service.post("De markt verhuist")
    for number in range(250):
        setup.service.comment(post, f"reactie {number}")
    run = setup.channel.pull(None)
    setup.service.used, setup.service.regain_minutes = 60, 0
    first = next(run)
    assert [(quota.used, quota.limit) for quota in first.quotas] == [(60.0, 100.0)]
    setup.service.used, setup.service.regain_minutes = 96, 12
    asked = len(setup.service.faults.requests)
    second = next(run)
    with pytest.raises(Unreachable) as caught:
        next(run)
    assert caught.value.retry_after == 12 * 60
    assert len(setup.service.faults.requests) == asked + 1
    setup.later(minutes=13)
    setup.service.used = 5
    assert texts(setup, second.cursor)[0] == [f"reactie {number}" for number in range(200, 250)]


@pytest.mark.parametrize(("code", "seconds"), [(4, 300), (32, 300), (613, 300)])
def test_too_many_calls_are_an_order_to_wait(setup: Setup, code: int, seconds: float) -> None:
    setup.service.graph_error(code)
    with pytest.raises(Unreachable) as caught:
        list(setup.channel.pull(None))
    assert caught.value.retry_after == seconds


def test_an_ended_token_asks_to_connect_again(setup: Setup) -> None:
    setup.service.valid = False
    with pytest.raises(Unreachable, match="connect the account again"):
        list(setup.channel.pull(None))


def test_what_is_no_answer_of_facebooks_is_unreachable(setup: Setup) -> None:
    setup.service.post("De markt verhuist")
    misbehaviour: list[Callable[[], None]] = [
        lambda: setup.service.faults.fail(500),
        lambda: setup.service.faults.fail(429, retry_after="7"),
        lambda: setup.service.faults.answer(b"<html>Sorry</html>"),
        lambda: setup.service.faults.answer(b'{"data": [{"id": 4}]}', "application/json"),
        lambda: setup.service.faults.answer(b'{"data": "none"}', "application/json"),
        lambda: setup.service.faults.answer(b"[" * 100_000, "application/json"),
        setup.service.faults.half,
        setup.service.faults.endless,
        setup.service.faults.redirect,
    ]
    for misbehave in misbehaviour:
        misbehave()
        with pytest.raises(Unreachable):
            list(setup.channel.pull(None))
        setup.service.faults.waiting.clear()
    assert list(setup.channel.pull(None))
