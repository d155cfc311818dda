"""Campaigns: many senders with one text, shown as one row, counted as many, never merged."""

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered


class Campaign(Numbered, Created, Base):
    """`fingerprint` is of the folded text that its members share."""

    __tablename__ = "campaign"

    name: Mapped[str]
    fingerprint: Mapped[str] = mapped_column(unique=True)
