"""An open system: everything that a process is made of, and nothing of it left behind."""

import threading

import pytest
from sqlalchemy import text

from app.errors import Invalid
from app.settings import Settings
from app.storage.database import Database
from app.system import open_system
from tests.until import until


def test_a_system_knows_every_kind_of_channel(database_settings: Settings) -> None:
    with open_system(database_settings) as system:
        assert {"mail", "comments.form"} <= set(system.accounts.kinds)
        assert system.database.ready().ok


def test_its_connections_carry_its_name_and_end_with_it(database_settings: Settings, database: Database) -> None:
    def connections() -> int:
        with database.read_only() as session:
            query = text("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'weerklank proef'")
            return int(session.scalar(query) or 0)

    before = threading.active_count()
    with open_system(database_settings, name="weerklank proef") as system:
        assert system.database.ready().ok
        assert connections() == 1
    until(lambda: connections() == 0, 5)
    assert threading.active_count() == before


def test_only_who_asks_for_it_changes_the_schema(settings: Settings, empty_database: Database) -> None:
    url = empty_database.url.render_as_string(hide_password=False)
    own = Settings.model_validate({**settings.model_dump(), "database_url": url})
    with open_system(own) as system:
        assert not system.database.ready().migrated
    with open_system(own, migrated=True) as system:
        assert system.database.ready().ok


def test_a_wrong_key_is_said_and_the_database_is_let_go(database_settings: Settings) -> None:
    wrong = Settings.model_validate({**database_settings.model_dump(), "secret_keys": "kort"})
    with pytest.raises(Invalid) as refused, open_system(wrong):
        pass
    assert [fault.field for fault in refused.value.faults] == ["WEERKLANK_SECRET_KEYS"]
    assert "kort" not in str(refused.value.faults)
