"""What is known already about a reaction, in one round trip: the message itself, its author, its campaign."""

from typing import NamedTuple

from sqlalchemy import BigInteger, Boolean, Text, bindparam, text
from sqlalchemy.orm import Session

from app.channels.contract import Reaction
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
            ORDER BY n.id DESC LIMIT 50) s) AS senders,
        (SELECT coalesce(t.merged_into_id, t.id) FROM message o JOIN ticket t ON t.id = o.ticket_id
            WHERE o.external_id = :external_id AND o.external_id <> '' AND (:anywhere OR o.account_id = :account_id)
            ORDER BY o.id LIMIT 1) AS same_id_ticket
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
    bindparam("external_id", type_=Text),
    bindparam("number", type_=BigInteger),
    bindparam("account_id", type_=BigInteger),
    bindparam("anywhere", type_=Boolean),
)


class Known(NamedTuple):
    """Every field is None for what is not there. `senders` are contacts who sent the same text lately (at most 50).

    `same_id_ticket` holds a message with the same external id (and, when `message_id` is None, other content).
    """

    message_id: int | None
    ticket_id: int | None
    address_id: int | None
    contact_id: int | None
    contact_name: str | None
    verified: bool
    campaign_id: int | None
    senders: list[int] | None
    same_id_ticket: int | None


def look_up(
    session: Session, account_id: int, identity: str, reaction: Reaction, fingerprint: Fingerprint | None
) -> Known:
    """What there is at this moment; the unique indexes decide what there will be."""
    values = {
        "identity": identity,
        "kind": reaction.author.kind.value,
        "address": reaction.author.address or None,
        "external_id": reaction.external_id,
        "account_id": account_id,
        "anywhere": reaction.shared,
        "name": fingerprint.name if fingerprint else None,
        "number": fingerprint.number if fingerprint else None,
    }
    return Known(*session.execute(_LOOK_UP, values).one())
