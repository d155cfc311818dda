"""Answering on Mastodon through the emulated server: under the question, to whom it concerns, and once."""

from collections.abc import Iterator

import pytest

from app.channels.contract import AttachmentOut, Refused, Sent, Uncertain
from app.channels.social.mastodon import MastodonChannel
from app.vocabulary import Visibility
from tests.channels.social.mastodon_setup import answer, connected
from tests.channels.social.moving_clock import MovingClock
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
    channel = MastodonChannel(connected(server, base, split=True), clock=clock)
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


def test_of_several_posts_what_stands_there_is_not_said_again_an_hour_later(
    server: Mastodon, base: str, clock: MovingClock
) -> None:
    channel = MastodonChannel(connected(server, base, split=True), clock=clock)
    asked = server.mention("jan@elders.example", "Wanneer?")
    text = " ".join(f"woord{number}" for number in range(150))
    channel.send(answer(asked, text))
    first, second, third = server.posted()
    server.delete(third.id)
    server.idempotent.clear()
    assert channel.find_sent(answer(asked, text)) is None
    sent = channel.send(answer(asked, text, again=True))
    assert (sent.external_id, sent.also[0]) == (first.id, second.id)
    assert [one.text[-5:] for one in server.posted()] == ["(1/3)", "(2/3)", "(3/3)"]


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
