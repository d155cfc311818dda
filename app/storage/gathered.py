"""Several statements in one: each of them a column with all its rows as JSON.

Why: a statement costs 0.15 ms of processor time besides its rows, and a page that shows a ticket needs many small ones.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Enum, Select, func, literal_column, select

Loader = Callable[[Any], Any]


def gathered(statement: Select[*tuple[Any, ...]]) -> ColumnElement[Any]:
    """The rows of a statement, each as a list, in the order of its first column; an empty list when there are none."""
    inner = statement.subquery()
    columns = list(inner.c)
    rows = func.jsonb_agg(func.jsonb_build_array(*columns).op("ORDER BY")(columns[0]))
    return select(func.coalesce(rows, literal_column("'[]'::jsonb"))).scalar_subquery()


def loaders(statement: Select[*tuple[Any, ...]]) -> list[tuple[int, Loader]]:
    """What JSON does not know, by the place of its column: moments and words of our closed sets."""
    found = ((place, _loader(column.type)) for place, column in enumerate(statement.selected_columns))
    return [(place, load) for place, load in found if load is not None]


def loaded(rows: Iterable[list[Any]], changes: Sequence[tuple[int, Loader]], row_type: Any) -> list[Any]:
    """Rows that `gathered` gave, as they would have come by themselves."""
    made = []
    for row in rows:
        for place, load in changes:
            if row[place] is not None:
                row[place] = load(row[place])
        made.append(row_type(*row))
    return made


def _loader(kind: Any) -> Loader | None:
    if isinstance(kind, DateTime):
        return datetime.fromisoformat
    return kind.enum_class if isinstance(kind, Enum) else None
