"""Deliveries: one outgoing message each, on its way through a channel."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered, word
from app.vocabulary import DeliveryState


class Delivery(Numbered, Created, Base):
    """`waiting → claimed → begun → sent | failed (again at) | uncertain | refused | cancelled`; see app/delivery.

    `not_before` holds the undo window and the next try. `lease_until` and `claimed_by` belong to the claim, by the
    database's clock; `seen_at` is when somebody saw that it was refused. `key` is what the message carries outside
    (Message-ID, Idempotency-Key) and never changes. `action` is `send`, `amend`, `retract`, `moderate`, or `part` (a further
    post of an answer that was split); `payload` holds what it needs beside the message.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_waiting", "not_before", "id", postgresql_where=text("state IN ('waiting', 'failed')")),
        Index("ix_delivery_held", "lease_until", postgresql_where=text("state IN ('claimed', 'begun')")),
        Index(
            "ix_delivery_trouble", "id", postgresql_where=text("state IN ('uncertain', 'refused') AND seen_at IS NULL")
        ),
        Index("ix_delivery_ticket", "ticket_id", "id"),
        Index("ix_delivery_message", "message_id"),
    )

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    address_id: Mapped[int | None] = mapped_column(ForeignKey("contact_address.id"))
    action: Mapped[str] = mapped_column(default="send", server_default="send")
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    key: Mapped[str] = mapped_column(unique=True)
    state: Mapped[DeliveryState] = mapped_column(word(DeliveryState), default=DeliveryState.WAITING)
    not_before: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    claimed_by: Mapped[str] = mapped_column(default="", server_default="")
    begun_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    external_id: Mapped[str] = mapped_column(default="", server_default="", index=True)
    url: Mapped[str] = mapped_column(default="", server_default="")
    problem: Mapped[str] = mapped_column(default="", server_default="")
    code: Mapped[str] = mapped_column(default="", server_default="")
