import json
from collections.abc import Callable, Iterator

import pytest

from app.channels.contract import OwnPost, Reaction, Revision, Unreachable, Withdrawal
from app.vocabulary import Visibility
from tests.channels.social.flickr_setup import Setup, answer, set_up
from tests.channels.social.resident import resident_bytes
from tests.emulators.flickr import Flickr
from tests.emulators.flickr_state import ANNA, BAS, OWN
from tests.emulators.run import serve


@pytest.fixture
def setup() -> Iterator[Setup]:
    service = Flickr()
    with serve(service.app) as base:
        yield set_up(service, base)


@pytest.fixture
def photo(setup: Setup) -> str:
    return setup.service.photo("De nieuwe brug")


@pytest.fixture
def asked(setup: Setup, photo: str) -> str:
    return setup.service.comment(photo, "Wanneer open?")


def test_comments_of_the_last_days_come_with_their_photo(setup: Setup, photo: str) -> None:
    setup.service.comment(photo, "te oud")
    setup.later(days=31)
    setup.service.comment(photo, "Mooi & <hoog>!\nWanneer open?")
    (reaction, _) = setup.read()
    assert isinstance(reaction, Reaction)
    assert reaction.text == "Mooi & <hoog>!\nWanneer open?"
    assert reaction.author.address == "flickr:35468159852@n01"
    assert reaction.subject is not None
    assert (reaction.subject.key, reaction.subject.title) == (photo, "De nieuwe brug")
    assert reaction.subject.url == f"{setup.base}/photos/{OWN[0]}/{photo}"
    assert reaction.visibility is Visibility.PUBLIC


def test_a_comment_under_a_photo_that_few_may_see_is_not_public(setup: Setup) -> None:
    setup.service.comment(setup.service.photo("besloten", public=False), "Mooi")
    (reaction, _) = setup.read()
    assert isinstance(reaction, Reaction)
    assert reaction.visibility is Visibility.UNLISTED


def test_only_what_is_new_comes_again(setup: Setup, photo: str, asked: str) -> None:
    assert setup.texts() == ["Wanneer open?"]
    assert setup.texts() == []
    setup.later(seconds=30)
    setup.service.comment(photo, "En hoe laat?", BAS)
    assert setup.texts() == ["En hoe laat?"]
    setup.later(hours=2)
    setup.read()
    setup.later(minutes=1)
    calls = len(setup.service.faults.requests)
    assert setup.texts() == []
    assert len(setup.service.faults.requests) == calls + 1


def test_two_comments_of_one_second_are_both_read(setup: Setup, photo: str, asked: str) -> None:
    setup.read()
    setup.service.comment(photo, "in dezelfde tel", BAS)
    assert setup.texts() == ["in dezelfde tel"]


@pytest.mark.parametrize("pages", [True, False])
def test_a_storm_of_one_second_is_read_whole(setup: Setup, photo: str, pages: bool) -> None:
    setup.service.pages_comments = pages
    texts = {f"reactie {number}" for number in range(350)}
    for text in sorted(texts):
        setup.service.comment(photo, text)
    setup.later(seconds=1)
    setup.service.comment(photo, "en daarna", BAS)
    assert set(setup.texts()) == texts | {"en daarna"}


@pytest.mark.parametrize("pages", [True, False])
def test_a_long_list_is_read_whole_whether_flickr_pages_it_or_not(setup: Setup, photo: str, pages: bool) -> None:
    setup.service.pages_comments = pages
    texts = []
    for number in range(350):
        if number % 40 == 0:
            setup.later(seconds=1)
        texts.append(f"reactie {number}")
        setup.service.comment(photo, texts[-1])
    assert sorted(setup.texts()) == sorted(texts)


def test_an_edit_is_found_also_when_the_words_come_back(setup: Setup, asked: str) -> None:
    setup.read()
    keys: list[str] = []
    for text in ("twee", "een", "twee"):
        setup.service.edit(asked, text)
        setup.later(minutes=61)
        assert setup.read() == [Revision(asked, text, revised_at=setup.clock())]
        keys += setup.keys
    assert len(set(keys)) == 3
    setup.later(days=15)
    setup.service.edit(asked, "te laat gezien")
    assert setup.read() == []


def test_what_is_deleted_is_withdrawn_once(setup: Setup, photo: str, asked: str) -> None:
    kept = setup.service.comment(photo, "blijft", BAS)
    setup.read()
    setup.service.remove(asked)
    setup.later(minutes=61)
    assert setup.read() == [Withdrawal(asked, setup.clock())]
    setup.service.remove(kept)
    setup.later(minutes=61)
    assert setup.read() == [Withdrawal(kept, setup.clock())]
    setup.later(minutes=61)
    assert setup.read() == []


def test_a_photo_that_is_gone_withdraws_nothing(setup: Setup, photo: str, asked: str) -> None:
    setup.read()
    del setup.service.photos[photo]
    setup.later(minutes=61)
    assert setup.read() == []


def test_a_later_comment_belongs_with_the_authors_last_and_with_what_it_answers(
    setup: Setup, photo: str, asked: str
) -> None:
    setup.read()
    setup.later(minutes=1)
    other = setup.service.comment(photo, "Mooi", BAS)
    sent = setup.channel.send(answer(photo, asked, "Zaterdag"))
    setup.later(minutes=3)
    setup.service.comment(photo, f"[https://www.flickr.com/photos/{OWN[0]}] Dank!", ANNA)
    setup.service.comment(photo, "Heel mooi", BAS)
    found = [one for one in setup.read() if isinstance(one, Reaction | OwnPost)]
    _, own, thanks, again = found
    assert isinstance(own, OwnPost)
    assert (own.external_id, own.parent_id) == (sent.external_id, asked)
    assert isinstance(thanks, Reaction)
    assert thanks.references == (sent.external_id, asked)
    assert isinstance(again, Reaction)
    assert again.references == (other,)
    assert again.parent_id == ""


def test_a_colleagues_comment_belongs_with_the_one_above_it(setup: Setup, photo: str, asked: str) -> None:
    setup.service.comment(photo, "Zaterdag", OWN)
    *_, own = setup.read()
    assert isinstance(own, OwnPost)
    assert (own.parent_id, own.text) == (asked, "Zaterdag")


def test_what_follows_an_answer_of_ours_at_once_comes_with_it(setup: Setup, photo: str, asked: str) -> None:
    sent = setup.channel.send(answer(photo, asked, "Zaterdag"))
    setup.service.comment(photo, "Mooi", BAS)
    setup.service.comment(photo, f"[https://www.flickr.com/photos/{OWN[0]}] Dank!", ANNA)
    _, own, mooi, thanks = [one for one in setup.read() if isinstance(one, Reaction | OwnPost)]
    assert isinstance(own, OwnPost)
    assert (own.external_id, own.parent_id) == (sent.external_id, asked)
    assert mooi.text == "Mooi"
    assert isinstance(thanks, Reaction)
    assert thanks.references == (sent.external_id, asked)
    assert setup.read() == []


def test_a_comment_of_ours_that_answers_nobody_is_left_alone(setup: Setup, photo: str) -> None:
    setup.service.comment(photo, "Volg ons", OWN)
    setup.later(minutes=3)
    assert setup.read() == []


def test_a_run_that_is_cut_off_goes_on(setup: Setup) -> None:
    for number in range(6):
        setup.service.comment(setup.service.photo(f"foto {number}"), f"reactie {number}")
        setup.later(seconds=1)
    run = setup.channel.pull(None)
    texts = [json.loads(item.body)["_content"] for page in (next(run), next(run)) for item in page.items]
    setup.cursor = None
    for page in setup.channel.pull(None):
        setup.cursor = page.cursor
        break
    assert texts + setup.texts()[1:] == [f"reactie {number}" for number in range(6)]
    assert setup.texts() == []


def test_no_more_than_an_hours_calls_are_made_in_an_hour(setup: Setup, asked: str) -> None:
    setup.read()
    http = setup.channel._api._http
    http._calls = 3595  # type: ignore[attr-defined]
    with pytest.raises(Unreachable) as caught:
        while True:
            setup.read()
    assert caught.value.retry_after == 3600
    setup.later(hours=1, seconds=1)
    assert setup.read() == []


def test_what_is_no_answer_of_flickrs_is_unreachable(setup: Setup, asked: str) -> None:
    misbehaviour: list[Callable[[], None]] = [
        lambda: setup.service.faults.fail(500),
        lambda: setup.service.faults.fail(429, retry_after="7"),
        lambda: setup.service.failures.append(105),
        lambda: setup.service.failures.append(98),
        lambda: setup.service.failures.append(99),
        lambda: setup.service.faults.answer(b"<html>Sorry</html>"),
        lambda: setup.service.faults.answer(b"[]", "application/json"),
        lambda: setup.service.faults.answer(b'{"stat": "perhaps"}', "application/json"),
        lambda: setup.service.faults.answer(b'{"stat": "ok", "photos": {"photo": [4]}}', "application/json"),
        lambda: setup.service.faults.answer(b'{"stat": "ok", "photos": {"photo": [{"id": 4}]}}', "application/json"),
        setup.service.faults.half,
        setup.service.faults.endless,
        setup.service.faults.redirect,
    ]
    for misbehave in misbehaviour:
        misbehave()
        with pytest.raises(Unreachable):
            setup.read()
        setup.service.faults.waiting.clear()
    assert setup.texts() == ["Wanneer open?"]


@pytest.mark.chaos
def test_a_backlog_of_ten_thousand_comments_is_read_in_constant_memory(setup: Setup) -> None:
    for name in range(100):
        photo = setup.service.photo(f"foto {name}")
        for number in range(100):
            setup.service.comment(photo, f"reactie {number}: " + "tekst " * 30)
    run = setup.channel.pull(None)
    seen = {item.key for item in next(run).items}
    before = resident_bytes()
    for page in run:
        seen |= {item.key for item in page.items}
        assert len(page.cursor) < 500_000
    assert len(seen) == 10_000
    assert resident_bytes() - before < 50 * 1_048_576
