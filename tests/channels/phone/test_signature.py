"""Our reading of Twilio's signature, held against Twilio's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from app.channels.phone.signature import genuine, signed

TOKEN = "a token"
FIELDS = st.dictionaries(st.text(min_size=1, max_size=10), st.text(max_size=20), max_size=6)
URLS = st.sampled_from(
    [
        "https://weerklank.voorbeeldstad.example/hooks/abc",
        "https://weerklank.voorbeeldstad.example:443/hooks/abc?step=menu&language=nl",
        "https://weerklank.voorbeeldstad.example:8443/hooks/abc",
        "http://127.0.0.1:8000/hooks/abc?delivery=wk1.abc",
    ]
)


@given(FIELDS, URLS)
def test_twilios_validator_and_ours_agree(fields: dict[str, str], url: str) -> None:
    pairs = list(fields.items())
    assert RequestValidator(TOKEN).validate(url, fields, signed(TOKEN, url, pairs))
    assert genuine(TOKEN, url, pairs, RequestValidator(TOKEN).compute_signature(url, fields))


@given(FIELDS, URLS, st.text(max_size=40))
def test_no_other_signature_is_taken(fields: dict[str, str], url: str, given_: str) -> None:
    assert not genuine(TOKEN, url, list(fields.items()), given_)
    assert not genuine("another", url, list(fields.items()), signed(TOKEN, url, list(fields.items())))


@pytest.mark.parametrize("values", [["1", "2"], ["2", "1"], ["1", "1", "2"]])
def test_every_value_of_a_repeated_field_is_signed_once_and_in_order(values: list[str]) -> None:
    url = "https://weerklank.voorbeeldstad.example/hooks/abc"
    pairs = [("MediaUrl", value) for value in values]
    assert signed(TOKEN, url, pairs) == signed(TOKEN, url, [("MediaUrl", "1"), ("MediaUrl", "2")])
    assert signed(TOKEN, url, pairs) != signed(TOKEN, url, [("MediaUrl", "1")])
