"""The comment form as a channel: what comes in, what is held, what a site's server hears."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from app.channels.comments.form import KIND, FormChannel
from app.channels.comments.settings import FormSettings
from app.channels.contract import (
    AccountConfig,
    Moderation,
    NotAuthentic,
    OutgoingMessage,
    RawItem,
    Reaction,
    Refused,
    Revision,
    Sent,
    Subject,
    Thread,
    Unreachable,
    Unreadable,
    WebhookRequest,
    Withdrawal,
    capabilities,
)
from app.fetch import FetchError
from app.vocabulary import AddressKind, Publication, Verdict, Visibility

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SECRET = "webhook-secret"


class Site:
    """A site's server that remembers what it was told and answers as it is set to."""

    def __init__(self) -> None:
        self.status: int | FetchError = 200
        self.heard: list[tuple[str, Mapping[str, str], bytes]] = []

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        self.heard.append((url, headers, body))
        if isinstance(self.status, FetchError):
            raise self.status
        return self.status

    @property
    def events(self) -> list[dict[str, object]]:
        return [json.loads(body) for _, _, body in self.heard]


def channel(site: Site | None = None, **settings: Any) -> FormChannel:
    given = {"form_secret": SecretStr("form-secret"), "webhook_secret": SecretStr(SECRET), **settings}
    if site is not None:
        given["webhook_url"] = "https://voorbeeldstad.example/weerklank"
    config = AccountConfig(1, "Nieuws", FormSettings(**given), "https://weerklank.example/hooks/x")
    return FormChannel(config, post=site or Site(), clock=lambda: NOW)


def request(fields: Mapping[str, object], *, caller: str = "", after: float = 60, form: bool = False) -> WebhookRequest:
    body = urlencode(fields).encode() if form else json.dumps(fields).encode()
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    return WebhookRequest(
        "POST", "https://weerklank.example/x", {"content-type": kind}, body, "203.0.113.9",
        NOW + timedelta(seconds=after), caller,
    )  # fmt: skip


def fields(**more: object) -> dict[str, object]:
    stamp = channel().stamp("afval-2026")
    return {"id": "b-1", "page": "afval-2026", "text": "Waarom zo vroeg?", "stamp": stamp, **more}


def reaction(sent: WebhookRequest, **settings: Any) -> Reaction:
    made = channel(**settings)
    (item,) = made.receive(sent).items
    (incoming,) = made.parse(item)
    assert isinstance(incoming, Reaction)
    return incoming


def test_a_comment_becomes_a_public_reaction_on_its_page() -> None:
    found = reaction(
        request(fields(name="Bewoner", email="Bewoner@Post.Example", page_title="Afval", page_url="/afval"))
    )
    assert (found.text, found.visibility, found.publication) == (
        "Waarom zo vroeg?", Visibility.PUBLIC, Publication.PUBLISHED,
    )  # fmt: skip
    assert found.subject == Subject("afval-2026", "Afval", "/afval")
    assert (found.author.kind, found.author.address) == (AddressKind.EMAIL, "bewoner@post.example")
    assert not found.author.verified


def test_an_ordinary_html_form_says_the_same_as_json() -> None:
    assert reaction(request(fields(private="on"), form=True)) == reaction(request(fields(private=True)))


def test_a_comment_that_asks_not_to_be_published_is_private() -> None:
    found = reaction(request(fields(private=True)))
    assert (found.visibility, found.publication) == (Visibility.PRIVATE, None)


def test_without_an_address_the_author_is_this_one_post() -> None:
    assert reaction(request(fields())).author.address == "form:b-1"


@pytest.mark.parametrize(
    ("change", "after", "why"),
    [
        ({"website": "http://spam.example"}, 60, "trap_filled"),
        ({}, 1, "too_fast"),
        ({"stamp": ""}, 60, "form_not_ours"),
        ({"stamp": "99.abc"}, 60, "form_not_ours"),
        ({"page": "andere-pagina"}, 60, "form_not_ours"),
    ],
)
def test_what_looks_like_a_program_is_held_with_the_reason_and_not_lost(
    change: dict[str, object], after: float, why: str
) -> None:
    found = reaction(request({**fields(), **change}, after=after))
    assert (found.publication, dict(found.advice)) == (Publication.HELD, {"held": why})


def test_a_text_kept_during_an_outage_is_taken_days_later() -> None:
    assert reaction(request(fields(), after=86_400 * 5)).publication is Publication.PUBLISHED


def test_with_moderation_before_everything_waits_for_approval() -> None:
    found = reaction(request(fields()), moderation="before")
    assert (found.publication, dict(found.advice)) == (Publication.HELD, {})


def test_the_same_post_twice_has_one_key() -> None:
    made = channel()
    keys = {made.receive(request(fields())).items[0].key for _ in range(2)}
    assert len(keys) == 1


def test_a_sites_server_speaks_for_its_own_visitors_and_comments() -> None:
    found = reaction(request({"id": "77", "page": "p", "text": "Hoi", "user": "u9", "parent": "70"}, caller="site:3"))
    assert (found.author.address, found.author.verified) == ("site:3:u9", True)
    assert (found.external_id, found.parent_id, found.publication) == ("site:77", "site:70", Publication.PUBLISHED)


def test_a_sites_server_edits_and_withdraws_and_a_browser_may_not() -> None:
    made = channel()
    edited = made.receive(
        request({"id": "77", "page": "p", "event": "edited", "text": "Beter"}, caller="site:3")
    ).items[0]
    again = made.receive(request({"id": "77", "page": "p", "event": "edited", "text": "Best"}, caller="site:3")).items[
        0
    ]
    assert edited.key != again.key
    assert made.parse(edited) == (Revision("site:77", "Beter"),)
    gone = made.receive(request({"id": "77", "page": "p", "event": "withdrawn"}, caller="site:3")).items[0]
    assert made.parse(gone) == (Withdrawal("site:77"),)
    with pytest.raises(NotAuthentic):
        made.receive(request(fields(event="withdrawn")))


def test_a_sites_server_restores_what_was_withdrawn_each_time_that_it_is() -> None:
    """Where it stands is not for the site to say: what was hidden is not shown by going and coming back."""
    made = channel()
    items: list[RawItem] = []
    for minute in range(2):
        for event in ("withdrawn", "restored"):
            sent = request({"id": "77", "page": "p", "event": event, "text": "Toch wel."}, caller="site:3")
            items += made.receive(replace(sent, received_at=sent.received_at + timedelta(minutes=minute))).items
    assert len({item.key for item in items}) == 4
    assert made.parse(items[-1]) == (Revision("site:77", "Toch wel.", back=True),)
    with pytest.raises(NotAuthentic):
        made.receive(request(fields(event="restored")))
    with pytest.raises(Refused, match="empty"):
        made.receive(request({"id": "77", "page": "p", "event": "restored"}, caller="site:3"))


def test_a_browser_cannot_take_the_id_of_a_sites_comment() -> None:
    assert reaction(request(fields(id="77"))).external_id != "site:77"


@pytest.mark.parametrize("text", ["", "   \n"])
def test_an_empty_comment_is_refused_in_words(text: str) -> None:
    with pytest.raises(Refused, match="empty"):
        channel().receive(request(fields(text=text)))


def test_a_comment_over_the_limit_is_refused_with_the_limit() -> None:
    with pytest.raises(Refused, match="100"):
        channel(max_length=100).receive(request(fields(text="x" * 101)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"1e999999",
        b'{"page": 3}',
        b"\x00",
        b"[" * 5000,
        b'{"text":"x"}',
        b'{"id":"","page":"p"}',
    ],
)
def test_what_cannot_be_read_is_said_without_repeating_it(body: bytes) -> None:
    sent = WebhookRequest("POST", "u", {"content-type": "application/json"}, body, "r", NOW)
    with pytest.raises(Unreadable) as raised:
        channel().receive(sent)
    assert raised.value.detail
    assert "1e999999" not in raised.value.detail


def test_a_wrong_address_is_named_and_not_repeated() -> None:
    with pytest.raises(Unreadable, match="email") as raised:
        channel().receive(request(fields(email="geheim-adres")))
    assert "geheim-adres" not in raised.value.detail


def test_half_a_character_and_nul_never_reach_the_database() -> None:
    body = b'{"id":"a","page":"p","text":"hoi \\ud800 \\u0000","stamp":""}'
    sent = WebhookRequest("POST", "u", {"content-type": "application/json"}, body, "r", NOW)
    made = channel()
    (incoming,) = made.parse(made.receive(sent).items[0])
    assert isinstance(incoming, Reaction)
    incoming.text.encode()
    assert "\x00" not in incoming.text


@given(st.binary(max_size=400), st.sampled_from(["application/json", "application/x-www-form-urlencoded", ""]))
def test_any_stored_bytes_are_parsed_or_unreadable(body: bytes, media_type: str) -> None:
    reason = ""
    try:
        found = channel().parse(RawItem("k", body, media_type))
    except Unreadable as error:
        found, reason = (), error.detail
    assert len(found) == 1 or reason


ANSWER = OutgoingMessage(
    key="d9", recipient=None, text="Dank u.", visibility=Visibility.PUBLIC, signed_by="Team Afval",
    thread=Thread(parent_id="site:77", subject=Subject("p")),
)  # fmt: skip


def test_an_answer_is_told_to_the_sites_server_signed_over_its_bytes() -> None:
    site = Site()
    assert channel(site).send(ANSWER).external_id == "d9"
    url, headers, body = site.heard[0]
    assert url == "https://voorbeeldstad.example/weerklank"
    seconds = str(int(NOW.timestamp()))
    digest = hmac.new(SECRET.encode(), seconds.encode() + b"." + body, "sha256").hexdigest()
    assert headers["weerklank-signature"] == f"t={seconds},v1={digest}"
    event = site.events[0]
    assert (event["type"], event["comment"], event["answer"], event["text"]) == (
        "answer.published", "77", "d9", "Dank u.",
    )  # fmt: skip


def test_without_a_server_of_the_site_an_answer_needs_nothing_outside() -> None:
    assert channel().send(ANSWER) == Sent("d9", sent_at=NOW)


def test_a_private_answer_is_not_told_to_the_site() -> None:
    site = Site()
    channel(site).send(OutgoingMessage("d9", None, "Alleen voor u", visibility=Visibility.PRIVATE))
    assert site.heard == []


@pytest.mark.parametrize("status", [500, 503, 429, 408, FetchError("stil", sent=True), FetchError("weg")])
def test_a_site_that_fails_is_told_again_later(status: int | FetchError) -> None:
    site = Site()
    site.status = status
    with pytest.raises(Unreachable):
        channel(site).send(ANSWER)
    assert channel(site).find_sent(ANSWER) is None


def test_a_site_that_says_no_is_a_final_refusal() -> None:
    site = Site()
    site.status = 403
    with pytest.raises(Refused) as raised:
        channel(site).send(ANSWER)
    assert raised.value.code == "403"
    assert "403" in (channel(site).check().problem or "")


def test_corrections_and_verdicts_are_told_with_ids_that_stay_the_same() -> None:
    site = Site()
    made = channel(site)
    for _ in range(2):
        made.amend(Sent("d9"), ANSWER)
        made.retract(Sent("d9"))
        made.moderate(Moderation("site:77", Verdict.HIDE, "Persoonsgegevens", Subject("p")))
    types = [event["type"] for event in site.events]
    assert types == ["answer.amended", "answer.retracted", "comment.hide"] * 2
    assert len({str(event["id"]) for event in site.events}) == 3
    assert site.events[2]["reason"] == "Persoonsgegevens"


def test_each_verdict_and_correction_is_an_event_of_its_own_since_a_site_takes_each_id_once() -> None:
    site = Site()
    made = channel(site)
    for key, verdict in (("d1", Verdict.HIDE), ("d2", Verdict.RESTORE), ("d3", Verdict.HIDE)):
        made.moderate(Moderation("site:77", verdict, "Persoonsgegevens", Subject("p"), key))
    for key in ("d4", "d5"):
        made.amend(Sent("d9"), replace(ANSWER, key=key))
    assert len({str(event["id"]) for event in site.events}) == 5
    assert [event["answer"] for event in site.events[3:]] == ["d9", "d9"]


def test_a_site_is_never_told_the_words_of_an_answer_that_is_not_public() -> None:
    site = Site()
    alone = replace(ANSWER, visibility=Visibility.PRIVATE)
    channel(site).send(alone)
    channel(site).amend(Sent("d9"), alone)
    assert site.events == []


def test_what_the_form_can_do_is_what_it_implements() -> None:
    expected = ("Receives", "Sends", "Amends", "Moderates")
    assert capabilities(KIND.channel) == capabilities(channel()) == expected


def test_a_webhook_over_plain_http_is_refused() -> None:
    with pytest.raises(ValidationError, match="https"):
        FormSettings(webhook_url="http://voorbeeldstad.example/x")


def test_the_same_id_with_other_words_is_an_item_of_its_own_and_the_same_words_are_not() -> None:
    made = channel()
    keys = [
        made.receive(request(fields(text=text))).items[0].key for text in ("Eerst zo.", "Eerst zo.", "Toch anders.")
    ]
    assert keys[0] == keys[1] != keys[2]
    first, other = (reaction(request(fields(text=text))) for text in ("Eerst zo.", "Toch anders."))
    assert first.external_id == other.external_id
    assert first.digest != other.digest


def test_what_a_form_adds_is_not_what_somebody_said() -> None:
    assert reaction(request(fields(stamp="1.x"))).digest == reaction(request(fields(website="x"))).digest


def test_whoever_holds_a_status_link_writes_as_the_contact_it_was_given_to() -> None:
    found = reaction(request(fields(stamp="", private=True), caller="contact:email:bewoner@post.example"))
    assert (found.author.kind, found.author.address) == (AddressKind.EMAIL, "bewoner@post.example")
    assert not found.author.verified
    assert found.external_id == "status:b-1"
    assert found.advice == {}


def test_whoever_holds_a_status_link_is_no_server_of_the_site() -> None:
    with pytest.raises(NotAuthentic):
        channel().receive(request(fields(event="withdrawn"), caller="contact:browser:form:b-1"))


@pytest.mark.parametrize("settings", [{"moderation": "before"}, {}])
def test_a_site_that_approves_first_holds_every_comment(settings: dict[str, Any]) -> None:
    made = channel(**settings)
    sent = request(fields(), caller="site:1")
    headers = {**sent.headers, "weerklank-moderation": "" if settings else "before"}
    (item,) = made.receive(replace(sent, headers=headers)).items
    (found,) = made.parse(item)
    assert isinstance(found, Reaction)
    assert found.publication is Publication.HELD
    assert made.moderated is bool(settings)
