"""Every text of the desk is in the Dutch catalogue, with the same places for values."""

import re
from io import BytesIO
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

DESK = Path(__file__).resolve().parents[2] / "app" / "desk"
CATALOGUE = DESK.parent / "locale" / "nl" / "LC_MESSAGES" / "weerklank.po"
WAYS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"extensions": "jinja2.ext.i18n,jinja2.ext.do", "trim_blocks": "true", "lstrip_blocks": "true"}}
PLACE = re.compile(r"%\(\w+\)s|\{\w+\}")


def _one(text: object) -> str:
    """A text, or the singular of one that has a plural."""
    return str(text[0] if isinstance(text, tuple | list) else text or "")


def test_every_text_is_in_the_dutch_catalogue() -> None:
    catalogue = read_po(BytesIO(CATALOGUE.read_bytes()))
    missing, uneven = [], []
    for found in extract_from_dir(DESK, WAYS, OPTIONS):
        text = _one(found[2])
        entry = catalogue.get(text)
        dutch = _one(entry.string) if entry is not None else ""
        if not dutch:
            missing.append((found[0], text))
        elif sorted(PLACE.findall(text)) != sorted(PLACE.findall(dutch)):
            uneven.append(text)
    assert missing == []
    assert uneven == []
