"""What the routes have in common that read and change: a row or its absence, what was given, a document with its ETag."""

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.errors import NotFound
from app.web import etag
from app.web.strict import Given, Told

Document = TypeVar("Document", bound=Told)


def read(session: Session, query: Select[Any], model: type[Document], what: str, *, lock: bool = False) -> Document:
    """The one row of `query`; raises `NotFound` about a `what`."""
    row = session.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound(what.replace(" ", "_"), f"There is no such {what}.")
    return model.model_validate(row)


def given(body: Given) -> Mapping[str, Any]:
    """The fields that were sent, by their names inside, with nulls where null was sent."""
    return {name: getattr(body, name) for name in body.model_fields_set}


def told(document: Told) -> Response:
    """A document with its ETag."""
    body = document.model_dump_json(by_alias=True)
    return Response(body, headers={"ETag": etag.of(document)}, media_type="application/json")
