"""Several statements in one: each of them a column with all its rows as JSON.

Why: a statement costs 0.15 ms of processor time besides its rows, and a page that shows a ticket needs many small ones.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Enum, Select, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from app.storage.rows import rows

Loader = Callable[[Any], Any]
_NONE: ColumnElement[Any] = literal_column("'[]'::jsonb")


class Gathered:
    """Statements that are asked together, each with what makes its rows of their columns. Each has at least two columns, and
    its rows in the order of the first two.
    """

    def __init__(self, *parts: tuple[Callable[..., Any], Select[*tuple[Any, ...]]]) -> None:
        self._statement = select(*(_column(part) for _, part in parts))
        self._parts = [(row_type, _loaders(part)) for row_type, part in parts]

    def ask(self, session: Session, values: Mapping[str, Any]) -> list[Any]:
        """The rows of each statement, in the order in which these were given, with values for all their named parameters."""
        found = rows(session, self._statement, values)[0]
        return [_loaded(part, *made) for part, made in zip(found, self._parts, strict=True)]


def _column(statement: Select[*tuple[Any, ...]]) -> ColumnElement[Any]:
    columns = list(statement.selected_columns)
    row, first, second = func.jsonb_build_array(*columns).label("row"), columns[0].label("a"), columns[1].label("b")
    inner = statement.with_only_columns(row, first, second, maintain_column_froms=True).subquery()
    listed = func.jsonb_agg(aggregate_order_by(inner.c.row, inner.c.a, inner.c.b))
    return select(func.coalesce(listed, _NONE)).scalar_subquery()


def _loaders(statement: Select[*tuple[Any, ...]]) -> list[tuple[int, Loader]]:
    """What JSON does not know, by the place of its column: moments and words of our closed sets."""
    found = ((place, _loader(column.type)) for place, column in enumerate(statement.selected_columns))
    return [(place, load) for place, load in found if load is not None]


def _loader(kind: Any) -> Loader | None:
    if isinstance(kind, DateTime):
        return datetime.fromisoformat
    return kind.enum_class if isinstance(kind, Enum) else None


def _loaded(found: list[list[Any]], row_type: Callable[..., Any], changes: Sequence[tuple[int, Loader]]) -> list[Any]:
    """The rows as they would have come by themselves."""
    made = []
    for row in found:
        for place, load in changes:
            if row[place] is not None:
                row[place] = load(row[place])
        made.append(row_type(*row))
    return made
