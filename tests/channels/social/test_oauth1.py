from urllib.parse import unquote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oauthlib.oauth1 import Client

from app.channels.social.oauth1 import Keys, signature

KEYS = Keys("sleutel", "geheim", "bewijs", "geheim van bewijs&")
OAUTH = {
    "oauth_consumer_key": KEYS.key, "oauth_nonce": "n", "oauth_signature_method": "HMAC-SHA1", "oauth_timestamp": "1",
    "oauth_version": "1.0", "oauth_token": KEYS.token,
}  # fmt: skip
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def by_another(method: str, url: str, body: str) -> str:
    """What a library of others signs."""
    client = Client(KEYS.key, KEYS.secret, KEYS.token, KEYS.token_secret, nonce="n", timestamp="1")
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else None
    _, signed, _ = client.sign(url, method, body or None, headers)
    return unquote(signed["Authorization"].partition('oauth_signature="')[2].partition('"')[0])


@pytest.mark.parametrize(
    "url", ["https://api.flickr.com/services/rest/", "https://API.flickr.com:443/x", "http://a:8080/y"]
)
@given(
    query=st.dictionaries(TEXTS.filter(bool), TEXTS, max_size=3),
    form=st.dictionaries(TEXTS.filter(bool), TEXTS, max_size=3),
)
def test_we_sign_as_others_do(url: str, query: dict[str, str], form: dict[str, str]) -> None:
    address, body = f"{url}?{urlencode(query)}" if query else url, urlencode(form)
    assert signature(KEYS, "POST", address, body.encode(), OAUTH) == by_another("POST", address, body)


def test_the_example_of_the_rfc_is_signed_as_it_says() -> None:
    keys = Keys("9djdj82h48djs9d2", "j49sk3j29djd", "kkk9d7dh3k39sjv7", "dh893hdasih9")
    parameters = {
        "oauth_consumer_key": keys.key, "oauth_token": keys.token, "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": "137131201", "oauth_nonce": "7d8f3e4a",
    }  # fmt: skip
    url = "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b"
    found = signature(keys, "post", url, b"c2&a3=2+q", parameters)
    assert found == "r6/TJjbCOr97/+UU0NsvSne7s5g="  # of the base string in RFC 5849, 3.4.1.1
