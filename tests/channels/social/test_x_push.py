"""What X pushes: its challenge, its signature, and that a pushed and a polled post are the same item."""

import dataclasses
import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.contract import NotAuthentic, Reaction, Unreadable, WebhookRequest, Withdrawal
from app.channels.social.x import XChannel
from app.channels.social.x_settings import XSettings
from tests.channels.social.moving_clock import MovingClock
from tests.channels.social.shown import shown
from tests.emulators.run import serve
from tests.emulators.x import X

URL = "https://weerklank.voorbeeldstad.example/hooks/key"
CLOCK = MovingClock()


def channel(x: X, **more: object) -> XChannel:
    values = {"consumer_secret": x.consumer_secret, "user_id": x.own.id, **more}
    return XChannel(XSettings.model_validate(values), clock=CLOCK)


def push(body: bytes, headers: Mapping[str, str], method: str = "POST", url: str = URL) -> WebhookRequest:
    return WebhookRequest(method, url, headers, body, "192.0.2.1", CLOCK())


@pytest.mark.parametrize("token", ["abc", "een+twee/drie=", "é 1"])
def test_the_challenge_is_answered_with_its_mac(token: str) -> None:
    x = X()
    given_back = channel(x).receive(push(b"", {}, "GET", f"{URL}?crc_token={quote(token)}&nonce=1"))
    mac = hmac.new(x.consumer_secret.encode(), token.encode(), "sha256").digest()
    assert json.loads(given_back.body) == {"response_token": "sha256=" + b64encode(mac).decode()}
    assert (given_back.status, given_back.items) == (200, ())


def test_a_get_that_challenges_nothing_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        channel(X()).receive(push(b"", {}, "GET"))


def test_a_pushed_mention_is_the_item_that_a_poll_would_give() -> None:
    x = X()
    asked = x.posts[x.mention("fietser", "Wanneer?")]
    body = x.event("post.mention.create", asked)
    (pushed,) = channel(x).receive(push(body, x.signed(body))).items
    assert pushed.body == body
    with serve(x.app) as base:
        polling = channel(x, api_url=base, access_token="token-of-voorbeeldstad")
        (polled,) = [item for page in polling.pull(None) for item in page.items]
        assert polled.key == pushed.key
        (said,), (same,) = polling.parse(polled), polling.parse(pushed)
    assert isinstance(said, Reaction)
    assert shown([without_language(said)]) == shown([same])


def test_both_events_of_one_reply_are_one_item_and_a_deletion_is_another() -> None:
    x = X()
    own = x.in_the_app("Vragen?")
    reply = x.posts[x.mention("fietser", "Ja", reply_to=own)]
    kinds = ("post.mention.create", "post.reply.create", "post.delete")
    bodies = [x.event(kind, reply) for kind in kinds]
    items = [channel(x).receive(push(body, x.signed(body))).items[0] for body in bodies]
    assert [item.key for item in items] == [f"mention:{reply.id}", f"mention:{reply.id}", f"gone:{reply.id}"]
    assert channel(x).parse(items[2]) == (Withdrawal(reply.id),)


def test_an_event_that_we_do_not_know_is_kept_and_means_nothing() -> None:
    x = X()
    body = x.event("follow.follow", x.posts[x.mention("fietser", "x")], number=7)
    (item,) = channel(x).receive(push(body, x.signed(body))).items
    assert (item.key, channel(x).parse(item)) == ("event:event-7", ())


def test_what_x_did_not_sign_is_refused() -> None:
    x = X()
    body = x.event("post.mention.create", x.posts[x.mention("fietser", "Wanneer?")])
    signed = x.signed(body)
    for headers in ({}, {"x-twitter-webhooks-signature": "sha256=%%%"}, {"x-twitter-webhooks-signature": "é"}):
        with pytest.raises(NotAuthentic):
            channel(x).receive(push(body, headers))
    with pytest.raises(NotAuthentic):
        channel(x).receive(push(body.replace(b"Wanneer", b"Waarom?"), signed))
    with pytest.raises(NotAuthentic, match="no API secret"):
        channel(x, consumer_secret="").receive(push(body, signed))
    with pytest.raises(NotAuthentic):
        channel(x, consumer_secret="another").receive(push(body, signed))


def test_an_event_about_another_account_is_unreadable() -> None:
    x = X()
    body = x.event("post.mention.create", x.posts[x.mention("fietser", "Wanneer?")])
    with pytest.raises(Unreadable, match="another account"):
        channel(x, user_id="1").receive(push(body, x.signed(body)))


@given(
    st.binary(max_size=80)
    | st.builds(lambda one: json.dumps(one).encode(), st.dictionaries(st.just("data"), st.none()))
)
def test_any_signed_body_is_an_item_or_unreadable(body: bytes) -> None:
    x = X()
    with pytest.raises(Unreadable):
        channel(x).receive(push(body, x.signed(body)))


def without_language(said: Reaction) -> Reaction:
    """Pushed payloads name no language."""
    return dataclasses.replace(said, language="")
