"""Recorded items: what a service gave, and what it means, in one JSON file each; and items mutated at random."""

import dataclasses
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from app.channels.contract import Incoming, RawItem, Unreadable

RECORDED = Path(__file__).parent / "recorded"
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


def recorded(service: str) -> list[Path]:
    """The files of one service."""
    return sorted(RECORDED.glob(f"{service}_*.json"))


def item_of(path: Path) -> RawItem:
    """The item in a file: `{"meta": …, "item": …, "means": […]}`, and `completed` where something was fetched besides."""
    data = json.loads(path.read_text())
    fetched = {name: json.dumps(value).encode() for name, value in data.get("completed", {}).items()}
    return RawItem(path.stem, json.dumps(data["item"]).encode(), meta=data["meta"], completed=fetched)


def meaning_of(path: Path) -> Any:
    """What the file says that its item means."""
    return json.loads(path.read_text())["means"]


def shown(said: Sequence[Incoming]) -> list[dict[str, Any]]:
    """What was understood, without what is empty."""
    return [{"is": type(one).__name__, **_filled(one)} for one in said]


def _filled(one: Any) -> dict[str, Any]:
    return {f.name: _plain(getattr(one, f.name)) for f in dataclasses.fields(one) if getattr(one, f.name)}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _filled(value)
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value if isinstance(value, bool | int) else str(value)


@st.composite
def mutated(draw: st.DrawFn, service: str) -> RawItem:
    """A recorded item with some of its values replaced, some bytes cut, or another word for what it is."""
    item = item_of(draw(st.sampled_from(recorded(service))))
    data = json.loads(item.body)
    for _ in range(draw(st.integers(0, 4))):
        _replace_one(draw, data)
    body = json.dumps(data).encode()
    cut = draw(st.integers(0, len(body)) | st.none())
    meta = dict(item.meta) | draw(st.just({}) | st.fixed_dictionaries({"what": st.text(max_size=9)}))
    return dataclasses.replace(item, body=body[:cut], meta=meta)


def _replace_one(draw: st.DrawFn, data: Any) -> None:
    while isinstance(data, dict | list) and data:
        place = draw(st.sampled_from(sorted(data) if isinstance(data, dict) else range(len(data))))
        if not isinstance(data[place], dict | list) or not data[place] or draw(st.integers(0, 3)) == 0:
            data[place] = draw(JUNK)
            return
        data = data[place]


def parsed_or_unreadable(parse: Callable[[RawItem], Sequence[Incoming]], item: RawItem) -> None:
    """Anything else than a meaning or `Unreadable` is an escape, and fails the test that calls this."""
    with suppress(Unreadable):
        assert isinstance(parse(item), tuple)
