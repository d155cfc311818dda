"""Idempotency keys of API calls: the same key by the same caller gives the first answer again."""

from typing import Any

from sqlalchemy import Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created


class IdempotencyKey(Created, Base):
    """`digest` is of the request, so that a key used for something else is refused."""

    __tablename__ = "idempotency_key"

    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    status: Mapped[int | None] = mapped_column(Integer)
    headers: Mapped[list[Any] | None] = mapped_column(default=None)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
