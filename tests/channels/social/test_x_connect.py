"""Connecting an X account, keeping it connected, and what it says of itself."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from app.channels.contract import AccountConfig, Refused, Unreachable, capabilities
from app.channels.social.x import KIND, SCOPES, XChannel
from app.channels.social.x_settings import XSettings
from tests.channels.social.moving_clock import MovingClock
from tests.emulators.run import serve
from tests.emulators.x import X

BACK = "https://desk.voorbeeldstad.example/back"


@pytest.fixture
def x() -> X:
    return X()


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def app(x: X) -> Iterator[XSettings]:
    """The settings of a developer app that is not connected yet."""
    with serve(x.app) as base:
        yield XSettings(
            client_id="client",
            client_secret=SecretStr("client-secret"),
            api_url=base,
            consent_url=f"{base}/i/oauth2/authorize",
        )


def connected(settings: XSettings, clock: MovingClock) -> XSettings:
    channel = XChannel(settings, clock=clock)
    consent = channel.consent(BACK, "state-1")
    made = channel.connected(BACK, came_back(consent.url), consent.keep)
    assert isinstance(made, XSettings)
    return made


def came_back(url: str) -> dict[str, str]:
    """What the browser brings back from the page that asks for consent."""
    location = httpx.get(url, follow_redirects=False, trust_env=False).headers["location"]
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def test_consent_gives_settings_with_everything_filled_in(x: X, app: XSettings, clock: MovingClock) -> None:
    made = connected(app, clock)
    assert (made.user_id, made.username, made.scopes) == (x.own.id, "voorbeeldstad", SCOPES)
    assert made.expires_at == clock() + timedelta(hours=2)
    health = XChannel(made, clock=clock).check()
    assert (health.problem, health.missing_scopes, health.expires_at) == (None, (), None)


def test_tokens_are_renewed_before_they_end_and_only_then(x: X, app: XSettings, clock: MovingClock) -> None:
    made = connected(app, clock)
    assert XChannel(made, clock=clock).refreshed() is None
    clock.move(minutes=111)
    new = XChannel(made, clock=clock).refreshed()
    assert isinstance(new, XSettings)
    assert new.access_token != made.access_token
    assert new.expires_at == clock() + timedelta(hours=2)
    with pytest.raises(Refused, match="was invalid"):  # a refresh token works once
        XChannel(made, clock=clock).refreshed()
    x.faults.fail(503)
    clock.move(minutes=111)
    with pytest.raises(Unreachable):
        XChannel(new, clock=clock).refreshed()


def test_no_consent_and_half_a_consent_are_refused(x: X, app: XSettings, clock: MovingClock) -> None:
    channel = XChannel(app, clock=clock)
    consent = channel.consent(BACK, "state-1")
    assert consent.keep["verifier"] not in consent.url
    with pytest.raises(Refused, match="was invalid"):
        channel.connected(BACK, came_back(consent.url), {"verifier": "another"})
    x.granted = "tweet.read users.read"
    with pytest.raises(Refused, match=r"tweet.write, offline.access"):
        channel.connected(BACK, came_back(consent.url), consent.keep)
    x.denies = True
    with pytest.raises(Refused, match="access_denied"):
        channel.connected(BACK, came_back(consent.url), consent.keep)
    with pytest.raises(Refused, match="developer app"):
        XChannel(XSettings()).consent(BACK, "state-1")


def test_an_account_that_is_not_connected_or_no_longer_known_says_so(x: X, app: XSettings, clock: MovingClock) -> None:
    channel = KIND.build(AccountConfig(1, "X", app, ""))
    assert isinstance(channel, XChannel)
    assert channel.check().problem == "This account is not connected yet: choose Connect."
    with pytest.raises(Unreachable, match="choose Connect"):
        channel.pull(None)
    made = connected(app, clock)
    x.tokens.clear()
    assert "connect the account again" in str(XChannel(made, clock=clock).check().problem)


def test_what_it_can_do_and_what_it_asks_for() -> None:
    able = {"Pulls", "Receives", "Completes", "Sends", "Amends", "Connects", "Refreshes", "Revokes"}
    assert set(capabilities(KIND.channel)) == able
    for field in XSettings.model_json_schema()["properties"].values():
        assert {"nl", "en"} == set(field["labels"])


def test_disconnecting_ends_both_tokens_at_x(x: X, app: XSettings, clock: MovingClock) -> None:
    made = connected(app, clock)
    before = dict(x.tokens)
    XChannel(made, clock=clock).revoke()
    assert (made.access_token.get_secret_value() in before, made.access_token.get_secret_value() in x.tokens) == (
        True,
        False,
    )
    assert x.refresh_tokens == {}
    with pytest.raises(Unreachable, match="no longer knows us"):
        XChannel(made.model_copy(update={"client_secret": SecretStr("another")}), clock=clock).revoke()
