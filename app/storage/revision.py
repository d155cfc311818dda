"""Which schema this code knows: the dated migrations, in the checkout or in the installed package.

A revision is named YYYY_MM_DD_N_words, so revisions have an order without loading Alembic, and a process can tell "the
database is behind me" (not ready) from "the database is ahead of me" (a deployment under way: ready, since every migration
lets the previous version of the code go on working).
"""

import re
from functools import cache
from pathlib import Path

_NAME = re.compile(r"(\d{4})_(\d{2})_(\d{2})_(\d+)_\w+")
_PACKAGE = Path(__file__).resolve().parent.parent


def folder() -> Path:
    """The folder of `env.py`, `versions/` and the SQL files."""
    installed = _PACKAGE / "_migrations"
    return installed if installed.is_dir() else _PACKAGE.parent / "migrations"


def order(revision: str) -> tuple[int, ...]:
    """A key that sorts revisions by date and number; raises ValueError for a name that is not dated."""
    match = _NAME.fullmatch(revision)
    if match is None:
        raise ValueError(f"revision {revision!r} is not named YYYY_MM_DD_N_words")
    return tuple(int(part) for part in match.groups())


@cache
def newest() -> str:
    """The newest revision that this code carries."""
    return max((path.stem for path in (folder() / "versions").glob("[0-9]*.py")), key=order)


def covers(revision: str | None) -> bool:
    """Whether a database at `revision` has everything that this code needs; one with a name not of ours has not."""
    return revision is not None and _NAME.fullmatch(revision) is not None and order(revision) >= order(newest())
