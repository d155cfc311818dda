"""Policies: the routing rules in force, versioned; a version never changes once it has been in force."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered


class Policy(Numbered, Created, Base):
    """`id` is the version. `rules` is the ordered list that `app.routing.policy` reads. At most one is in force."""

    __tablename__ = "policy"
    __table_args__ = (
        Index(
            "uq_policy_in_force",
            text("(true)"),
            unique=True,
            postgresql_where=text("in_force_from IS NOT NULL AND in_force_until IS NULL"),
        ),
    )

    rules: Mapped[list[Any]]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    in_force_from: Mapped[datetime | None]
    in_force_until: Mapped[datetime | None]
