"""How many automatic receipts an address had on a day: at most five, whoever asks at the same time."""

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class ReceiptCount(Base):
    """`day` is by the database's clock, in UTC."""

    __tablename__ = "receipt_count"

    address_id: Mapped[int] = mapped_column(ForeignKey("contact_address.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
