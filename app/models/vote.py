"""Votes in polls, each counted once per account and external id; repeats are marked, never deleted."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered


class Vote(Numbered, Created, Base):
    """`choices` as in the contract's `Vote`; `apart` says why it is counted apart (a burst, a repeat), empty = counted."""

    __tablename__ = "vote"
    __table_args__ = (UniqueConstraint("account_id", "external_id"), Index("ix_vote_poll", "account_id", "poll_key"))

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    raw_item_id: Mapped[int] = mapped_column(ForeignKey("raw_item.id"), index=True)
    external_id: Mapped[str]
    poll_key: Mapped[str]
    choices: Mapped[dict[str, Any]]
    invited: Mapped[bool] = mapped_column(default=False)
    voted_at: Mapped[datetime | None]
    apart: Mapped[str] = mapped_column(default="", server_default="")
