"""Somebody else was first: roll the transaction back and do it again, on what is true now.

Every unique index that two workers can meet at is answered this way. Looking first and inserting then would leave a gap
between the two; a savepoint per insert would cost every mail a round trip for what one in ten thousand needs.
"""

from sqlalchemy.exc import DBAPIError

TRIES = 8
_SERIAL = frozenset({"40001", "40P01", "23505"})  # serialization failure, deadlock, unique violation


class Again(Exception):
    """Raised within a transaction whose view turned out to be old."""


def lost_a_race(error: Exception) -> bool:
    """Whether doing the same again on a fresh view can succeed."""
    if isinstance(error, Again):
        return True
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _SERIAL
