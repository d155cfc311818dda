"""The emulated X speaks what tweepy speaks. tweepy's host is fixed, so its session is sent elsewhere by an adapter."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import requests
import tweepy
from requests.adapters import HTTPAdapter

from tests.emulators.run import serve
from tests.emulators.x import X

BACK = "https://desk.voorbeeldstad.example/back"
FIELDS = ["author_id", "conversation_id", "created_at", "in_reply_to_user_id", "referenced_tweets"]


class Elsewhere(HTTPAdapter):
    """Sends what is for X to the emulator."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        assert request.url is not None
        request.url = self._base + request.url.partition("://")[2].partition("/")[1] + request.url.split("/", 3)[3]
        return super().send(request, *args, **kwargs)


@pytest.fixture
def x() -> X:
    return X()


@pytest.fixture
def base(x: X) -> Iterator[str]:
    with serve(x.app) as address:
        yield address


@pytest.fixture
def client(base: str) -> Iterator[Any]:
    made = tweepy.Client(bearer_token="token-of-voorbeeldstad")
    made.session.mount("https://api.twitter.com", Elsewhere(base))
    yield made
    made.session.close()


def test_mentions_are_paged_newest_first_and_from_a_known_one_on(x: X, client: Any) -> None:
    ids = [x.mention("fietser", f"vraag {n}") for n in range(25)]
    pages = list(
        tweepy.Paginator(
            client.get_users_mentions, x.own.id, max_results=10, tweet_fields=FIELDS, expansions="author_id",
            user_fields=["name", "username"],
        )
    )  # fmt: skip
    assert [post.id for page in pages for post in page.data] == [int(one) for one in reversed(ids)]
    assert [page.meta["result_count"] for page in pages] == [10, 10, 5]
    assert pages[0].includes["users"][0].username == "fietser"
    assert (pages[0].data[0].author_id, pages[0].data[0].conversation_id) == (int(x.user("fietser").id), int(ids[-1]))
    later = client.get_users_mentions(x.own.id, since_id=ids[-1])
    assert later.data is None
    assert later.meta == {"result_count": 0}


def test_a_reply_stands_in_the_conversation(x: X, client: Any) -> None:
    asked = x.mention("fietser", "Wanneer?")
    made = client.create_tweet(text="Vrijdag", in_reply_to_tweet_id=asked, user_auth=False)
    (own,) = client.get_users_tweets(x.own.id, tweet_fields=FIELDS).data
    assert str(own.id) == made.data["id"]
    assert [(one.type, str(one.id)) for one in own.referenced_tweets] == [("replied_to", asked)]
    assert str(own.conversation_id) == asked
    client.delete_tweet(made.data["id"], user_auth=False)
    assert x.posted() == []


def test_who_did_not_summon_us_is_not_answered(x: X, client: Any) -> None:
    found = x.add(x.user("fietser"), "De gemeente doet ook niets").id
    with pytest.raises(tweepy.Forbidden, match="not been mentioned"):
        client.create_tweet(text="Toch wel", in_reply_to_tweet_id=found, user_auth=False)
    x.enterprise = True
    assert client.create_tweet(text="Toch wel", in_reply_to_tweet_id=found, user_auth=False).data["text"] == "Toch wel"


def test_edits_are_other_ids_and_what_is_gone_is_an_error(x: X, client: Any) -> None:
    first, other = x.mention("fietser", "fout"), x.mention("fietser", "weg")
    second = x.edit(first, "@voorbeeldstad goed")
    x.delete(other)
    found = client.get_tweets([second, other])
    assert [(post.id, post.edit_history_tweet_ids) for post in found.data] == [(int(second), [int(first), int(second)])]
    assert found.errors[0]["resource_id"] == other


@pytest.mark.parametrize(
    ("text", "match"), [("x" * 281, "too long"), ("日" * 141, "too long"), ("Al gezegd", "duplicate content")]
)
def test_x_refuses_what_is_too_long_or_said_before(x: X, client: Any, text: str, match: str) -> None:
    x.in_the_app("Al gezegd")
    with pytest.raises(tweepy.Forbidden, match=match):
        client.create_tweet(text=text, user_auth=False)


def test_too_often_and_unknown_are_refused(x: X, client: Any) -> None:
    x.used["mentions"] = 300
    with pytest.raises(tweepy.TooManyRequests) as refused:
        client.get_users_mentions(x.own.id)
    assert refused.value.reset_time > 1_700_000_000
    with pytest.raises(tweepy.BadRequest, match="not between 5 and 100"):
        client.get_users_tweets(x.own.id, max_results=3)
    x.tokens.clear()
    with pytest.raises(tweepy.Unauthorized):
        client.get_me(user_auth=False)


def test_reading_and_writing_cost_what_x_asks(x: X, client: Any) -> None:
    asked = x.mention("fietser", "Wanneer?")
    client.get_users_mentions(x.own.id)
    assert x.spent == pytest.approx(0.001)
    client.get_tweets([asked])
    assert x.spent == pytest.approx(0.006)
    client.create_tweet(text="Vrijdag", in_reply_to_tweet_id=asked, user_auth=False)
    assert x.spent == pytest.approx(0.016)
    client.create_tweet(text="Zie voorbeeldstad.nl", user_auth=False)
    assert x.spent == pytest.approx(0.216)


def test_consent_with_a_proof_gives_tokens_that_are_renewed_once(
    x: X, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the loopback has no TLS
    scopes = ["tweet.read", "users.read", "tweet.write", "offline.access"]
    handler = tweepy.OAuth2UserHandler(
        client_id="client", client_secret="client-secret", redirect_uri=BACK, scope=scopes
    )
    handler.mount("https://api.twitter.com", Elsewhere(base))
    handler.mount("https://api.x.com", Elsewhere(base))
    page = base + "/i/oauth2/authorize?" + handler.get_authorization_url().partition("?")[2]
    sent_back = httpx.get(page, follow_redirects=False, trust_env=False).headers["location"]
    tokens = handler.fetch_token(sent_back)
    assert tokens["refresh_token"] in x.refresh_tokens
    assert x.tokens[tokens["access_token"]].split() == scopes
    handler.close()
