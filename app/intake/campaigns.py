"""Campaigns: many senders with one text get one campaign, and each keeps a ticket of their own.

Two workers that admit the second and the third sender at the same moment may both count too few; the next sender's
ticket brings them all in.
"""

from sqlalchemy import BigInteger, Text, bindparam, text
from sqlalchemy.orm import Session

from app.intake.fingerprint import Fingerprint
from app.intake.look_up import CAMPAIGN_DAYS, CAMPAIGN_FROM, Known

_NAME_LENGTH = 80
_MAKE = text("""
    INSERT INTO campaign (name, fingerprint) VALUES (:title, :name)
    ON CONFLICT (fingerprint) DO UPDATE SET name = campaign.name
    RETURNING id
""").bindparams(bindparam("title", type_=Text), bindparam("name", type_=Text))
_GATHER = text(f"""
    UPDATE ticket SET campaign_id = :campaign_id, version = version + 1
    WHERE campaign_id IS NULL AND id IN (
        SELECT ticket_id FROM message
        WHERE fingerprint = :number AND received_at > now() - interval '{CAMPAIGN_DAYS} days')
""").bindparams(  # noqa: S608  (a constant)
    bindparam("campaign_id", type_=BigInteger), bindparam("number", type_=BigInteger)
)


def campaign_of(
    session: Session, fingerprint: Fingerprint | None, known: Known, contact_id: int | None, title: str
) -> int | None:
    """The campaign that a new ticket belongs to; made when this is the third sender, with the earlier tickets in it."""
    if fingerprint is None or known.campaign_id is not None:
        return known.campaign_id
    senders = set(known.senders or ()) | ({contact_id} if contact_id is not None else set())
    if len(senders) < CAMPAIGN_FROM:
        return None
    made = session.execute(_MAKE, {"title": title[:_NAME_LENGTH], "name": fingerprint.name})
    campaign_id = int(made.scalar_one())
    session.execute(_GATHER, {"campaign_id": campaign_id, "number": fingerprint.number})
    return campaign_id
