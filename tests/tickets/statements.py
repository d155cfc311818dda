"""Looking at the statements that a piece of code sends: how many, and what PostgreSQL does for them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session


@contextmanager
def noting(bind: Engine | Connection, note: Callable[[str, Any], object]) -> Iterator[None]:
    """Call `note` with each statement before it is sent, and with its parameters.

    At the driver, since SQLAlchemy's own events know nothing of what `app.storage.rows` reads.
    """
    noted = [True]

    class Noting(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
            if noted[0]:
                note(str(query), params)
            return super().execute(query, params, **options)

    def watch(connection: Any, *_: object) -> None:
        connection.cursor_factory = Noting

    if isinstance(bind, Connection):
        watch(bind.connection.driver_connection)
    else:
        event.listen(bind, "checkout", watch)
    try:
        yield
    finally:
        noted[0] = False
        if isinstance(bind, Engine):
            event.remove(bind, "checkout", watch)


@contextmanager
def statements_of(source: Session | Engine) -> Iterator[list[str]]:
    """The statements sent meanwhile, savepoints apart."""
    sent: list[str] = []
    with noting(source.connection() if isinstance(source, Session) else source, lambda query, _: sent.append(query)):
        yield sent
    sent[:] = [query for query in sent if "SAVEPOINT" not in query]


def plan_of(session: Session, ask: Callable[[], object]) -> str:
    """How PostgreSQL carries out the first statement that `ask` sends."""
    sent: list[tuple[str, Any]] = []
    with noting(session.connection(), lambda query, parameters: sent.append((query, parameters))):
        ask()
    statement, parameters = sent[0]
    return "\n".join(row[0] for row in session.connection().exec_driver_sql(f"EXPLAIN {statement}", parameters))
