"""Writing a row that may break a rule of the database, within a transaction that goes on."""

from typing import Any

from sqlalchemy import Executable
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid

TAKEN = "23505"  # unique_violation, https://www.postgresql.org/docs/18/errcodes-appendix.html


def unique(session: Session, statement: Executable) -> Any:
    """The first column that `statement` returns, None without a row.

    Raises `Conflict` "taken" when another row has its name, `Invalid` "reference" when it names something that is not
    there (or is null where that is impossible).
    """
    try:
        with session.begin_nested():
            return session.scalar(statement)
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", "") == TAKEN:
            raise Conflict("taken", "There is one with this name or address already; choose another.") from None
        raise Invalid("reference", "It names something that does not exist, or leaves out what is needed.") from None
