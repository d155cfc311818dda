"""A resource that is a table's row told as it is: listed, read, made and changed in one way, wherever nothing more is to it.

Rows without a version have a digest of what is told about them as their ETag. A change holds the row, compares the caller's
If-Match with it, and only then writes, so that nobody changes it between the two.
"""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api import changes, pages
from app.identity import audit
from app.identity.principal import Principal
from app.identity.unique import unique
from app.web import etag
from app.web.idempotency import Made
from app.web.strict import Given, Told

Document = TypeVar("Document", bound=Told)
BASE = "/api/v1"


class Resource(Generic[Document]):
    """`model`'s fields are columns of `table`; `what` is its name, of which the address is the plural (with an s unless told)."""

    def __init__(self, table: Any, model: type[Document], what: str, plural: str = "") -> None:
        self._table, self._model, self._what = table, model, what
        self._address = f"{BASE}/{plural or what + 's'}"
        self._columns = select(*(getattr(table, name) for name in model.model_fields))

    def page(
        self, session: Session, after: int | None, limit: int, *conditions: ColumnElement[bool]
    ) -> pages.Page[Document]:
        """Those that fit, by id."""
        return pages.read(session, self._columns.where(*conditions), self._table.id, after, limit, self._model)

    def that_are(self, active: bool | None) -> list[ColumnElement[bool]]:
        """The condition that they are in use, or not; none when nobody asked."""
        return [] if active is None else [self._table.active.is_(active)]

    def read(self, session: Session, number: int, *, lock: bool = False) -> Document:
        """One; raises `NotFound`."""
        query = self._columns.where(self._table.id == number)
        return changes.read(session, query, self._model, self._what.replace("_", " "), lock=lock)

    def told(self, session: Session, number: int) -> Response:
        """One, with its ETag."""
        return changes.told(self.read(session, number))

    def held(self, session: Session, number: int, if_match: str) -> Document:
        """One, held until the end; raises `Conflict` "changed" (412) unless the caller last saw it as it is."""
        document = self.read(session, number, lock=True)
        etag.check(if_match, document)
        return document

    def made(self, session: Session, number: int) -> Made:
        """The answer to a call that made one."""
        document = self.read(session, number)
        return Made(document, f"{self._address}/{number}", headers={"ETag": etag.of(document)})

    def change(
        self, session: Session, number: int, if_match: str, body: Given, write: Callable[[Mapping[str, Any]], object]
    ) -> Response:
        """Have `write` set what was given; raises as `held`."""
        self.held(session, number, if_match)
        if values := changes.given(body):
            write(values)
        return self.told(session, number)

    def insert(self, session: Session, me: Principal, values: Mapping[str, Any], **told: Any) -> Made:
        """Write a row; `told` goes into the audit log. Raises `Conflict` when another has what must be unique."""
        number: int = unique(session, insert(self._table).values(dict(values)).returning(self._table.id))
        audit.record(session, f"{self._what}.created", by=me, on=(self._what, number), **told)
        return self.made(session, number)

    def update(self, session: Session, me: Principal, number: int, if_match: str, body: Given) -> Response:
        """Set what was given; raises as `held` and `insert`."""

        def write(values: Mapping[str, Any]) -> None:
            row = update(self._table).where(self._table.id == number).values(dict(values))
            unique(session, row.returning(self._table.id))
            audit.record(session, f"{self._what}.changed", by=me, on=(self._what, number), columns=sorted(values))

        return self.change(session, number, if_match, body, write)
