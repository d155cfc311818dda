"""What a recorded status means, and that no status escapes."""

from pathlib import Path

import pytest
from hypothesis import given

from app.channels.contract import RawItem, Reaction
from app.channels.social.mastodon_parse import parse_status
from app.vocabulary import Visibility
from tests.channels.social.shown import item_of, meaning_of, mutated, parsed_or_unreadable, recorded, shown

OWN, HOST = "110", "social.voorbeeldstad.example"


@pytest.mark.parametrize("path", recorded("mastodon"), ids=lambda path: path.stem)
def test_a_recorded_status_means_what_was_written_down(path: Path) -> None:
    assert shown(parse_status(item_of(path), OWN, HOST)) == meaning_of(path)


@given(mutated("mastodon"))
def test_any_status_is_parsed_or_unreadable(item: RawItem) -> None:
    parsed_or_unreadable(lambda one: parse_status(one, OWN, HOST), item)


def test_a_visibility_that_we_do_not_know_is_taken_for_the_narrowest() -> None:
    path = next(path for path in recorded("mastodon") if path.stem == "mastodon_mention_public")
    item = item_of(path)
    strange = RawItem(item.key, item.body.replace(b'"visibility": "public"', b'"visibility": "circle"'), meta=item.meta)
    (said,) = parse_status(strange, OWN, HOST)
    assert isinstance(said, Reaction)
    assert said.visibility is Visibility.DIRECT
