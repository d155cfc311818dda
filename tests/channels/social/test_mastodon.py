"""Mastodon through the emulated server: in, out, and everything that goes wrong between."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from app.channels.contract import (
    AccountConfig,
    AttachmentOut,
    Incoming,
    OutgoingMessage,
    OwnPost,
    RawItem,
    Reaction,
    Recipient,
    Refused,
    Revision,
    Sent,
    Thread,
    Uncertain,
    Unreachable,
    Withdrawal,
)
from app.channels.social.mastodon import KIND, SCOPES, MastodonChannel
from app.channels.social.mastodon_settings import MastodonSettings
from app.vocabulary import AddressKind, Visibility
from tests.channels.social.moving_clock import MovingClock
from tests.channels.social.resident import resident_bytes
from tests.emulators.mastodon import Mastodon
from tests.emulators.run import serve

BACK = "https://desk.voorbeeldstad.example/back"


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
    return MastodonChannel(settings(server, base), clock=clock)


def settings(server: Mastodon, base: str, **more: object) -> MastodonSettings:
    token = SecretStr("token-of-gemeente")
    values = {"api_url": base, "access_token": token, "account_id": server.own.id, "scopes": SCOPES, **more}
    return MastodonSettings.model_validate(values)


def read(channel: MastodonChannel, cursor: str | None = None) -> tuple[list[Incoming], list[RawItem], str]:
    """What a run gives: meanings, items, and the cursor after it."""
    items: list[RawItem] = []
    for page in channel.pull(cursor):
        items += page.items
        cursor = page.cursor
    assert cursor is not None
    return [said for item in items for said in channel.parse(channel.complete(item))], items, cursor


def answer(parent: str, text: str, **more: object) -> OutgoingMessage:
    values: dict[str, object] = {
        "key": "delivery-1", "text": text, "thread": Thread(parent_id=parent), "visibility": Visibility.PUBLIC,
        "recipient": Recipient(AddressKind.HANDLE, "mastodon:jan@elders.example"),
    }  # fmt: skip
    return OutgoingMessage(**values | more)  # type: ignore[arg-type]


# --- in ------------------------------------------------------------------------------------------------------------


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
    channel = MastodonChannel(settings(server, base, backfill_days=0), clock=clock)
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


# --- limits and trouble -----------------------------------------------------------------------------------------------


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


# --- out -----------------------------------------------------------------------------------------------------------


def test_an_answer_stands_under_the_question_and_mentions_who_asked(server: Mastodon, channel: MastodonChannel) -> None:
    asked = server.mention("jan@elders.example", "Wanneer?", visibility="unlisted")
    sent = channel.send(answer(asked, "Morgen."))
    (posted,) = server.posted(asked)
    assert (posted.text, posted.visibility, posted.id) == ("@jan@elders.example Morgen.", "unlisted", sent.external_id)


@pytest.mark.parametrize("wanted", [Visibility.PUBLIC, Visibility.UNLISTED, Visibility.PRIVATE, Visibility.DIRECT])
def test_a_direct_message_is_never_answered_in_public(
    server: Mastodon, channel: MastodonChannel, wanted: Visibility
) -> None:
    asked = server.mention("els", "Mijn buurman heeft zorg nodig", visibility="direct")
    channel.send(answer(asked, "Wij bellen u.", visibility=wanted))
    assert [one.visibility for one in server.posted()] == ["direct"]


def test_an_answer_that_mentions_already_is_left_as_it_is(server: Mastodon, channel: MastodonChannel) -> None:
    asked = server.mention("jan@elders.example", "Wanneer?")
    channel.send(answer(asked, "Beste @jan@elders.example, morgen."))
    assert [one.text for one in server.posted()] == ["Beste @jan@elders.example, morgen."]


def test_sending_again_after_silence_gives_one_post(server: Mastodon, channel: MastodonChannel) -> None:
    asked = server.mention("jan@elders.example", "Wanneer?")
    server.faults.silent_after_accepting(path="/api/v1/statuses")
    with pytest.raises(Uncertain):
        channel.send(answer(asked, "Morgen."))
    found = channel.find_sent(answer(asked, "Morgen."))
    sent = channel.send(answer(asked, "Morgen."))
    assert found is not None
    assert (found.external_id, len(server.posted())) == (sent.external_id, 1)


def test_what_never_went_out_is_not_found(server: Mastodon, channel: MastodonChannel) -> None:
    asked = server.mention("jan@elders.example", "Wanneer?")
    server.in_the_app("@jan@elders.example Iets anders", reply_to=asked)
    server.faults.fail(500, method="POST")
    with pytest.raises(Uncertain):
        channel.send(answer(asked, "Morgen."))
    assert channel.find_sent(answer(asked, "Morgen.")) is None
    server.faults.fail(503, method="GET")
    with pytest.raises(Uncertain, match="cannot be looked up"):
        channel.find_sent(answer(asked, "Morgen."))


def test_a_publication_without_a_parent_is_posted_and_found(server: Mastodon, channel: MastodonChannel) -> None:
    message = answer("", "De brug is open: https://www.voorbeeldstad.example/brug", recipient=None)
    sent = channel.send(message)
    found = channel.find_sent(message)
    assert found is not None
    assert found.external_id == sent.external_id
    with pytest.raises(Refused, match="cannot be private"):
        channel.send(answer("", "Geheim", visibility=Visibility.DIRECT))


def test_a_question_that_is_gone_cannot_be_answered(server: Mastodon, channel: MastodonChannel) -> None:
    asked = server.mention("jan@elders.example", "Wanneer?")
    server.delete(asked)
    with pytest.raises(Refused) as refused:
        channel.send(answer(asked, "Morgen."))
    assert refused.value.code == "gone"


def test_a_text_that_is_too_long_is_refused_before_anything_is_posted(
    server: Mastodon, channel: MastodonChannel
) -> None:
    asked = server.mention("jan@elders.example", "Wanneer?")
    fits = "x" * (500 - len("@jan "))
    with pytest.raises(Refused, match="501 characters with the mention; 500 is the most"):
        channel.send(answer(asked, fits + "x"))
    assert server.posted() == []
    channel.send(answer(asked, fits))
    assert channel.limits.measure("x" * 468) == channel.limits.max_length


def test_a_long_text_is_split_only_where_that_was_chosen(server: Mastodon, base: str, clock: MovingClock) -> None:
    channel = MastodonChannel(settings(server, base, split=True), clock=clock)
    asked = server.mention("jan@elders.example", "Wanneer?")
    text = " ".join(f"woord{number}" for number in range(150))
    channel.send(answer(asked, text))
    channel.send(answer(asked, text))  # again: each part has its own key
    first, second, third = server.posted()
    assert [one.reply_to and one.reply_to.id for one in (first, second, third)] == [asked, first.id, second.id]
    assert [one.text[-5:] for one in (first, second, third)] == ["(1/3)", "(2/3)", "(3/3)"]
    assert channel.find_sent(answer(asked, text)) == Sent(
        first.id, f"https://{server.host}/@gemeente/{first.id}", first.created_at.replace(
            microsecond=first.created_at.microsecond // 1000 * 1000
        ), also=(second.id, third.id),
    )  # fmt: skip


def test_files_are_refused(server: Mastodon, channel: MastodonChannel) -> None:
    file = AttachmentOut("a.pdf", "application/pdf", 1, lambda: b"x")
    with pytest.raises(Refused, match="link"):
        channel.send(answer(server.mention("els", "Hoi"), "Zie", attachments=(file,)))
    assert channel.limits.max_attachments == 0


def test_an_answer_is_corrected_and_taken_back(server: Mastodon, channel: MastodonChannel) -> None:
    asked = server.mention("jan@elders.example", "Wanneer?")
    sent = channel.send(answer(asked, "Morgen."))
    assert channel.amend(sent, answer(asked, "Overmorgen.")).external_id == sent.external_id
    assert [one.text for one in server.posted()] == ["@jan@elders.example Overmorgen."]
    channel.retract(sent)
    channel.retract(sent)
    assert server.posted() == []
