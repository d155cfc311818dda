"""The texts that people see, gathered from the code; `make translations` adds the new ones to the Dutch catalogue.

Why not Babel's own update: it knows texts by their mark `_()` alone. What an error tells to do, and the hint of a channel's
setting, are translated where they are shown, so an update would throw their Dutch away.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from app.channels.registry import KINDS
from tests.docs.pages import ROOT

APP = ROOT / "app"
CATALOGUE = APP / "locale" / "nl" / "LC_MESSAGES" / "weerklank.po"
TERMINAL = ("settings.py", "main.py", "cli.py", "storage/", "bench/", "demo/")
"""Their sentences are for whoever runs Weerklank, at a terminal, and are in English."""

_WAYS = [
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2"),
    ("**/templates/**.txt", "jinja2"),
    ("**/pages/**.html", "jinja2"),
]
_JINJA = {"extensions": "jinja2.ext.i18n,jinja2.ext.do", "trim_blocks": "true", "lstrip_blocks": "true"}
_OPTIONS = {pattern: _JINJA for pattern, kind in _WAYS if kind == "jinja2"}
_FIXES = {"NotFound": (2,), "Conflict": (2,), "Forbidden": (2,), "Invalid": (2,), "Fault": (3,)}
_NAMED = re.compile(r'^ +fix = "([^"{]+)"$', re.MULTILINE)
"""What an error tells to do, where it had to be named first."""
_TROUBLES = ("Refused", "Unreachable", "Uncertain", "Unreadable", "FetchError", "AddressRefused")


def seen() -> Iterator[str]:
    """Every text that must be in the catalogue, in the order of the code; a plural by its singular."""
    yield from _found(dict(DEFAULT_KEYWORDS))
    yield from (text for text in _found({**_FIXES, **dict.fromkeys(_TROUBLES, (1,))}) if " " in text)
    for path in sorted(APP.rglob("*.py")):
        if not str(path.relative_to(APP)).startswith(TERMINAL):
            yield from _NAMED.findall(path.read_text(encoding="utf-8"))
    for kind in KINDS:
        yield from (field.description for field in kind.settings.model_fields.values() if field.description)


def composed(value: str) -> Iterator[str]:
    """What channels say with something filled in (f-strings): each sentence, with `value` in its places."""
    for path in sorted(APP.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _TROUBLES:
                yield from (_filled(text, value) for text in map(_f_string, node.args[:1]) if text is not None)


def catalogue(path: Path = CATALOGUE) -> Catalog:
    """The Dutch catalogue as it stands in the file."""
    return read_po(BytesIO(path.read_bytes()))


def add_new(path: Path = CATALOGUE) -> list[str]:
    """Put what the catalogue lacks at its end, to be translated there; gives those texts."""
    known = catalogue(path)
    new = [text for text in dict.fromkeys(seen()) if text not in known]
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f'\nmsgid "{_quoted(text)}"\nmsgstr ""\n' for text in new)
    return new


def _found(keywords: Mapping[str, Any]) -> Iterator[str]:
    for name, _, text, *_ in extract_from_dir(APP, _WAYS, _OPTIONS, keywords=keywords):
        if not name.startswith(TERMINAL):
            yield str(text[0] if isinstance(text, tuple | list) else text)


def _f_string(node: ast.expr) -> ast.JoinedStr | None:
    """An f-string, also one that is stripped."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    says = isinstance(node, ast.JoinedStr) and any(
        isinstance(p, ast.Constant) and str(p.value).strip() for p in node.values
    )
    return node if says and isinstance(node, ast.JoinedStr) else None


def _filled(text: ast.JoinedStr, value: str) -> str:
    return "".join(str(part.value) if isinstance(part, ast.Constant) else value for part in text.values)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


if __name__ == "__main__":
    for text in add_new():
        print(text)
