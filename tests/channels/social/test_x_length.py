"""Our count of a post against the library that follows X's own conformance suite."""

import warnings
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.channels.social.x_length import LONGEST_SEARCHED, has_address, weighted

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the library asks for a module that setuptools takes away
    from twitter_text import parse_tweet
    from twitter_text.regexp.emoji import emoji_list

BITS = (
    "hallo ", "de brug", "https://", "http://", "voorbeeldstad", ".nl", ".com", "/pad", "?a=b", ".", ",", "(", ")", " ", "\n",
    "é", "日", "’", "–", "ж", "👍🏽", "👨‍👩‍👧", "🇳🇱", "@", "#", "-", "_", "www.", "x", "9", "!", "t.co/", "https://t.co/ab",
    "co.uk", ":", ";", "&", "=", "1️⃣", "❤️", "\r\n", "。", "“", "xn--", "e\u0301", "ß", "中国", "\u200e",
)  # fmt: skip


def by_library(text: str) -> int:
    return int(parse_tweet(text).weightedLength)


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("Vrijdag gaat de brug open.", 26),
        ("zie https://www.voorbeeldstad.nl/bruggen/brug-12/planning?dag=vrijdag nu", 4 + 23 + 3),
        ("zie voorbeeldstad.nl.", 4 + 23 + 1),
        ("mail info@voorbeeldstad.nl", 26),
        ("日本", 4),
        ("👨‍👩‍👧‍👦🇳🇱1️⃣", 6),
        ("e\u0301", 1),
        ("a\r\nb", 3),
        ("", 0),
    ],
)
def test_a_post_counts_as_x_counts_it(text: str, counted: int) -> None:
    assert weighted(text) == counted == by_library(text)


@settings(max_examples=400)
@given(st.lists(st.sampled_from(BITS), max_size=12).map("".join))
def test_any_mix_of_words_addresses_and_emoji_counts_the_same(text: str) -> None:
    assert weighted(text) == by_library(text)


@given(st.text(st.characters(max_codepoint=0x24FF), max_size=60))
def test_any_text_without_pictures_counts_the_same(text: str) -> None:
    assert weighted(text) == by_library(text)


def test_every_emoji_that_the_library_knows_counts_two() -> None:
    known = ["".join(chr(int(code, 16)) for code in one.codepoint.split()) for one in emoji_list]
    assert len(known) > 3_000
    assert [one for one in known if (weighted(one), by_library(one)) != (2, 2)] == []


def test_an_address_is_seen_because_it_costs_more() -> None:
    assert has_address("zie voorbeeldstad.nl")
    assert not has_address("zie de website. Nu.")


@pytest.mark.parametrize("text", ["日" * 2_490 + ".nl", "a." * 1_240, "aa." * 830, "a-" * 1_240 + ".", "x.nl/(a" * 350])
def test_no_text_takes_long_to_count(text: str) -> None:
    assert len(text) <= LONGEST_SEARCHED
    began = process_time()
    assert weighted(text) > 280
    assert process_time() - began < 1
