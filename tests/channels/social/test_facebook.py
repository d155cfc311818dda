from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.channels.contract import (
    AccountConfig,
    AttachmentOut,
    Moderation,
    OutgoingMessage,
    Refused,
    Sent,
    Uncertain,
    Unreachable,
    capabilities,
)
from app.channels.social.facebook import KIND, FacebookChannel
from app.channels.social.facebook_connect import SCOPES
from app.channels.social.facebook_settings import FacebookSettings
from app.vocabulary import Verdict, Visibility
from tests.channels.social.facebook_setup import PAUL, Setup, answer, connected, items, set_up
from tests.channels.social.resident import resident_bytes
from tests.emulators.facebook import Facebook
from tests.emulators.facebook_state import APP_ID, APP_SECRET, PAGE_ID, PAGE_NAME, PAGE_TOKEN
from tests.emulators.run import serve

BACK = "https://weerklank.voorbeeldstad.example/desk/back"


@pytest.fixture
def setup() -> Iterator[Setup]:
    service = Facebook()
    with serve(service.app) as base:
        yield set_up(service, base)


@pytest.fixture
def asked(setup: Setup) -> str:
    return setup.service.comment(setup.service.post("De markt verhuist"), "Wanneer?")


def test_the_kind_builds_a_channel_that_can_do_what_the_page_can(setup: Setup) -> None:
    channel = KIND.build(AccountConfig(1, "Facebook", connected(setup.base), "https://x.example/hooks/k"))
    assert isinstance(channel, FacebookChannel)
    assert capabilities(channel) == (
        "Pulls",
        "Receives",
        "Completes",
        "Lists",
        "Sends",
        "Amends",
        "Moderates",
        "Connects",
        "Revokes",
    )
    labels = [field["labels"] for field in FacebookSettings.model_json_schema()["properties"].values()]
    assert all(label["nl"] and label["en"] for label in labels)


def test_an_answer_stands_under_the_comment(setup: Setup, asked: str) -> None:
    sent = setup.channel.send(answer(asked, "Op 1 december, geërgerde 😀"))
    assert setup.service.said(asked) == ["Op 1 december, geërgerde 😀"]
    assert setup.service.entries[sent.external_id].author == (PAGE_ID, PAGE_NAME)


def test_an_answer_to_an_answer_stands_under_the_same_comment(setup: Setup, asked: str) -> None:
    reply = setup.service.comment(asked, "Ik ook!", PAUL)
    setup.channel.send(answer(reply, "Ook voor u.", root=asked))
    assert setup.service.said(asked) == ["Ook voor u."]


def test_without_a_parent_it_is_a_post_of_the_page(setup: Setup) -> None:
    sent = setup.channel.send(OutgoingMessage("d-1", None, "De markt verhuist", visibility=Visibility.PUBLIC))
    assert setup.service.entries[sent.external_id].post is None


def test_what_is_too_long_or_has_a_file_is_refused_before_any_call(setup: Setup, asked: str) -> None:
    calls = len(setup.service.faults.requests)
    file = AttachmentOut("a.pdf", "application/pdf", 1, lambda: b"x")
    for message in (answer(asked, "x" * 8001), answer(asked, "zie bijlage", attachments=(file,))):
        with pytest.raises(Refused):
            setup.channel.send(message)
    assert len(setup.service.faults.requests) == calls
    assert setup.channel.send(answer(asked, "x" * 8000)).external_id


def test_what_is_no_id_of_facebooks_never_gets_into_an_address(setup: Setup) -> None:
    for wrong in ("../me", "1_2/likes", "1 2", "<a@b.example>"):
        with pytest.raises(Refused):
            setup.channel.send(answer(wrong, "x"))
        with pytest.raises(Refused):
            setup.channel.retract(Sent(wrong))
    assert setup.service.faults.requests == []


def test_a_private_answer_goes_to_the_author_only_and_once(setup: Setup, asked: str) -> None:
    private = answer(asked, "Uw zaak loopt.", visibility=Visibility.PRIVATE)
    setup.channel.send(private)
    assert setup.service.private == [(asked, "Uw zaak loopt.")]
    assert setup.service.said() == []
    with pytest.raises(Refused, match="already replied"):
        setup.channel.send(private)
    with pytest.raises(Uncertain):
        setup.channel.find_sent(private)
    with pytest.raises(Refused, match="2000"):
        setup.channel.send(answer(asked, "x" * 2001, visibility=Visibility.DIRECT))


def test_a_private_answer_without_the_right_is_refused_and_never_public(setup: Setup, asked: str) -> None:
    channel = FacebookChannel(connected(setup.base, scopes=SCOPES), clock=setup.clock)
    with pytest.raises(Refused, match="pages_messaging"):
        channel.send(answer(asked, "Uw zaak loopt.", visibility=Visibility.PRIVATE))
    assert (setup.service.said(), setup.service.private) == ([], [])


def test_an_answer_that_was_accepted_in_silence_is_found_and_not_sent_again(setup: Setup, asked: str) -> None:
    message = answer(asked, "Op 1 december.")
    assert setup.channel.find_sent(message) is None
    setup.service.faults.silent_after_accepting()
    with pytest.raises(Uncertain):
        setup.channel.send(message)
    found = setup.channel.find_sent(message)
    assert isinstance(found, Sent)
    assert setup.service.entries[found.external_id].text == "Op 1 december."


def test_only_our_own_comment_that_is_not_known_yet_counts_as_found(setup: Setup, asked: str) -> None:
    setup.service.comment(asked, "Op 1 december.", PAUL)
    before = setup.service.comment(asked, "Op 1 december.", setup.service.page)
    assert setup.channel.find_sent(answer(asked, "Op 1 december.", references=(asked, before))) is None
    setup.service.faults.fail(500)
    with pytest.raises(Uncertain):
        setup.channel.find_sent(answer(asked, "Op 1 december."))


def test_among_too_many_comments_nobody_can_tell_whether_our_answer_stands(setup: Setup, asked: str) -> None:
    written = setup.clock()
    setup.later(minutes=5)
    for number in range(60):
        setup.service.comment(asked, f"Reactie {number}", PAUL)
    with pytest.raises(Uncertain, match="Too much was said"):
        setup.channel.find_sent(answer(asked, "Op 1 december.", made_at=written))
    since = setup.clock() + timedelta(minutes=5)
    assert setup.channel.find_sent(answer(asked, "Op 1 december.", made_at=since)) is None


def test_what_facebook_says_of_an_answer_is_what_becomes_of_it(setup: Setup, asked: str) -> None:
    outcomes = {
        (32, 400): Unreachable, (4, 403): Unreachable, (190, 401): Unreachable, (200, 403): Refused,
        (10, 403): Refused, (100, 400): Refused, (1, 500): Uncertain, (2, 503): Uncertain, (506, 400): Uncertain,
    }  # fmt: skip
    for (code, status), outcome in outcomes.items():
        setup.service.graph_error(code, status)
        with pytest.raises(outcome):
            setup.channel.send(answer(asked, "Op 1 december."))
    setup.service.faults.answer(b"<html>", path="/v")
    with pytest.raises(Uncertain):
        setup.channel.send(answer(asked, "Op 1 december."))
    assert setup.service.said() == []


def test_an_answer_to_what_is_gone_is_refused(setup: Setup, asked: str) -> None:
    setup.service.remove(asked)
    with pytest.raises(Refused):
        setup.channel.send(answer(asked, "Op 1 december."))
    assert setup.channel.find_sent(answer(asked, "Op 1 december.")) is None


def test_an_answer_is_corrected_and_taken_back(setup: Setup, asked: str) -> None:
    sent = setup.channel.send(answer(asked, "Op 1 december."))
    assert setup.channel.amend(sent, answer(asked, "Op 2 december.")) == sent
    assert setup.service.said(asked) == ["Op 2 december."]
    for _ in range(2):
        setup.channel.retract(sent)
    assert setup.service.said() == []


def test_a_comment_is_hidden_shown_and_removed_however_often(setup: Setup, asked: str) -> None:
    for verdict, hidden in (
        (Verdict.HIDE, True),
        (Verdict.RESTORE, False),
        (Verdict.HIDE, True),
        (Verdict.APPROVE, False),
    ):
        for _ in range(2):
            setup.channel.moderate(Moderation(asked, verdict, "Onfatsoenlijk"))
            assert setup.service.entries[asked].hidden is hidden
    for _ in range(2):
        setup.channel.moderate(Moderation(asked, Verdict.REMOVE, "Strafbaar"))
    assert asked not in setup.service.entries


def test_nothing_is_called_before_the_account_is_connected(setup: Setup, asked: str) -> None:
    channel = FacebookChannel(FacebookSettings(api_url=setup.base), clock=setup.clock)
    for call in (lambda: channel.send(answer(asked, "x")), lambda: list(channel.pull(None))):
        with pytest.raises(Unreachable, match="Connect"):
            call()
    assert "Connect" in str(channel.check().problem)
    assert setup.service.faults.requests == []


def test_consent_gives_the_page_its_token_and_subscribes_us_to_its_comments(setup: Setup) -> None:
    new = FacebookSettings.model_validate(
        {
            "app_id": APP_ID,
            "app_secret": APP_SECRET,
            "page_id": PAGE_ID,
            "api_url": setup.base,
            "dialog_url": setup.base,
        }
    )
    channel = FacebookChannel(new, clock=setup.clock)
    consent = channel.consent(BACK, "st")
    back = httpx.get(consent.url, follow_redirects=False, trust_env=False).headers["location"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    assert query["state"] == "st"
    filled = channel.connected(BACK, query, consent.keep)
    assert isinstance(filled, FacebookSettings)
    assert (filled.access_token.get_secret_value(), filled.page_name) == (PAGE_TOKEN, PAGE_NAME)
    assert setup.service.subscribed == ["feed"]
    health = FacebookChannel(filled, clock=setup.clock).check()
    assert (health.problem, tuple(health.missing_scopes), health.expires_at) == (None, (), None)
    assert [(quota.used, quota.limit) for quota in health.quotas] == [(3.0, 100.0)]


def test_a_manager_of_several_pages_is_told_which_to_name(setup: Setup) -> None:
    new = connected(setup.base, page_id="", access_token="")
    with pytest.raises(Refused, match=r"Gemeente Voorbeeldstad \(900100200\), Zwembad"):
        FacebookChannel(new, clock=setup.clock).connected(BACK, {"code": "code-1"}, {})


def test_a_right_that_was_not_given_is_named_at_once(setup: Setup) -> None:
    setup.service.scopes.remove("pages_manage_engagement")
    setup.service.scopes.remove("pages_messaging")
    with pytest.raises(Refused, match=r"not given: pages_manage_engagement\. Connect again"):
        setup.channel.connected(BACK, {"code": "code-1"}, {})
    assert setup.service.subscribed == []


def test_no_consent_is_said_in_facebooks_words(setup: Setup) -> None:
    setup.service.denies = True
    consent = setup.channel.consent(BACK, "st")
    back = httpx.get(consent.url, follow_redirects=False, trust_env=False).headers["location"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    with pytest.raises(Refused, match="Permissions error"):
        setup.channel.connected(BACK, query, {})
    with pytest.raises(Unreachable):
        setup.channel.connected(BACK, {"code": "used before"}, {})


def test_the_account_says_what_is_wrong(setup: Setup) -> None:
    assert "push" in str(setup.channel.check().problem)
    setup.service.subscribed = ["feed"]
    assert setup.channel.check().problem is None
    setup.service.scopes = ["pages_show_list", "pages_read_engagement"]
    health = setup.channel.check()
    assert set(health.missing_scopes) == set(SCOPES) - set(setup.service.scopes)
    setup.service.valid = False
    assert "connect the account again" in str(setup.channel.check().problem)
    setup.service.faults.answer(b"<html>")
    assert "no JSON" in str(setup.channel.check().problem)
    setup.service.valid = True
    setup.service.faults.answer(b'{"data": 4}', "application/json")
    assert setup.channel.check().problem


@pytest.mark.chaos
def test_a_backlog_of_ten_thousand_comments_is_read_in_constant_memory(setup: Setup) -> None:
    setup.service.quiet = True
    for number in range(100):
        post = setup.service.post(f"Bericht {number}")
        for reaction in range(100):
            setup.service.comment(post, f"reactie {number} {reaction}: " + "tekst " * 30)
    run = setup.channel.pull(None)
    next(run)
    before, seen = resident_bytes(), 100
    for page in run:
        seen += len(items([page]))
    assert seen == 10_000
    assert resident_bytes() - before < 50 * 1_048_576


def test_disconnecting_ends_the_consent_at_facebook(setup: Setup) -> None:
    setup.channel.revoke()
    assert setup.service.valid is False
    setup.channel.revoke()  # ended already: nothing is left to end


@pytest.mark.parametrize("pages", [[PAGE_ID, "900100201"], [], None])
def test_a_consent_that_may_be_for_other_pages_too_is_left_to_a_person(setup: Setup, pages: list[str] | None) -> None:
    setup.service.pages = pages
    with pytest.raises(Refused, match="other pages"):
        setup.channel.revoke()
    assert setup.service.valid
    setup.service.faults.fail(503)
    with pytest.raises(Unreachable):
        setup.channel.revoke()
