"""The desk's fixtures, for taking pictures."""

from tests.desk.conftest import busy_desk, office_desk, served

__all__ = ["busy_desk", "office_desk", "served"]
