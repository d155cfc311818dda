"""Who takes part in a ticket's conversation, beside its contact: what they send may join it."""

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.orm import Session

_TAKE_PART = text("""
    INSERT INTO ticket_participant (ticket_id, contact_id, address_id)
    SELECT t.id, :contact_id, :address_id FROM ticket t WHERE t.id = :id AND t.contact_id IS DISTINCT FROM :contact_id
    ON CONFLICT DO NOTHING
""").bindparams(*(bindparam(name, type_=BigInteger) for name in ("id", "contact_id", "address_id")))


def take_part(session: Session, ticket_id: int, contact_id: int, address_id: int | None) -> None:
    """From now on the contact takes part in the conversation; nothing when they did already."""
    session.execute(_TAKE_PART, {"id": ticket_id, "contact_id": contact_id, "address_id": address_id})
