"""The emulated Mastodon speaks what Mastodon's own Python client speaks."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from mastodon import Mastodon as Client
from mastodon import MastodonAPIError, MastodonNotFoundError, MastodonRatelimitError

from tests.emulators.mastodon import Mastodon
from tests.emulators.run import serve

OUR_SCOPES = ["read:accounts", "read:notifications", "read:statuses", "write:statuses"]


@pytest.fixture
def server() -> Mastodon:
    return Mastodon()


@pytest.fixture
def base(server: Mastodon) -> Iterator[str]:
    with serve(server.app) as address:
        yield address


@pytest.fixture
def client(base: str) -> Iterator[Client]:
    made = Client(access_token="token-of-gemeente", api_base_url=base, ratelimit_method="throw", request_timeout=10)
    yield made
    made.session.close()


def test_it_registers_an_app_and_gives_a_token_for_consent(base: str) -> None:
    back = "https://desk.voorbeeldstad.example/back"
    client_id, secret = Client.create_app("Weerklank", scopes=OUR_SCOPES, redirect_uris=back, api_base_url=base)
    anonymous = Client(client_id=client_id, client_secret=secret, api_base_url=base)
    url = anonymous.auth_request_url(redirect_uris=back, scopes=OUR_SCOPES, state="st", allow_http=True)
    sent_back = httpx.get(url, follow_redirects=False, trust_env=False).headers["location"]
    query = parse_qs(urlsplit(sent_back).query)
    assert query["state"] == ["st"]
    assert anonymous.log_in(code=query["code"][0], redirect_uri=back, scopes=OUR_SCOPES, allow_http=True)
    assert anonymous.account_verify_credentials().acct == "gemeente"
    anonymous.session.close()


def test_mentions_are_paged_forward_by_min_id(server: Mastodon, client: Client) -> None:
    ids = [server.mention("jan@elders.example", f"vraag {n}") for n in range(5)]
    first = client.notifications(types=["mention"], min_id="0", limit=2)
    assert [n.status.id for n in first] == ids[1::-1]
    following = client.fetch_previous(first)
    assert following is not None
    assert [n.status.id for n in following] == ids[3:1:-1]
    assert first[0].account.acct == "jan@elders.example"
    assert first[0].status.visibility == "public"


def test_a_reply_is_posted_once_for_one_key(server: Mastodon, client: Client) -> None:
    asked = server.mention("jan@elders.example", "Wanneer?")
    said = [
        client.status_post("@jan@elders.example Morgen", in_reply_to_id=asked, idempotency_key="k", language="nl")
        for _ in range(2)
    ]
    assert said[0].id == said[1].id
    assert len(server.posted(asked)) == 1
    context = client.status_context(asked)
    assert [one.id for one in context.descendants] == [said[0].id]
    assert client.status(said[0].id).in_reply_to_id == asked


def test_edits_and_deletions_are_seen(server: Mastodon, client: Client) -> None:
    asked, other = server.mention("jan@elders.example", "fout"), server.mention("jan@elders.example", "twee")
    server.edit(asked, "goed")
    server.delete(other)
    found = client.statuses([asked, other])
    assert [one.id for one in found] == [asked]
    assert found[0].edited_at is not None
    with pytest.raises(MastodonNotFoundError):
        client.status(other)
    own = client.status_post("eerste")
    assert "tweede" in client.status_update(own.id, "tweede").content
    client.status_delete(own.id)
    assert server.posted() == []


def test_own_posts_and_the_instance_can_be_read(server: Mastodon, client: Client) -> None:
    server.in_the_app("Beste mensen")
    me = client.account_verify_credentials()
    assert [one.content for one in client.account_statuses(me.id, exclude_reblogs=True)] == ["<p>Beste mensen</p>"]
    assert client.instance_v2().configuration.statuses.max_characters == 500


def test_too_long_and_too_often_are_refused(server: Mastodon, client: Client) -> None:
    with pytest.raises(MastodonAPIError, match="500 exceeded"):
        client.status_post("x" * 501)
    server.page_used = server.page_limit
    with pytest.raises(MastodonRatelimitError):
        client.notifications(min_id="0")
    assert client.ratelimit_remaining == 0
