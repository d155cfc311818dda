"""The pages of the documentation, as tests read them."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")))
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\|(.+)\|$", re.MULTILINE)


def page(name: str) -> str:
    """The text of `docs/<name>.md`."""
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """What stands between fences of this language."""
    return [found[2] for found in _BLOCK.finditer(text) if found[1] == language]


def without_blocks(text: str) -> str:
    """The text outside fences."""
    return _BLOCK.sub("", text)


def section(text: str, heading: str) -> str:
    """What stands under `## heading` (or deeper), up to the next heading of that depth or above."""
    start = re.search(rf"^(#+) {re.escape(heading)}$", text, re.MULTILINE)
    assert start is not None, f"no heading {heading!r}"
    rest = text[start.end() :]
    end = re.search(rf"^#{{1,{len(start[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def rows(text: str) -> list[list[str]]:
    """The cells of every row of every table, heads and rules left out."""
    found = [[cell.strip() for cell in row[1].split("|")] for row in _ROW.finditer(text)]
    rules = [at for at, row in enumerate(found) if set("".join(row)) <= set("-: ")]
    return [row for at, row in enumerate(found) if at not in rules and at + 1 not in rules]


def coded(text: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`\n]+)`", text)
