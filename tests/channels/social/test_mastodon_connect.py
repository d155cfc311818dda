"""Connecting a Mastodon account, and what it says of itself."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import ValidationError

from app.channels.contract import Refused, capabilities
from app.channels.social.mastodon import KIND, SCOPES, MastodonChannel
from app.channels.social.mastodon_settings import MastodonSettings
from tests.channels.social.mastodon_setup import connected
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


def came_back(url: str) -> dict[str, str]:
    """What the browser brings back from the page that asks for consent."""
    location = httpx.get(url, follow_redirects=False, trust_env=False).headers["location"]
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def test_consent_gives_settings_with_everything_filled_in(server: Mastodon, base: str) -> None:
    server.max_characters = 1000
    channel = MastodonChannel(MastodonSettings(api_url=base))
    consent = channel.consent(BACK, "state-1")
    assert consent.keep["verifier"] not in consent.url
    made = channel.connected(BACK, came_back(consent.url), consent.keep)
    assert isinstance(made, MastodonSettings)
    assert (made.account_id, made.acct, made.max_characters) == (server.own.id, "gemeente@127.0.0.1", 1000)
    assert set(made.scopes) == set(SCOPES)
    assert MastodonChannel(made).check().problem is None
    assert MastodonChannel(made).limits.max_length == 1000


def test_no_consent_and_half_a_consent_are_refused(server: Mastodon, base: str) -> None:
    channel = MastodonChannel(MastodonSettings(api_url=base))
    consent = channel.consent(BACK, "state-1")
    server.granted = "read:accounts read:notifications read:statuses"
    with pytest.raises(Refused, match="write:statuses"):
        channel.connected(BACK, came_back(consent.url), consent.keep)
    with pytest.raises(Refused, match=r"grant is invalid"):
        channel.connected(BACK, {"code": "stolen"}, consent.keep)
    with pytest.raises(Refused, match=r"grant is invalid"):
        channel.connected(BACK, came_back(consent.url), dict(consent.keep) | {"verifier": "another"})
    server.denies = True
    with pytest.raises(Refused, match="denied"):
        channel.connected(BACK, came_back(consent.url), consent.keep)


def test_a_server_that_raised_its_limit_is_noticed(server: Mastodon, base: str) -> None:
    channel = MastodonChannel(connected(server, base))
    assert channel.check().problem is None
    server.max_characters = 5000
    assert "5000" in str(channel.check().problem)


def test_rights_that_are_missing_are_named(server: Mastodon, base: str) -> None:
    health = MastodonChannel(connected(server, base, scopes=("read",))).check()
    assert health.missing_scopes == ("write:statuses",)


def test_what_it_can_do_and_what_it_asks_for() -> None:
    assert set(capabilities(KIND.channel)) == {"Pulls", "Completes", "Lists", "Sends", "Amends", "Connects", "Revokes"}
    assert {"nl", "en"} == set(KIND.labels)
    for field in MastodonSettings.model_json_schema()["properties"].values():
        assert {"nl", "en"} == set(field["labels"])
    for wrong in ("social.example", "ftp://social.example", "https://", "https://a b", "https://x:99999"):
        with pytest.raises(ValidationError, match="whole address"):
            MastodonSettings(api_url=wrong)


def test_disconnecting_ends_the_token_at_the_server(server: Mastodon, base: str) -> None:
    channel = MastodonChannel(MastodonSettings(api_url=base))
    consent = channel.consent(BACK, "state-1")
    made = channel.connected(BACK, came_back(consent.url), consent.keep)
    assert isinstance(made, MastodonSettings)
    with pytest.raises(Refused, match="not authorized"):
        MastodonChannel(made.model_copy(update={"client_id": "another"})).revoke()
    MastodonChannel(made).revoke()
    assert made.access_token.get_secret_value() not in server.tokens
    assert "no longer knows us" in str(MastodonChannel(made).check().problem)
