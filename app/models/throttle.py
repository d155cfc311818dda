"""Counters of what may happen only so often: posts from one address to a form, per hour."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class Throttle(Base):
    """`key` is a keyed hash (no address is stored); `hour` the start of the window by the database's clock."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
