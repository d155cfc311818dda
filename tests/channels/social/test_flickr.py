from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given

from app.channels.contract import (
    AccountConfig,
    AttachmentOut,
    Moderation,
    RawItem,
    Refused,
    Sent,
    Uncertain,
    Unreachable,
    capabilities,
)
from app.channels.social.flickr import KIND, FlickrChannel
from app.channels.social.flickr_parse import parse_comment
from app.channels.social.flickr_settings import FlickrSettings
from app.vocabulary import Verdict, Visibility
from tests.channels.social.flickr_setup import Setup, answer, connected, set_up
from tests.channels.social.shown import item_of, meaning_of, mutated, parsed_or_unreadable, recorded, shown
from tests.emulators.flickr import API_KEY, API_SECRET, TOKEN, TOKEN_SECRET, Flickr
from tests.emulators.flickr_state import ANNA, BAS, OWN
from tests.emulators.run import serve

BACK = "https://weerklank.voorbeeldstad.example/desk/back"


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


@pytest.mark.parametrize("path", recorded("flickr"), ids=lambda path: path.stem)
def test_a_recorded_item_means_what_it_means(path: Path) -> None:
    assert shown(parse_comment(item_of(path), OWN[0])) == meaning_of(path)


@given(mutated("flickr"))
def test_whatever_comes_is_understood_or_unreadable(item: RawItem) -> None:
    parsed_or_unreadable(lambda one: parse_comment(one, OWN[0]), item)


def test_the_kind_builds_a_channel_that_can_do_what_flickr_can(setup: Setup) -> None:
    channel = KIND.build(AccountConfig(1, "Flickr", connected(setup.base), ""))
    assert capabilities(channel) == ("Pulls", "Lists", "Sends", "Amends", "Moderates", "Connects")
    labels = [field["labels"] for field in FlickrSettings.model_json_schema()["properties"].values()]
    assert all(label["nl"] and label["en"] for label in labels)


def test_an_answer_stands_under_the_photo_and_is_addressed_to_whom_it_answers(
    setup: Setup, photo: str, asked: str
) -> None:
    sent = setup.channel.send(answer(photo, asked, "Zaterdag, één uur 😀 (a+b & c=d)"))
    found, comment = setup.service.at(sent.external_id)
    assert (found.id, comment.author) == (photo, OWN)
    assert comment.text == f"[{setup.base}/photos/{ANNA[0]}] Zaterdag, één uur 😀 (a+b & c=d)"
    setup.channel.send(answer(photo, "", "Kijk ook hier", recipient=None))
    assert setup.service.said()[-1] == "Kijk ook hier"


def test_what_cannot_be_said_here_is_refused_before_any_call(setup: Setup, photo: str, asked: str) -> None:
    file = AttachmentOut("a.pdf", "application/pdf", 1, lambda: b"x")
    for message in (
        answer(photo, asked, "x", visibility=Visibility.PRIVATE),
        answer(photo, asked, "x", visibility=Visibility.DIRECT),
        answer(photo, asked, "x", attachments=(file,)),
        answer("", asked, "x"),
        answer("12/../3", asked, "x"),
    ):
        with pytest.raises(Refused):
            setup.channel.send(message)
    assert setup.service.faults.requests == []


OUTCOMES = {
    1: Refused, 8: Refused, 9: Unreachable, 95: Unreachable, 98: Unreachable, 99: Refused, 100: Unreachable,
    105: Uncertain, 106: Uncertain, 112: Refused,
}  # fmt: skip


@pytest.mark.parametrize(("code", "outcome"), OUTCOMES.items())
def test_flickrs_two_hundred_that_is_a_failure_is_one(
    setup: Setup, photo: str, asked: str, code: int, outcome: type[Exception]
) -> None:
    setup.service.failures = [code]
    with pytest.raises(outcome):
        setup.channel.send(answer(photo, asked, "Zaterdag"))
    assert setup.service.said() == []


def test_an_answer_that_is_no_answer_of_flickrs_is_uncertain(setup: Setup, photo: str, asked: str) -> None:
    for body in (b"<html>", b"[]", b'{"stat": "maybe"}', b'{"stat": "ok"}', b'{"stat": "ok", "comment": {"id": 4}}'):
        setup.service.faults.answer(body, "application/json")
        with pytest.raises(Uncertain):
            setup.channel.send(answer(photo, asked, "Zaterdag"))


def test_an_answer_that_was_accepted_in_silence_is_found(setup: Setup, photo: str, asked: str) -> None:
    setup.service.comment(photo, "Zaterdag", BAS)
    setup.service.comment(photo, "Niet op Zaterdag", OWN)
    known = setup.service.comment(photo, "Zaterdag", OWN)
    message = answer(photo, asked, "Zaterdag", references=(asked, known))
    assert setup.channel.find_sent(message) is None
    setup.service.faults.silent_after_accepting()
    with pytest.raises(Uncertain):
        setup.channel.send(message)
    found = setup.channel.find_sent(message)
    assert isinstance(found, Sent)
    assert setup.service.at(found.external_id)[1].text.endswith("] Zaterdag")
    setup.service.failures = [105]
    with pytest.raises(Uncertain):
        setup.channel.find_sent(message)
    del setup.service.photos[photo]
    assert setup.channel.find_sent(message) is None


def test_an_answer_is_corrected_and_taken_back(setup: Setup, photo: str, asked: str) -> None:
    sent = setup.channel.send(answer(photo, asked, "Zaterdag"))
    assert setup.channel.amend(sent, answer(photo, asked, "Zondag")) == sent
    assert setup.service.said() == [f"[{setup.base}/photos/{ANNA[0]}] Zondag"]
    for _ in range(2):
        setup.channel.retract(sent)
    assert setup.service.said() == []


def test_a_comment_can_be_removed_and_nothing_else(setup: Setup, asked: str) -> None:
    with pytest.raises(Refused, match="only delete"):
        setup.channel.moderate(Moderation(asked, Verdict.HIDE, "Onfatsoenlijk"))
    for _ in range(2):
        setup.channel.moderate(Moderation(asked, Verdict.REMOVE, "Strafbaar"))
    with pytest.raises(KeyError):
        setup.service.at(asked)


def back(url: str) -> dict[str, str]:
    address = httpx.get(url, follow_redirects=False, trust_env=False).headers["location"]
    assert address.startswith(BACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_consent_gives_the_account_its_token(setup: Setup) -> None:
    urls = {"api_url": setup.base, "site_url": setup.base}
    new = FlickrSettings.model_validate({"api_key": API_KEY, "api_secret": API_SECRET, **urls})
    channel = FlickrChannel(new, clock=setup.clock)
    assert "Connect" in str(channel.check().problem)
    consent = channel.consent(BACK, "st&=x")
    query = back(consent.url)
    assert query["state"] == "st&=x"
    assert consent.keep["secret"] not in consent.url
    filled = channel.connected(BACK, query, consent.keep)
    assert isinstance(filled, FlickrSettings)
    assert (filled.token.get_secret_value(), filled.token_secret.get_secret_value()) == (TOKEN, TOKEN_SECRET)
    assert (filled.nsid, filled.user_name) == (OWN[0], OWN[1])
    health = FlickrChannel(filled, clock=setup.clock).check()
    assert (health.problem, [(quota.used, quota.limit) for quota in health.quotas]) == (None, [(1.0, 3600.0)])


def test_consent_that_goes_wrong_is_refused(setup: Setup) -> None:
    consent = setup.channel.consent(BACK, "st")
    query = back(consent.url)
    for wrong in ({}, {**query, "oauth_token": "another"}, {"denied": "1"}):
        with pytest.raises(Refused, match="No consent"):
            setup.channel.connected(BACK, wrong, consent.keep)
    with pytest.raises(Refused, match="verifier_invalid"):
        setup.channel.connected(BACK, {**query, "oauth_verifier": "v-9"}, consent.keep)
    with pytest.raises(Refused, match="consumer_key_unknown"):
        FlickrChannel(connected(setup.base, api_key="another")).consent(BACK, "st")
    with pytest.raises(Refused, match="API key"):
        FlickrChannel(FlickrSettings()).consent(BACK, "st")
    setup.service.faults.half()
    with pytest.raises(Unreachable):
        setup.channel.consent(BACK, "st")
    setup.service.faults.fail(502)
    with pytest.raises(Unreachable):
        setup.channel.consent(BACK, "st")
    setup.service.faults.answer(b"<html>Sorry</html>")
    with pytest.raises(Unreachable):
        setup.channel.consent(BACK, "st")


def test_the_account_says_what_is_wrong(setup: Setup) -> None:
    setup.service.perms = "read"
    assert setup.channel.check().missing_scopes == ("write",)
    setup.service.valid = False
    assert "connect the account again" in str(setup.channel.check().problem)
    setup.service.faults.answer(b'{"stat": "ok", "oauth": 4}', "application/json")
    assert setup.channel.check().problem
