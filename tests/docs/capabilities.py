"""The table of what each kind of channel can do, made from the code; `make docs` writes it into docs/channels.md.

Why beside the tests: making it needs the registry, which nothing of the application may open but `app.system`.
"""

from collections.abc import Iterable
from pathlib import Path

from app.channels.contract import CAPABILITIES, Kind, capabilities
from app.channels.registry import KINDS
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "channels.md"
BEGIN = "<!-- capabilities: written by `make docs` from the code -->\n"
END = "<!-- end of capabilities -->\n"


def table(kinds: Iterable[Kind] = KINDS) -> str:
    """A row for each kind, a column for each protocol."""
    names = [protocol.__name__ for protocol in CAPABILITIES]
    lines = [["kind", "name", *names], ["---", "---", *[":-:" for _ in names]]]
    for kind in sorted(kinds, key=lambda kind: kind.key):
        able = capabilities(kind.channel)
        lines.append([f"`{kind.key}`", kind.labels["en"], *["yes" if name in able else "–" for name in names]])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def with_table(text: str) -> str:
    """The page with the table between its marks replaced."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


def write(page: Path = PAGE) -> None:
    """Bring the page up to date."""
    page.write_text(with_table(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    write()
