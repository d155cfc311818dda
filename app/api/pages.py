"""Pages of lists: what is in this one, and what to give back as `after` for the following one."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.web.strict import Told

Item = TypeVar("Item", bound=Told)


class Page(Told, Generic[Item]):
    """`next` is null on the last page."""

    items: list[Item]
    next: int | None = None


def read(
    session: Session, query: Select[Any], ids: Any, after: int | None, limit: int, model: type[Item]
) -> Page[Item]:
    """A page of `query`, which selects the model's columns, by the column `ids`, oldest first."""
    wanted = query.where(ids > after) if after is not None else query
    return cut(session.execute(wanted.order_by(ids).limit(limit + 1)).all(), limit, model)


def cut(rows: Sequence[Any], limit: int, model: type[Item]) -> Page[Item]:
    """Rows, of which there may be one more than `limit` to tell that another page follows; each has an `id`."""
    shown = rows[:limit]
    following = shown[-1].id if len(rows) > limit else None
    return Page[model](items=[model.model_validate(row) for row in shown], next=following)  # type: ignore[valid-type]
