"""Statements that are made once: the same rows, and the same errors, as by SQLAlchemy itself."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from sqlalchemy import (
    BigInteger,
    Float,
    Interval,
    Numeric,
    Select,
    any_,
    bindparam,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from app.models.base import word
from app.storage.database import Database
from app.storage.rows import rows
from app.vocabulary import Priority

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KINDS: Select[Any] = select(
    cast(literal("urgent"), word(Priority)),
    cast(None, word(Priority)),
    literal(NOON) + bindparam("later", type_=Interval()),
    cast(bindparam("given"), JSONB),
    bindparam("numbers", type_=ARRAY(BigInteger)),
    cast(literal_column("1.5"), Float),
    cast(literal_column("1.50"), Numeric),
    literal_column("1.25").cast(Float) == bindparam("number", type_=Float),
    bindparam("wish", type_=word(Priority)) == "low",
    func.coalesce(bindparam("nothing", type_=BigInteger), 7),
)
GIVEN = {
    "later": timedelta(hours=1), "given": '{"a": [1, null, "é"]}', "numbers": [3, 4], "number": 1.25, "wish": Priority.LOW,
    "nothing": None,
}  # fmt: skip


def test_every_type_goes_in_and_comes_out_as_ever(session: Session) -> None:
    first, found = (
        rows(session, KINDS, {**GIVEN, "asked_by_nobody": 1}) for _ in range(2)
    )  # what one learns, two uses
    assert first == found == [tuple(row) for row in session.execute(KINDS, GIVEN)]
    assert found == [
        (
            Priority.URGENT,
            None,
            NOON + timedelta(hours=1),
            {"a": [1, None, "é"]},
            [3, 4],
            1.5,
            Decimal("1.50"),
            True,
            True,
            7,
        )
    ]
    assert type(found[0][0]) is Priority


def test_no_rows_are_no_rows(session: Session) -> None:
    never: Select[Any] = select(literal_column("1")).where(
        literal_column("1") == any_(bindparam("among", type_=ARRAY(BigInteger)))
    )
    assert list(rows(session, never, {"among": []})) == []
    assert list(rows(session, never, {"among": [1]})) == [(1,)]


def test_it_sees_what_its_own_transaction_did_and_nothing_that_was_rolled_back(empty_database: Database) -> None:
    note: Select[Any] = select(column("n")).select_from(table("note")).order_by("n")
    with empty_database.unit_of_work() as session:
        session.execute(text("CREATE TABLE note (n int)"))
    with empty_database.unit_of_work() as session:
        session.execute(text("INSERT INTO note VALUES (1)"))
        assert rows(session, note, {}) == [(1,)]
        session.rollback()
        assert list(rows(session, note, {})) == []


def test_it_is_read_only_where_its_session_is(empty_database: Database) -> None:
    wild = select(func.set_config("weerklank.x", "1", False)).add_columns(func.nextval("counter"))
    with empty_database.unit_of_work() as session:
        session.execute(text("CREATE SEQUENCE counter"))
        assert rows(session, wild, {}) == [("1", 1)]
    with pytest.raises(DBAPIError, match="read-only"), empty_database.read_only() as session:
        rows(session, wild, {})


def test_an_error_is_sqlalchemys_and_repeats_no_value(empty_database: Database) -> None:
    nowhere: Select[Any] = select(column("n")).select_from(table("nowhere")).where(column("n") == bindparam("secret"))
    with pytest.raises(ProgrammingError, match="nowhere") as caught, empty_database.read_only() as session:
        rows(session, nowhere, {"secret": "hemelblauw"})
    assert "hemelblauw" not in str(caught.value)
    with empty_database.read_only() as session:
        assert session.scalar(text("SELECT 1")) == 1


def test_a_value_that_is_missing_is_an_error_that_names_it(session: Session) -> None:
    with pytest.raises(DBAPIError, match="wanted"):
        rows(session, select(bindparam("wanted", type_=BigInteger)), {})


def test_a_broken_connection_is_said_so_and_replaced(empty_database: Database) -> None:
    mine = select(func.pg_backend_pid())
    with pytest.raises(OperationalError) as caught, empty_database.read_only() as session:
        pid = rows(session, mine, {})[0][0]
        with psycopg.connect(empty_database.dsn) as other:
            assert other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid]).fetchone() == (True,)
        rows(session, mine, {})
    assert caught.value.connection_invalidated
    with empty_database.read_only() as session:
        assert rows(session, mine, {})[0][0] != pid


def test_an_in_list_is_refused_with_what_to_write_instead(session: Session) -> None:
    with pytest.raises(TypeError, match="any_"):
        rows(session, select(literal_column("1")).where(column("n").in_([1, 2])), {})
