"""The horizon: what is under way here holds it, what is under way elsewhere on the server does not."""

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from app.storage.database import Database
from app.storage.horizon import horizon

MY_ID = text("SELECT pg_current_xact_id()::text::bigint")
SERVER_BOUND = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


def test_a_transaction_under_way_holds_the_horizon_until_it_is_over(database: Database) -> None:
    with database.unit_of_work() as writer:
        under_way = writer.scalar(MY_ID)
        with database.unit_of_work() as later:
            assert later.scalar(MY_ID) > under_way
        with database.read_only() as reader:
            assert horizon(reader) == under_way
    with database.read_only() as reader:
        assert horizon(reader) > under_way


def test_a_long_transaction_in_another_database_of_the_server_holds_nobody_up(
    database: Database, empty_database: Database
) -> None:
    with empty_database.unit_of_work() as elsewhere:
        long = elsewhere.scalar(MY_ID)
        with database.unit_of_work() as writer:
            ours = writer.scalar(MY_ID)
        with database.read_only() as reader:
            assert reader.scalar(SERVER_BOUND) <= long
            assert horizon(reader) > ours > long


def test_who_asks_twice_in_one_transaction_is_told_of_what_began_in_between(database: Database) -> None:
    with database.read_only() as reader:
        first = horizon(reader)
        with database.unit_of_work() as writer:
            under_way = writer.scalar(MY_ID)
            with database.unit_of_work() as later:
                later.scalar(MY_ID)
            assert first <= under_way
            assert horizon(reader) == under_way


def test_sessions_of_a_role_that_hides_its_transactions_hold_the_horizon_too(database: Database) -> None:
    role = f"reader_of_{database.url.database}"
    with database.unit_of_work() as session:
        session.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD 'x'"))
    engine = create_engine(database.url.set(username=role, password="x"))
    try:
        with database.unit_of_work() as writer, Session(engine) as reader:
            under_way = writer.scalar(MY_ID)
            with database.unit_of_work() as later:
                later.scalar(MY_ID)
            assert horizon(reader) <= under_way
    finally:
        engine.dispose()
        with database.unit_of_work() as session:
            session.execute(text(f"DROP ROLE {role}"))
