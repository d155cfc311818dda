"""Putting something on its way out: the delivery row, in the transaction of whatever it belongs to.

A message exists exactly if its delivery does: both are committed together, and `app/delivery` takes it from there.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert
from sqlalchemy.orm import Session

from app.models import Delivery
from app.storage.queue import wake


def enqueue(
    session: Session,
    *,
    ticket_id: int,
    message_id: int | None,
    account_id: int,
    address_id: int | None = None,
    wait_seconds: float = 0,
    action: str = "send",
    payload: Mapping[str, Any] | None = None,
) -> int:
    """A waiting delivery, claimable `wait_seconds` from now by the database's clock; gives its id.

    Its key is what the message carries outside at every try (a mail's Message-ID). It tells which message it is for and
    cannot be guessed, so that nobody can make a mail look like an echo of one that is still to be sent.
    """
    key = f"wk{message_id or 0}.{secrets.token_hex(8)}"
    row = {
        "ticket_id": ticket_id, "message_id": message_id, "account_id": account_id, "address_id": address_id,
        "action": action, "payload": dict(payload or {}), "key": key,
        "not_before": func.clock_timestamp() + timedelta(seconds=wait_seconds),
    }  # fmt: skip
    delivery_id: int = session.execute(insert(Delivery).values(row).returning(Delivery.id)).scalar_one()
    wake(session, "delivery")
    return delivery_id
