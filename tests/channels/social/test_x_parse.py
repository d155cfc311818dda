"""What a recorded post means, under both names that X gives its fields, and that no post escapes."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given

from app.channels.contract import RawItem
from app.channels.social.x_parse import parse_post
from tests.channels.social.shown import item_of, meaning_of, mutated, parsed_or_unreadable, recorded, shown

OWN = "2244994945"
RENAMED = (
    (b"referenced_tweets", b"referenced_posts"),
    (b"edit_history_tweet_ids", b"edit_history_post_ids"),
    (b"note_tweet", b"note_post"),
)


@pytest.mark.parametrize("path", recorded("x"), ids=lambda path: path.stem)
def test_a_recorded_post_means_what_was_written_down(path: Path) -> None:
    assert shown(parse_post(item_of(path), OWN)) == meaning_of(path)


@pytest.mark.parametrize("path", recorded("x"), ids=lambda path: path.stem)
def test_the_new_names_of_fields_mean_the_same(path: Path) -> None:
    item = item_of(path)
    body = item.body
    for old, new in RENAMED:
        body = body.replace(old, new)
    assert shown(parse_post(dataclasses.replace(item, body=body), OWN)) == meaning_of(path)


@given(mutated("x"))
def test_any_post_is_parsed_or_unreadable(item: RawItem) -> None:
    parsed_or_unreadable(lambda one: parse_post(one, OWN), item)
