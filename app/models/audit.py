"""The audit log: what staff did outside tickets, and who looked at what. Never changed, never deleted."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Numbered


class Audit(Numbered, Base):
    """`action` is a dotted name (`sign_in.failed`, `account.changed`); `data` holds ids and words, no secret."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_object", "object", "object_id", "id"),)

    at: Mapped[datetime] = mapped_column(server_default=func.now())
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"), index=True)
    token_id: Mapped[int | None] = mapped_column(ForeignKey("api_token.id"))
    action: Mapped[str]
    object: Mapped[str] = mapped_column(default="")
    object_id: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
