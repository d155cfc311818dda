from collections.abc import Iterator

import pytest

from app.storage.database import Database
from tests.conftest import _clone as clone
from tests.docs.running import Running, running


@pytest.fixture(scope="module")
def office_database(database_server: str, template: str) -> Iterator[Database]:
    yield from clone(database_server, template)


@pytest.fixture(scope="module")
def office(office_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An installation that runs, for the examples of one page of the documentation."""
    url = office_database.engine.url.render_as_string(hide_password=False)
    with running(url, tmp_path_factory.mktemp("office")) as found:
        yield found
