"""Reading columns quickly, by statements that are made once.

Why not `session.execute`: at every run it looks a statement up by its whole structure and prepares for objects that it might
give, which is half of what a small statement costs and was a quarter of a ticket page. Here SQLAlchemy's work is done at a
statement's first run and kept: its SQL, and what its types do to values and to columns. Connection, transaction and errors
are SQLAlchemy's as ever.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import psycopg
from sqlalchemy import BindParameter, Connection, Dialect, Select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

Change = Callable[[Any], Any]
_DIALECT: Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]


@dataclass(slots=True)
class _Made:
    """`fixed` are the parameters whose values stand in the statement; `given` and `columns` are the changes that types make,
    by a parameter's name and by a column's place. What a column needs depends on what it is for PostgreSQL, so the first
    answer tells.
    """

    sql: str
    fixed: Mapping[str, Any]
    given: Mapping[str, Change]
    columns: Sequence[tuple[int, Change]] | None = None


def rows(session: Session, statement: Select[*tuple[Any, ...]], values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
    """All rows of a statement over columns, with values for its named parameters; others are left alone.

    The statement is kept for good: make it once, not for each call. Raises what `session.execute` does.
    """
    made, connection = _made(statement), session.connection()
    parameters = {**made.fixed, **values}
    for name, change in made.given.items():
        if name in values:
            parameters[name] = change(parameters[name])
    try:
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute(made.sql, parameters)
            found = cursor.fetchall()
            if made.columns is None:
                made.columns = _changes(statement, cursor)
    except psycopg.Error as error:
        raise _as_ever(connection, made.sql, error) from error
    return [_changed(row, made.columns) for row in found] if made.columns else found


@lru_cache(maxsize=1024)
def _made(statement: Select[*tuple[Any, ...]]) -> _Made:
    compiled: Any = statement.compile(dialect=_DIALECT)
    if compiled.post_compile_params:
        raise TypeError(
            "an IN list is written anew for each run: compare with any_(...) in a statement that is made once"
        )
    binds: Mapping[BindParameter[Any], str] = compiled.bind_names
    given = {name: change for bind, name in binds.items() if (change := _bound(bind))}
    fixed = {
        name: given[name](bind.effective_value) if name in given else bind.effective_value
        for bind, name in binds.items()
        if not bind.required
    }
    return _Made(compiled.string, fixed, given)


def _bound(bind: BindParameter[Any]) -> Change | None:
    return bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)


def _changes(statement: Select[*tuple[Any, ...]], cursor: Any) -> Sequence[tuple[int, Change]]:
    found = []
    for place, column in enumerate(statement.selected_columns):
        kind = column.type.dialect_impl(_DIALECT)
        if change := kind.result_processor(_DIALECT, cursor.description[place].type_code):
            found.append((place, change))
    return found


def _changed(row: Sequence[Any], columns: Sequence[tuple[int, Change]]) -> tuple[Any, ...]:
    made = list(row)
    for place, change in columns:
        made[place] = change(made[place])
    return tuple(made)


def _as_ever(connection: Connection, sql: str, error: psycopg.Error) -> BaseException:
    """The error as `Connection.execute` raises it, which throws a broken connection away."""
    broken = connection.dialect.is_disconnect(error, connection.connection.driver_connection, None)  # type: ignore[arg-type]
    if broken:
        connection.invalidate(error)
    return DBAPIError.instance(
        sql, None, error, psycopg.Error, hide_parameters=True, connection_invalidated=broken, dialect=connection.dialect
    )
