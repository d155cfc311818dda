"""Reading Mastodon through the emulated server: what comes in, once each, and everything that goes wrong."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.channels.contract import AccountConfig, OwnPost, Reaction, Revision, Unreachable, Withdrawal
from app.channels.social.mastodon import KIND, MastodonChannel
from app.channels.social.mastodon_settings import MastodonSettings
from tests.channels.social.mastodon_setup import answer, connected, read
from tests.channels.social.moving_clock import MovingClock
from tests.channels.social.resident import resident_bytes
from tests.emulators.mastodon import Mastodon
from tests.emulators.run import serve


@pytest.fixture
def server() -> Mastodon:
    return Mastodon("127.0.0.1")


@pytest.fixture
def base(server: Mastodon) -> Iterator[str]:
    with serve(server.app) as address:
        yield address


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def channel(server: Mastodon, base: str, clock: MovingClock) -> MastodonChannel:
    return MastodonChannel(connected(server, base), clock=clock)


def test_mentions_come_oldest_first_and_only_once(server: Mastodon, channel: MastodonChannel) -> None:
    ids = [server.mention("jan@elders.example", f"vraag {n}") for n in range(200)]
    said, _, cursor = read(channel)
    assert [one.external_id for one in said] == ids
    again, _, cursor = read(channel, cursor)
    assert again == []
    later = server.mention("els", "nog een")
    assert [one.external_id for one in read(channel, cursor)[0]] == [later]


def test_only_the_last_days_are_fetched_at_the_start(
    server: Mastodon, channel: MastodonChannel, clock: MovingClock
) -> None:
    for day in range(20, 0, -1):
        server.mention("jan@elders.example", f"{day} dagen", created_at=clock() - timedelta(days=day, hours=-1))
    said = [one.text for one in read(channel)[0] if isinstance(one, Reaction)]
    assert said == [f"@gemeente {day} dagen" for day in range(7, 0, -1)]


def test_the_first_run_reads_no_page_twice(server: Mastodon, channel: MastodonChannel) -> None:
    ids = [server.mention("jan@elders.example", f"vraag {n}") for n in range(400)]
    assert [one.external_id for one in read(channel)[0]] == ids
    assert [path for _, path in server.faults.requests].count(
        "/api/v1/notifications"
    ) == 5 + 2  # both ends are looked at


@pytest.mark.parametrize("pages", [1, 2])
def test_a_first_run_that_is_cut_off_goes_on_where_it_was(
    server: Mastodon, channel: MastodonChannel, pages: int
) -> None:
    ids = [server.mention("jan@elders.example", f"vraag {n}") for n in range(200)]
    run = channel.pull(None)
    first = [next(run) for _ in range(pages)]
    keys = [item.key for page in first for item in page.items]
    _, rest, _ = read(channel, first[-1].cursor)
    assert [*keys, *(item.key for item in rest)] == [f"mention:{one}" for one in ids]


def test_the_start_is_kept_even_when_there_was_nothing_to_read(server: Mastodon, base: str, clock: MovingClock) -> None:
    channel = MastodonChannel(connected(server, base, backfill_days=0), clock=clock)
    server.mention("jan@elders.example", "oud", created_at=clock() - timedelta(days=1))
    _, items, cursor = read(channel)
    assert items == []
    new = server.mention("jan@elders.example", "nieuw")
    assert [one.external_id for one in read(channel, cursor)[0]] == [new]


def test_a_mention_that_the_accounts_policy_filters_is_read_too(server: Mastodon, channel: MastodonChannel) -> None:
    hidden = server.mention("stranger@elders.example", "Hallo", filtered=True)
    assert [one.external_id for one in read(channel)[0]] == [hidden]


def test_an_edit_and_a_deletion_are_found_by_looking_again(
    server: Mastodon, channel: MastodonChannel, clock: MovingClock
) -> None:
    first, second = (server.mention("jan@elders.example", text) for text in ("fout", "weg"))
    _, _, cursor = read(channel)
    server.edit(first, "goed")
    server.delete(second)
    assert read(channel, cursor)[0] == []  # not yet looked at again
    clock.move(minutes=16)
    said, items, cursor = read(channel, cursor)
    assert said == [
        Revision(first, "goed", revised_at=server.statuses[first].edited_at and said[0].revised_at),  # type: ignore[union-attr]
        Withdrawal(second),
    ]
    assert len({item.key for item in items}) == 2
    clock.move(minutes=16)
    assert read(channel, cursor)[0] == []
    server.edit(first, "beter nog")
    clock.move(minutes=16)
    (again,), (item,), _ = read(channel, cursor)
    assert isinstance(again, Revision)
    assert again.text == "beter nog"
    assert item.key not in {one.key for one in items}


def test_a_post_that_cannot_be_looked_at_is_not_taken_for_a_deleted_one(
    server: Mastodon, channel: MastodonChannel, clock: MovingClock
) -> None:
    server.mention("jan@elders.example", "hier")
    _, _, cursor = read(channel)
    clock.move(minutes=16)
    for nonsense in (b"[]", b"5", b"{}"):
        server.faults.answer(b"[]", "application/json", path="/api/v1/statuses")
        server.faults.answer(nonsense, "application/json", path="/api/v1/statuses/")
        with pytest.raises(Unreachable, match="no post"):
            read(channel, cursor)


def test_a_server_that_forgets_a_post_in_its_list_withdraws_nothing(
    server: Mastodon, channel: MastodonChannel, clock: MovingClock
) -> None:
    server.mention("jan@elders.example", "hier")
    _, _, cursor = read(channel)
    clock.move(minutes=16)
    server.faults.answer(b"[]", "application/json", path="/api/v1/statuses")
    assert read(channel, cursor)[0] == []


def test_a_colleagues_post_in_the_app_is_an_own_post(server: Mastodon, channel: MastodonChannel) -> None:
    asked = server.mention("jan@elders.example", "Wanneer?")
    posted = server.in_the_app("@jan@elders.example Morgen", reply_to=asked)
    said, _, _ = read(channel)
    assert said[1] == OwnPost(posted, "@jan Morgen", asked, "Gemeente Voorbeeldstad", said[1].sent_at)  # type: ignore[union-attr]


def test_posts_of_our_own_come_whoever_made_them(server: Mastodon, channel: MastodonChannel) -> None:
    asked = server.mention("jan@elders.example", "Wanneer?")
    _, _, cursor = read(channel)
    sent = channel.send(answer(asked, "Morgen"))
    other = server.in_the_app("Van een collega")
    assert [one.external_id for one in read(channel, cursor)[0]] == [sent.external_id, other]


def test_a_picture_comes_along_and_one_that_is_away_is_still_named(
    server: Mastodon, base: str, channel: MastodonChannel
) -> None:
    private = {"id": "78", "type": "image", "preview_url": "http://127.0.0.1:9/geheim.png", "description": "Tweede"}
    server.mention("jan@elders.example", "Kijk", media=[server.picture(base, "Een put"), private])
    (said,), _, _ = read(channel)
    assert isinstance(said, Reaction)
    assert [(a.name, a.content_type, a.content is None, a.alt) for a in said.attachments] == [
        ("77.png", "image/png", False, "Een put"),
        ("geheim.png", "application/octet-stream", True, "Tweede"),
    ]


def test_the_ledger_finds_every_mention_that_the_server_holds(server: Mastodon, channel: MastodonChannel) -> None:
    for number in range(100):
        server.mention("jan@elders.example", str(number))
    _, items, _ = read(channel)
    assert list(channel.inventory()) == [item.key for item in reversed(items)]


@pytest.mark.chaos
def test_ten_thousand_mentions_are_read_in_constant_memory(
    server: Mastodon, base: str, channel: MastodonChannel, clock: MovingClock
) -> None:
    server.page_limit = 100_000
    for number in range(10_000):
        server.mention("jan@elders.example", f"vraag {number} " + "x" * 200)
    seen, before = 0, 0
    for number, page in enumerate(channel.pull(None)):
        seen += sum(len(channel.parse(item)) for item in page.items)
        if number == 10:
            before = resident_bytes()
    assert seen == 10_000
    assert resident_bytes() - before < 50 * 1_048_576


def test_the_cursor_stays_small(server: Mastodon, channel: MastodonChannel) -> None:
    for number in range(600):
        server.mention("jan@elders.example", str(number))
    _, _, cursor = read(channel)
    assert len(cursor) < 30_000
    assert len(json.loads(cursor)) == 3 + 400


def test_reading_stops_before_the_allowance_is_used_and_goes_on_afterwards(
    server: Mastodon, channel: MastodonChannel, clock: MovingClock
) -> None:
    server.moment = clock()
    cursor: str | None = read(channel)[2]
    server.page_used = 0
    ids = [server.mention("jan@elders.example", str(n), created_at=clock()) for n in range(400)]
    server.page_limit = 8
    said, _, cursor = read(channel, cursor)
    assert 0 < len(said) < len(ids)
    assert server.page_limit - server.page_used >= 5
    with pytest.raises(Unreachable) as held:
        read(channel, cursor)
    assert held.value.retry_after == pytest.approx(900, abs=2)
    clock.move(minutes=16)
    server.page_used, server.moment, server.page_limit = 0, clock(), 300
    rest, _, _ = read(channel, cursor)
    assert [one.external_id for one in (*said, *rest)] == ids


def test_the_page_tells_what_is_left(server: Mastodon, channel: MastodonChannel) -> None:
    server.mention("jan@elders.example", "Hallo")
    quotas = [page.quotas for page in channel.pull(None)][-1]
    assert [(q.unit, q.limit) for q in quotas] == [("calls (reading)", 300.0)]


def test_too_many_requests_says_when_to_come_back(server: Mastodon, channel: MastodonChannel) -> None:
    server.faults.fail(429, retry_after="37")
    with pytest.raises(Unreachable) as refused:
        read(channel)
    assert refused.value.retry_after == 37


@pytest.mark.parametrize("trouble", ["html", "half", "endless", "redirect", "failing", "object", "strings"])
def test_a_broken_answer_is_unreachable_with_a_sentence(
    server: Mastodon, channel: MastodonChannel, trouble: str
) -> None:
    server.faults.be(trouble)
    with pytest.raises(Unreachable, match=r"Mastodon .*\."):
        read(channel)


def test_a_token_that_was_withdrawn_is_said(server: Mastodon, channel: MastodonChannel) -> None:
    server.tokens.clear()
    with pytest.raises(Unreachable, match="connect the account again"):
        read(channel)
    assert "connect the account again" in str(channel.check().problem)


def test_an_account_that_is_not_connected_says_so(base: str) -> None:
    channel = KIND.build(AccountConfig(1, "Mastodon", MastodonSettings(api_url=base), ""))
    assert isinstance(channel, MastodonChannel)
    assert channel.check().problem == "This account is not connected yet: choose Connect."
    with pytest.raises(Unreachable, match="choose Connect"):
        list(channel.pull(None))
