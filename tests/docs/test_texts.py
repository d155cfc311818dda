"""Every text that people see is in the Dutch catalogue, with the same places for values."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.desk.refusals import said
from app.vocabulary import Language
from tests.docs.texts import CATALOGUE, add_new, catalogue, composed, seen

PLACE = re.compile(r"%\(\w+\)s|\{\w+\}")


def _all(text: object) -> list[str]:
    """A text, or the singular and plural of one that has both."""
    return [str(one or "") for one in text] if isinstance(text, tuple | list) else [str(text or "")]


def _one(text: object) -> str:
    return _all(text)[0]


def test_every_text_is_in_the_dutch_catalogue() -> None:
    known = catalogue()
    texts = set(seen())
    assert len(texts) > 1000
    ready = {_one(message.id) for message in known if message.id and all(_all(message.string)) and not message.fuzzy}
    assert sorted(texts - ready) == []


def test_every_dutch_text_has_the_places_for_values_of_its_english_one() -> None:
    uneven = [
        message.id
        for message in catalogue()
        if sorted(PLACE.findall(_one(message.id))) != sorted(PLACE.findall(_one(message.string)))
    ]
    assert uneven == []


def test_what_a_channel_says_with_something_filled_in_is_said_in_dutch_too() -> None:
    value, dutch = "it was removed at Twilio", "het is bij Twilio verwijderd"
    # In a thread of its own: Python 3.11 loses count of its depth while it parses where a browser's greenlets live.
    with ThreadPoolExecutor(1) as apart:
        sentences = apart.submit(lambda: [*composed(value)]).result()
    assert len(sentences) > 80
    assert [one for one in sentences if dutch not in said(Language.DUTCH, one.strip())] == []


def test_a_new_text_is_added_at_the_end_and_nothing_else_changes(tmp_path: Path) -> None:
    kept, _, rest = CATALOGUE.read_text(encoding="utf-8").partition('\nmsgid "Take back"\n')
    without = kept + "\n" + rest.partition("\n\n")[2]
    copy = tmp_path / "weerklank.po"
    copy.write_text(without, encoding="utf-8")
    assert add_new(copy) == ["Take back"]
    assert copy.read_text(encoding="utf-8") == without + '\nmsgid "Take back"\nmsgstr ""\n'
    assert add_new(copy) == []
