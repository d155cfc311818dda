"""Whose fault an error is: the item's, or that of the database or the disk (then the item simply stays new)."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.errors import DomainError

# SQLSTATE classes: connection, insufficient resources, object not in the needed state, operator intervention, system error,
# invalid transaction state (a read-only standby, an idle transaction that was ended).
_ITS_OWN = ("08", "53", "55", "57", "58", "25")
_TOO_SLOW = "57014"  # statement_timeout: that may well be the item


class StoreAway(Exception):
    """The blob store cannot work now: a full disk, an S3 service that does not answer."""


@contextmanager
def storing() -> Iterator[None]:
    """Whatever the store raises in here, except its own clear answers, becomes `StoreAway`."""
    try:
        yield
    except DomainError:
        raise
    except Exception as error:
        raise StoreAway(type(error).__name__) from error


def nobodys_item(error: BaseException) -> bool:
    """Whether the database or the store went away, or cannot work now."""
    if isinstance(error, (PoolTimeout, StoreAway)):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state: str | None = getattr(error.orig, "sqlstate", None)
    if error.connection_invalidated or state is None:
        return error.connection_invalidated or type(error).__name__ in ("OperationalError", "InterfaceError")
    return state.startswith(_ITS_OWN) and state != _TOO_SLOW


def too_slow(error: BaseException) -> bool:
    """Whether PostgreSQL ended a statement for taking too long: this item's fault, or that of a busy hour."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == _TOO_SLOW
