"""Sessions, the one commit, limits, and whether the database is ready."""

from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import column, insert, select, table, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from app.settings import Settings
from app.storage import migrate
from app.storage.database import Database, open_database


def _count(database: Database) -> int:
    with database.read_only() as session:
        return int(session.scalar(text("SELECT count(*) FROM note")) or 0)


@pytest.fixture
def noted(empty_database: Database) -> Database:
    with empty_database.unit_of_work() as session:
        session.execute(text("CREATE TABLE note (n int PRIMARY KEY, body jsonb)"))
    return empty_database


def test_a_unit_of_work_commits_at_its_end(noted: Database) -> None:
    with noted.unit_of_work() as session:
        session.execute(text("INSERT INTO note VALUES (1)"))
        assert _count(noted) == 0
    assert _count(noted) == 1


def test_an_error_in_a_unit_of_work_undoes_all_of_it(noted: Database) -> None:
    with pytest.raises(ZeroDivisionError), noted.unit_of_work() as session:
        session.execute(text("INSERT INTO note VALUES (1)"))
        _ = 1 / 0
    with pytest.raises(IntegrityError), noted.unit_of_work() as session:
        session.execute(text("INSERT INTO note VALUES (2)"))
        session.execute(text("INSERT INTO note VALUES (2)"))
    assert _count(noted) == 0


def test_a_read_only_session_cannot_change_anything(noted: Database) -> None:
    with pytest.raises(DBAPIError, match="read-only"), noted.read_only() as session:
        session.execute(text("INSERT INTO note VALUES (1)"))
    with noted.unit_of_work() as session:  # the same pooled connection writes again
        session.execute(text("INSERT INTO note VALUES (1)"))
    assert _count(noted) == 1


def test_a_snapshot_sees_one_moment_whatever_others_commit(noted: Database) -> None:
    with noted.read_only(snapshot=True) as session:
        count = text("SELECT count(*) FROM note")
        assert session.scalar(count) == 0
        with noted.unit_of_work() as other:
            other.execute(text("INSERT INTO note VALUES (1)"))
        assert session.scalar(count) == 0


def test_connections_that_the_server_ended_are_replaced_before_anybody_gets_one(noted: Database) -> None:
    mine = text("SELECT pg_backend_pid()")
    with noted.read_only() as one, noted.read_only() as other:
        before = {one.scalar(mine), other.scalar(mine)}
    with psycopg.connect(noted.dsn) as raw:
        for pid in before:
            assert raw.execute("SELECT pg_terminate_backend(%s, 5000)", [pid]).fetchone() == (True,)
    with noted.unit_of_work() as one, noted.unit_of_work() as other:
        after = {one.scalar(mine), other.scalar(mine)}
    assert len(after) == 2
    assert not before & after


def test_an_idle_connection_is_used_again(noted: Database) -> None:
    mine = text("SELECT pg_backend_pid()")
    with noted.read_only() as session:
        before = session.scalar(mine)
    with noted.unit_of_work() as session:
        assert session.scalar(mine) == before


def test_json_goes_in_and_comes_out_whole(noted: Database) -> None:
    body = {"naam": "Zoë “A” ’t Hof", "n": [1, 2.5, None, True], "groot": 2**60}
    note = table("note", column("n"), column("body", JSONB))
    with noted.unit_of_work() as session:
        session.execute(insert(note).values(n=1, body=body))
    with noted.read_only() as session:
        assert session.scalar(select(note.c.body)) == body


def test_a_statement_that_takes_too_long_is_ended(noted: Database) -> None:
    impatient = Database(noted.url.render_as_string(hide_password=False), timeout_ms=50)
    with pytest.raises(OperationalError, match="statement timeout"), impatient.read_only() as session:
        session.execute(text("SELECT pg_sleep(10)"))
    impatient.close()


def test_connections_carry_their_name_and_speak_utc(noted: Database) -> None:
    with noted.read_only() as session:
        assert session.scalar(text("SELECT current_setting('application_name')")) == "weerklank test"
        assert session.scalar(text("SHOW TimeZone")) == "UTC"


def test_a_database_that_is_away_is_not_ready_and_that_is_no_exception() -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")
    assert not away.ready().reachable
    assert not away.ready().ok
    away.close()


def test_the_embedded_database_is_opened_and_stopped_with_its_block(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", database_url=None)
    with open_database(settings) as database:
        migrate.upgrade(database)
        assert database.ready().ok
        pid_file = tmp_path / "data/pg/postmaster.pid"
        assert pid_file.exists()
    assert not pid_file.exists()


def test_a_database_that_is_named_is_used_and_none_is_started(database_settings: Settings) -> None:
    with open_database(database_settings) as database:
        assert database.ready().ok
    assert not (database_settings.data / "pg").exists()


def test_the_session_of_the_tests_survives_an_error_inside_a_savepoint(session: Session) -> None:
    session.execute(text("CREATE TEMPORARY TABLE once (n int PRIMARY KEY)"))
    session.execute(text("INSERT INTO once VALUES (1)"))
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text("INSERT INTO once VALUES (1)"))
    assert session.scalar(text("SELECT count(*) FROM once")) == 1


def test_every_connection_notices_a_peer_that_vanished_and_is_noticed_in_half_a_minute(database: Database) -> None:
    """The locks' connection above all: as long as the server believes in it, nobody else reads its mailboxes."""
    given = conninfo_to_dict(database.dsn)
    assert (given["keepalives_idle"], given["tcp_user_timeout"]) == ("15", "30000")
    assert "tcp_keepalives_idle=15" in str(given["options"])
    with psycopg.connect(database.dsn) as raw, database.read_only() as session:
        for shown in (
            raw.execute(
                "SELECT current_setting('TimeZone'), reset_val FROM pg_settings WHERE name = 'tcp_keepalives_count'"
            ),
            session.execute(text("SELECT 'UTC', reset_val FROM pg_settings WHERE name = 'tcp_keepalives_count'")),
        ):
            assert tuple(shown.fetchone() or ()) == ("UTC", "3")
