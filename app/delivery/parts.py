"""The further posts of an answer that went out as several: each gets a delivery of its own, sent already.

By its id an answer to any of the posts finds the ticket, and none of them is taken for a colleague's when it is read back.
"""

from sqlalchemy import Select, insert, literal, select
from sqlalchemy.orm import Session

from app.channels.contract import Sent
from app.models import Delivery

ACTION = "part"
_SAME = ("ticket_id", "message_id", "account_id", "address_id", "state", "not_before", "sent_at", "begun_at")


def write(session: Session, delivery_id: int, receipt: Sent) -> None:
    """Write down the posts after the first."""
    names = ("external_id", "action", "key", *_SAME)
    for number, external_id in enumerate(receipt.also, 2):
        session.execute(insert(Delivery).from_select(names, _row(delivery_id, number, external_id)))


def _row(delivery_id: int, number: int, external_id: str) -> Select[tuple[object, ...]]:
    """The row of one post: as its delivery, with an id and a key of its own."""
    same = (getattr(Delivery, name) for name in _SAME)
    own = (literal(external_id), literal(ACTION), Delivery.key + f":{number}")
    return select(*own, *same).where(Delivery.id == delivery_id)
