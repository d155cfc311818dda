"""Signed tokens: forged, cut, borrowed and outdated ones."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.storage.keys import Keys
from app.tickets import tokens
from app.tickets.tokens import Claim

KEYS = Keys([b"k" * 32])
ids = st.integers(min_value=1, max_value=2**63 - 1)


@given(ids, st.integers(0, 2**63 - 1), st.integers(1, 1000))
def test_a_token_is_short_plain_and_says_what_it_is_for(ticket_id: int, contact_id: int, round_: int) -> None:
    for make, purpose in ((tokens.reply_token, "reply"), (tokens.status_token, "status")):
        token = make(KEYS, ticket_id, contact_id, round_)
        assert re.fullmatch(r"[a-z0-9-]{1,60}", token)
        claim = tokens.claims(token)
        assert claim is not None
        assert (claim.purpose, claim.ticket_id, claim.contact_id) == (purpose, ticket_id, contact_id)
        assert tokens.valid(KEYS, claim, round_)


def test_a_mail_system_may_change_the_case() -> None:
    claim = tokens.claims(tokens.reply_token(KEYS, 17, 4, 1).upper())
    assert claim is not None
    assert tokens.valid(KEYS, claim, 1)


def test_nobody_known_is_contact_zero() -> None:
    claim = tokens.claims(tokens.status_token(KEYS, 17, None, 1))
    assert claim is not None
    assert claim.contact_id == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda c: Claim(c.purpose, c.ticket_id + 1, c.contact_id, c.signature),
        lambda c: Claim(c.purpose, c.ticket_id, c.contact_id + 1, c.signature),
        lambda c: Claim("status", c.ticket_id, c.contact_id, c.signature),
        lambda c: Claim(c.purpose, c.ticket_id, c.contact_id, "a" * 26),
    ],
)
def test_a_token_is_good_for_its_ticket_person_and_purpose_only(change: object) -> None:
    claim = tokens.claims(tokens.reply_token(KEYS, 17, 4, 1))
    assert claim is not None
    assert callable(change)
    assert not tokens.valid(KEYS, change(claim), 1)
    assert tokens.round_of(KEYS, change(claim), 5) is None


def test_the_round_tells_what_was_given_out_before_a_merge() -> None:
    claim = tokens.claims(tokens.reply_token(KEYS, 17, 4, 2))
    assert claim is not None
    assert not tokens.valid(KEYS, claim, 3)
    assert tokens.round_of(KEYS, claim, 3) == 2
    assert tokens.round_of(KEYS, claim, 1) is None


def test_another_installation_signs_otherwise() -> None:
    claim = tokens.claims(tokens.reply_token(Keys([b"x" * 32]), 17, 4, 1))
    assert claim is not None
    assert not tokens.valid(KEYS, claim, 1)
    assert tokens.valid(Keys([b"k" * 32, b"x" * 32]), claim, 1)


@pytest.mark.parametrize(
    "text",
    ["", "r", "r-1-1-", "r-1-1-" + "a" * 25, "x-1-1-" + "a" * 26, "r-0-1-" + "a" * 26, "r-zzzzzzzzzzzzz-1-" + "a" * 26],
)
def test_what_has_no_tokens_form_claims_nothing(text: str) -> None:
    assert tokens.claims(text) is None


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    tokens.claims(text)
