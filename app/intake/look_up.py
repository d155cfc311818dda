"""What is known already about a reaction, in one round trip: the message itself, its author, its campaign."""

from typing import NamedTuple

from sqlalchemy import BigInteger, Text, bindparam, text
from sqlalchemy.orm import Session

from app.channels.contract import Author
from app.intake.fingerprint import Fingerprint

CAMPAIGN_FROM = 3  # different senders with one text
CAMPAIGN_DAYS = 30

_LOOK_UP = text(f"""
    SELECT m.id AS message_id, m.ticket_id, a.id AS address_id, a.contact_id, c.name AS contact_name,
        (a.verified_at IS NOT NULL) AS verified, k.id AS campaign_id,
        (SELECT array_agg(DISTINCT s.contact_id) FROM (
            SELECT n.contact_id FROM message n
            WHERE n.fingerprint = :number AND n.contact_id IS NOT NULL AND k.id IS NULL
                AND n.received_at > now() - interval '{CAMPAIGN_DAYS} days'
            ORDER BY n.id DESC LIMIT 50) s) AS senders
    FROM (SELECT 1) AS one
    LEFT JOIN message m ON m.identity = :identity
    LEFT JOIN contact_address a ON a.kind = :kind AND a.address = :address
    LEFT JOIN contact c ON c.id = a.contact_id
    LEFT JOIN campaign k ON k.fingerprint = :name
""").bindparams(  # noqa: S608  (a constant)
    bindparam("identity", type_=Text),
    bindparam("kind", type_=Text),
    bindparam("address", type_=Text),
    bindparam("name", type_=Text),
    bindparam("number", type_=BigInteger),
)


class Known(NamedTuple):
    """Every field is None for what is not there. `senders` are contacts who sent the same text lately (at most 50)."""

    message_id: int | None
    ticket_id: int | None
    address_id: int | None
    contact_id: int | None
    contact_name: str | None
    verified: bool
    campaign_id: int | None
    senders: list[int] | None


def look_up(session: Session, identity: str, author: Author, fingerprint: Fingerprint | None) -> Known:
    """What there is at this moment; the unique indexes decide what there will be."""
    values = {
        "identity": identity,
        "kind": author.kind.value,
        "address": author.address or None,
        "name": fingerprint.name if fingerprint else None,
        "number": fingerprint.number if fingerprint else None,
    }
    return Known(*session.execute(_LOOK_UP, values).one())
