"""The schema: reached from nothing, equal to the models, and named by date."""

from pathlib import Path
from threading import Thread

import procrastinate
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text

from app.storage import migrate, revision
from app.storage.database import Database


def test_an_empty_database_is_brought_up_to_date(empty_database: Database) -> None:
    assert empty_database.ready().reachable
    assert not empty_database.ready().migrated
    migrate.upgrade(empty_database)
    assert empty_database.ready().ok


def test_the_models_and_the_schema_do_not_differ(database: Database) -> None:
    migrate.check(database)


def test_processes_that_start_together_migrate_once(empty_database: Database) -> None:
    errors: list[BaseException] = []

    def upgrade() -> None:
        try:
            migrate.upgrade(empty_database)
        except BaseException as error:
            errors.append(error)

    threads = [Thread(target=upgrade) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert empty_database.ready().ok


def test_the_migrations_can_be_undone(empty_database: Database) -> None:
    migrate.upgrade(empty_database)
    with empty_database.engine.connect() as connection:
        command.downgrade(migrate.configuration(connection), "base")
    left = text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
    with empty_database.read_only() as session:
        assert session.scalars(left).all() == ["alembic_version"]
    migrate.upgrade(empty_database)
    assert empty_database.ready().ok


def test_the_newest_revision_by_name_is_the_head_by_descent() -> None:
    assert ScriptDirectory.from_config(migrate.configuration()).get_current_head() == revision.newest()


def test_revisions_sort_by_date_and_number() -> None:
    names = ["2026_11_24_10_j", "2026_11_24_9_z", "2025_12_31_0_a"]
    assert sorted(names, key=revision.order) == ["2025_12_31_0_a", "2026_11_24_9_z", "2026_11_24_10_j"]
    with pytest.raises(ValueError, match="not named"):
        revision.order("0bc1f2")


def test_a_database_ahead_of_the_code_counts_as_ready(database: Database) -> None:
    with database.unit_of_work() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '2999_01_01_0_later'"))
    assert database.ready().ok
    with database.unit_of_work() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '2020_01_01_0_earlier'"))
    assert not database.ready().migrated
    with database.unit_of_work() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0bc1f2'"))
    assert not database.ready().migrated


def test_the_copy_of_procrastinates_schema_is_that_of_the_installed_version() -> None:
    installed = Path(procrastinate.__file__).parent / "sql" / "schema.sql"
    copy = revision.folder() / f"procrastinate_{procrastinate.__version__}.sql"
    assert copy.read_text() == installed.read_text()
