"""Each recorded mail against what it means, whole: `mails/<name>.eml` → `mails/<name>.json`.

Bytes of attachments appear as their size alone; a folded passage as its text.
"""

import dataclasses
import json
from typing import Any

import pytest

from app.channels.contract import AttachmentIn, Reaction
from app.channels.incoming import Fold, Incoming
from tests.channels.mail.reading import MAILS, read_all, recorded

NAMES = sorted(path.stem for path in MAILS.glob("*.eml"))


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_mail_means_what_was_written_down(name: str) -> None:
    assert shown(recorded(name)) == json.loads((MAILS / f"{name}.json").read_text())


def shown(raw: bytes) -> list[dict[str, Any]]:
    return [_shown(one) for one in read_all(raw)]


def _shown(one: Incoming) -> dict[str, Any]:
    text = one.text if isinstance(one, Reaction) else ""
    filled = {f.name: _plain(getattr(one, f.name), text) for f in dataclasses.fields(one)}
    return {"is": type(one).__name__, **{name: value for name, value in filled.items() if value}}


def _plain(value: Any, text: str) -> Any:
    match value:
        case Fold():
            return {"why": value.why, "text": text[value.start : value.end]}
        case AttachmentIn():
            return {"name": value.name, "type": value.content_type, "size": value.size, "cid": value.cid}
        case dict():
            return value
        case frozenset():
            return sorted(value)
        case tuple() | list():
            return [_plain(one, text) for one in value]
        case bool():
            return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {k: v for k, v in dataclasses.asdict(value).items() if v}
    return str(value) if value else None
