import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given

from app.channels.contract import (
    AccountConfig,
    AttachmentOut,
    Moderation,
    OutgoingMessage,
    OwnPost,
    RawItem,
    Reaction,
    Refused,
    Revision,
    Sent,
    Uncertain,
    Unreachable,
    Withdrawal,
    capabilities,
)
from app.channels.social.vimeo import KIND, SCOPES, VimeoChannel
from app.channels.social.vimeo_parse import parse_comment
from app.channels.social.vimeo_settings import VimeoSettings
from app.vocabulary import Verdict, Visibility
from tests.channels.social.resident import resident_bytes
from tests.channels.social.shown import item_of, meaning_of, mutated, parsed_or_unreadable, recorded, shown
from tests.channels.social.vimeo_setup import Setup, answer, connected, set_up
from tests.emulators.run import serve
from tests.emulators.vimeo import CLIENT, TOKEN, Vimeo
from tests.emulators.vimeo_state import OWN

BACK = "https://weerklank.voorbeeldstad.example/desk/back"


@pytest.fixture
def setup() -> Iterator[Setup]:
    service = Vimeo()
    with serve(service.app) as base:
        yield set_up(service, base)


@pytest.fixture
def asked(setup: Setup) -> str:
    return setup.service.comment(setup.service.video("Raadsvergadering"), "Wanneer?")


@pytest.mark.parametrize("path", recorded("vimeo"), ids=lambda path: path.stem)
def test_a_recorded_item_means_what_it_means(path: Path) -> None:
    assert shown(parse_comment(item_of(path), OWN[0])) == meaning_of(path)


@given(mutated("vimeo"))
def test_whatever_comes_is_understood_or_unreadable(item: RawItem) -> None:
    parsed_or_unreadable(lambda one: parse_comment(one, OWN[0]), item)


def test_the_kind_builds_a_channel_that_can_do_what_vimeo_can(setup: Setup) -> None:
    channel = KIND.build(AccountConfig(1, "Vimeo", connected(setup.base), ""))
    assert capabilities(channel) == ("Pulls", "Lists", "Sends", "Amends", "Moderates", "Connects", "Revokes")
    labels = [field["labels"] for field in VimeoSettings.model_json_schema()["properties"].values()]
    assert all(label["nl"] and label["en"] for label in labels)


# --- reading ---------------------------------------------------------------------------------------------------------


def test_comments_of_the_last_days_come_oldest_first_with_their_replies(setup: Setup) -> None:
    video = setup.service.video("Raadsvergadering")
    setup.service.comment(video, "te oud")
    setup.later(days=31)
    first = setup.service.comment(video, "een")
    setup.service.comment(video, "drie")
    reply = setup.service.comment(first, "twee", ("7000056", "Bas Anders"))
    found = {one.external_id: one for one in setup.read() if isinstance(one, Reaction)}
    assert [one.text for one in found.values()] == ["een", "twee", "drie"]
    assert (found[reply].parent_id, found[reply].root_id, found[first].parent_id) == (first, first, "")
    assert found[reply].subject == found[first].subject
    assert found[first].author.address == "vimeo:7000055"


def test_a_look_at_nothing_new_costs_one_call_and_brings_nothing(setup: Setup, asked: str) -> None:
    setup.read()
    setup.later(minutes=1)
    calls = len(setup.service.faults.requests)
    assert setup.read() == []
    assert len(setup.service.faults.requests) == calls + 1


def test_a_new_comment_is_seen_at_once_and_a_reply_below_an_old_one_too(setup: Setup, asked: str) -> None:
    setup.read()
    setup.later(minutes=1)
    setup.service.comment(asked.rpartition("/comments")[0], "nieuw")
    setup.service.comment(asked, "antwoord van een ander")
    assert setup.texts() == ["antwoord van een ander", "nieuw"]


def test_an_edit_is_found_at_the_next_whole_look_also_when_the_words_come_back(setup: Setup, asked: str) -> None:
    setup.read()
    keys: list[str] = []
    for text in ("twee", "een", "twee"):
        setup.service.edit(asked, text)
        setup.later(minutes=16)
        (revision,) = setup.read()
        assert revision == Revision(asked, text, revised_at=setup.clock())
        keys += setup.keys
    assert len(set(keys)) == 3
    setup.later(minutes=16)
    assert setup.read() == []


def test_what_is_deleted_is_withdrawn_once_with_its_replies(setup: Setup, asked: str) -> None:
    reply = setup.service.comment(asked, "ik ook")
    kept = setup.service.comment(asked.rpartition("/comments")[0], "blijft")
    setup.read()
    setup.service.remove(asked)
    setup.later(minutes=16)
    assert setup.read() == [Withdrawal(asked, setup.clock()), Withdrawal(reply, setup.clock())]
    setup.service.remove(kept)
    setup.later(minutes=16)
    assert setup.read() == [Withdrawal(kept, setup.clock())]
    setup.later(minutes=16)
    assert setup.read() == []


def test_comments_that_are_closed_or_a_video_that_is_gone_withdraw_nothing(setup: Setup, asked: str) -> None:
    setup.read()
    video = setup.service.videos[asked.split("/")[2]]
    video.closed = True
    setup.later(minutes=16)
    assert setup.read() == []
    del setup.service.videos[video.id]
    setup.later(minutes=16)
    assert setup.read() == []


def test_a_colleagues_reply_comes_and_a_comment_of_ours_that_answers_nobody_does_not(setup: Setup, asked: str) -> None:
    setup.service.comment(asked, "Morgen.", OWN)
    setup.service.comment(asked.rpartition("/comments")[0], "Kijk ook deel 2", OWN)
    *_, own = setup.read()
    assert isinstance(own, OwnPost)
    assert (own.text, own.parent_id, own.author_name) == ("Morgen.", asked, OWN[1])


def test_a_run_that_is_cut_off_goes_on_at_its_page(setup: Setup) -> None:
    for name in ("deel 1", "deel 2"):
        video = setup.service.video(name)
        for number in range(250):
            setup.service.comment(video, f"{name}: {number}")
    run = setup.channel.pull(None)
    pages = [next(run) for _ in range(5)]
    setup.cursor = pages[-1].cursor
    assert setup.texts() == [f"deel 2: {number}" for number in range(200, 250)]
    setup.later(minutes=16)
    assert setup.read() == []


def test_only_the_newest_of_a_long_thread_are_looked_at_again(setup: Setup) -> None:
    video = setup.service.video("Raadsvergadering")
    uris = [setup.service.comment(video, f"reactie {number}") for number in range(900)]
    setup.read()
    setup.service.edit(uris[-1], "anders")
    setup.later(minutes=16)
    calls = len(setup.service.faults.requests)
    assert setup.texts() == ["anders"]
    assert len(setup.service.faults.requests) - calls <= 5
    assert len(setup.cursor or "") < 60_000
    for uri in uris[100:]:
        setup.service.remove(uri)
    setup.later(minutes=16)
    assert "gone" in setup.texts()


def test_reading_stops_before_the_allowance_is_used_up_and_goes_on_later(setup: Setup) -> None:
    video = setup.service.video("Raadsvergadering")
    for number in range(1000):
        setup.service.comment(video, f"reactie {number}")
    setup.service.limit = 12
    texts: dict[str, None] = {}
    waits: list[tuple[float | None, int]] = []
    while len(texts) < 1000:
        try:
            for page in setup.channel.pull(setup.cursor):
                setup.cursor = page.cursor
                texts |= {str(json.loads(item.body)["text"]): None for item in page.items}
        except Unreachable as error:
            waits.append((error.retry_after, setup.service.limit - setup.service.used))
            setup.later(minutes=1)
    assert list(texts) == [f"reactie {number}" for number in range(1000)]
    assert set(waits) == {(60, 5)}


def test_what_is_no_answer_of_vimeos_is_unreachable(setup: Setup, asked: str) -> None:
    misbehaviour: list[Callable[[], None]] = [
        lambda: setup.service.faults.fail(500),
        lambda: setup.service.faults.fail(429, retry_after="7"),
        lambda: setup.service.faults.fail(403),
        lambda: setup.service.faults.answer(b"<html>Sorry</html>"),
        lambda: setup.service.faults.answer(b'[{"uri": "/videos/1"}]', "application/json"),
        lambda: setup.service.faults.answer(b'{"data": [{"uri": 4}]}', "application/json"),
        lambda: setup.service.faults.answer(b'{"data": "none"}', "application/json"),
        setup.service.faults.half,
        setup.service.faults.endless,
        setup.service.faults.redirect,
    ]
    for misbehave in misbehaviour:
        misbehave()
        with pytest.raises(Unreachable):
            setup.read()
        setup.service.faults.waiting.clear()
    setup.service.valid = False
    with pytest.raises(Unreachable, match="connect the account again"):
        setup.read()
    setup.service.valid = True
    assert setup.texts() == ["Wanneer?"]


# --- answering -------------------------------------------------------------------------------------------------------


def test_an_answer_is_a_reply_also_to_a_reply(setup: Setup, asked: str) -> None:
    reply = setup.service.comment(asked, "En daarna?")
    sent = setup.channel.send(answer(asked, "Morgen 😀"))
    again = setup.channel.send(answer(reply, "Overmorgen", root=asked))
    assert [setup.service.at(one.external_id).parent for one in (sent, again)] == [setup.service.at(asked)] * 2
    assert setup.service.said() == ["Morgen 😀", "Overmorgen"]


def test_without_a_comment_it_stands_under_the_video(setup: Setup, asked: str) -> None:
    sent = setup.channel.send(answer("", "Kijk ook deel 2", video=asked.rpartition("/comments")[0]))
    assert setup.service.at(sent.external_id).parent is None
    for message in (OutgoingMessage("d", None, "x", visibility=Visibility.PUBLIC), answer("", "x", video="/me")):
        with pytest.raises(Refused):
            setup.channel.send(message)


def test_an_answer_is_never_wider_than_asked(setup: Setup, asked: str) -> None:
    file = AttachmentOut("a.pdf", "application/pdf", 1, lambda: b"x")
    for message in (answer(asked, "x", visibility=Visibility.PRIVATE), answer(asked, "x", attachments=(file,))):
        with pytest.raises(Refused):
            setup.channel.send(message)
    assert setup.service.said() == []


def test_what_vimeo_says_of_an_answer_is_what_becomes_of_it(setup: Setup, asked: str) -> None:
    with pytest.raises(Refused, match="spam"):
        setup.channel.send(answer(asked, "spam"))
    for status, outcome in ((401, Unreachable), (403, Refused), (404, Refused), (429, Unreachable), (503, Uncertain)):
        setup.service.faults.fail(status)
        with pytest.raises(outcome):
            setup.channel.send(answer(asked, "Morgen"))
    setup.service.faults.answer(b'{"uri": 5}', "application/json")
    with pytest.raises(Uncertain):
        setup.channel.send(answer(asked, "Morgen"))
    assert setup.service.said() == []


def test_an_answer_that_was_accepted_in_silence_is_found(setup: Setup, asked: str) -> None:
    setup.service.comment(asked, "Morgen", ("7000056", "Bas Anders"))
    known = setup.service.comment(asked, "Morgen", OWN)
    message = answer(asked, "Morgen", references=(asked, known))
    assert setup.channel.find_sent(message) is None
    setup.service.faults.silent_after_accepting()
    with pytest.raises(Uncertain):
        setup.channel.send(message)
    found = setup.channel.find_sent(message)
    assert isinstance(found, Sent)
    assert found.external_id not in (asked, known)
    setup.service.faults.fail(500)
    with pytest.raises(Uncertain):
        setup.channel.find_sent(message)


def test_an_answer_is_corrected_and_taken_back(setup: Setup, asked: str) -> None:
    sent = setup.channel.send(answer(asked, "Morgen"))
    assert setup.channel.amend(sent, answer(asked, "Overmorgen")) == sent
    assert setup.service.said() == ["Overmorgen"]
    for _ in range(2):
        setup.channel.retract(sent)
    assert setup.service.said() == []
    with pytest.raises(Refused):
        setup.channel.retract(Sent("/users/1"))


def test_a_comment_can_be_removed_and_nothing_else(setup: Setup, asked: str) -> None:
    with pytest.raises(Refused, match="only delete"):
        setup.channel.moderate(Moderation(asked, Verdict.HIDE, "Onfatsoenlijk"))
    for _ in range(2):
        setup.channel.moderate(Moderation(asked, Verdict.REMOVE, "Strafbaar"))
    with pytest.raises(KeyError):
        setup.service.at(asked)


# --- connecting ------------------------------------------------------------------------------------------------------


def back(setup: Setup, url: str) -> dict[str, str]:
    address = httpx.get(url, follow_redirects=False, trust_env=False).headers["location"]
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_consent_gives_the_account_and_its_rights(setup: Setup) -> None:
    new = VimeoSettings.model_validate({"client_id": CLIENT[0], "client_secret": CLIENT[1], "api_url": setup.base})
    channel = VimeoChannel(new, clock=setup.clock)
    assert "Connect" in str(channel.check().problem)
    consent = channel.consent(BACK, "st")
    query = back(setup, consent.url)
    assert query["state"] == "st"
    filled = channel.connected(BACK, query, consent.keep)
    assert isinstance(filled, VimeoSettings)
    assert (filled.access_token.get_secret_value(), filled.user_id, filled.scopes) == (TOKEN, OWN[0], SCOPES)
    health = VimeoChannel(filled, clock=setup.clock).check()
    assert (health.problem, [quota.limit for quota in health.quotas]) == (None, [250.0])


def test_consent_that_is_denied_or_gives_too_little_is_refused(setup: Setup) -> None:
    setup.service.denies = True
    with pytest.raises(Refused, match="No consent"):
        setup.channel.connected(BACK, back(setup, setup.channel.consent(BACK, "st").url), {})
    with pytest.raises(Refused, match="isn't valid"):
        setup.channel.connected(BACK, {"code": "another"}, {})
    setup.service.scopes = "public"
    with pytest.raises(Refused, match="interact"):
        setup.channel.connected(BACK, {"code": "code-v"}, {})
    with pytest.raises(Refused, match="client id"):
        VimeoChannel(VimeoSettings()).consent(BACK, "st")


def test_the_account_says_what_is_wrong(setup: Setup) -> None:
    setup.service.valid = False
    assert "connect the account again" in str(setup.channel.check().problem)
    setup.service.valid = True
    few = VimeoChannel(connected(setup.base, scopes=("public", "private")), clock=setup.clock)
    assert few.check().missing_scopes == ("interact", "edit", "delete")


@pytest.mark.chaos
def test_a_backlog_of_ten_thousand_comments_is_read_in_constant_memory(setup: Setup) -> None:
    setup.service.limit = 10**6
    for name in range(10):
        video = setup.service.video(f"deel {name}")
        for number in range(1000):
            setup.service.comment(video, f"reactie {number}: " + "tekst " * 30)
    run = setup.channel.pull(None)
    seen = len(next(run).items)
    before = resident_bytes()
    for page in run:
        seen += len(page.items)
        assert len(page.cursor) < 300_000
        json.loads(page.cursor)
    assert seen == 10_000
    assert resident_bytes() - before < 50 * 1_048_576


def test_disconnecting_ends_the_token_at_vimeo(setup: Setup) -> None:
    assert setup.channel.check().problem is None
    setup.channel.revoke()
    assert "no longer knows us" in str(setup.channel.check().problem)
