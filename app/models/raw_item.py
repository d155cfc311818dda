"""Raw items: every thing a channel gave us, byte for byte, before anybody tried to understand it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Numbered, word
from app.vocabulary import RawState


class RawItem(Numbered, Base):
    """`body` holds small items; larger ones lie in the blob store under `blob` (sha256). `completed` names blobs
    fetched.

    `tries` is raised *before* parsing, so that an item that kills its worker is known. `outcomes` lists what each
    part of the item became; `state` is the weightiest. `reason` says why it was set aside or ignored, `error` holds
    the trace.
    """

    __tablename__ = "raw_item"
    __table_args__ = (
        UniqueConstraint("account_id", "key"),
        Index("ix_raw_item_new", "id", postgresql_where=text("state = 'new'")),
        Index("ix_raw_item_set_aside", "id", postgresql_where=text("state = 'set_aside'")),
        Index("ix_raw_item_ledger", "account_id", "state"),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    key: Mapped[str]
    media_type: Mapped[str]
    meta: Mapped[dict[str, Any]] = mapped_column(default=dict)
    body: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    blob: Mapped[str | None]
    size: Mapped[int]
    completed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[RawState] = mapped_column(word(RawState), default=RawState.NEW)
    reason: Mapped[str] = mapped_column(default="", server_default="")
    error: Mapped[str] = mapped_column(default="", server_default="", deferred=True)
    outcomes: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    not_before: Mapped[datetime | None]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    handled_at: Mapped[datetime | None]
