"""The town that these tests share."""

import pytest
from sqlalchemy.orm import Session

from tests.tickets.town import Town, build


@pytest.fixture
def town(session: Session) -> Town:
    """A small municipality in a transaction that is rolled back."""
    return build(session)
