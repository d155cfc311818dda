"""What a reaction does to the conversation round it: participants, a ticket that comes back."""

from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, DateTime, Text, bindparam, text
from sqlalchemy.orm import Session

from app.storage.queue import wake
from app.tickets.create import UNTIL_ROUTED

ABSENT_DAYS = 3
"""An owner who has been away so long does not get a reopened ticket back without assignment having looked."""

_TAKE_PART = text("""
    INSERT INTO ticket_participant (ticket_id, contact_id, address_id)
    SELECT t.id, :contact_id, :address_id FROM ticket t WHERE t.id = :id AND t.contact_id IS DISTINCT FROM :contact_id
    ON CONFLICT DO NOTHING
""").bindparams(*(bindparam(name, type_=BigInteger) for name in ("id", "contact_id", "address_id")))
_COME_BACK = text(f"""
    UPDATE ticket SET due_at = :due_at,
        decision_id = CASE WHEN ticket.agent_id IS NULL OR EXISTS (
            SELECT 1 FROM agent a WHERE a.id = ticket.agent_id AND (NOT a.active OR (a.presence = 'away'
                AND coalesce(a.presence_at, '-infinity') < now() - interval '{ABSENT_DAYS} days')))
            THEN NULL ELSE ticket.decision_id END
    WHERE id = :id RETURNING decision_id IS NULL
""").bindparams(  # noqa: S608  (a constant)
    bindparam("id", type_=BigInteger), bindparam("due_at", type_=DateTime(timezone=True))
)
_OUR_TEXTS = text("""
    SELECT text FROM message WHERE ticket_id = :id AND kind IN ('reply', 'receipt') ORDER BY id DESC LIMIT 5
""")
_PROCESS = text("SELECT id FROM process WHERE key = :key")
_BY_EXTERNAL = text("""
    SELECT id, ticket_id FROM message
    WHERE account_id = :account_id AND external_id = ANY(:ids) AND external_id <> '' ORDER BY id DESC LIMIT 1
""").bindparams(bindparam("ids", type_=ARRAY(Text)))


def take_part(session: Session, ticket_id: int, contact_id: int, address_id: int | None) -> None:
    """From now on the contact takes part in the conversation; nothing when they did already."""
    session.execute(_TAKE_PART, {"id": ticket_id, "contact_id": contact_id, "address_id": address_id})


def come_back(session: Session, ticket_id: int, received_at: datetime) -> None:
    """A reopened ticket gets a new place in the order, and a new decision when nobody is there to take it up."""
    due_at = received_at + UNTIL_ROUTED
    if session.execute(_COME_BACK, {"id": ticket_id, "due_at": due_at}).scalar_one_or_none():
        wake(session, "route")


def our_texts(session: Session, ticket_id: int) -> list[str]:
    """What we said in this ticket lately, newest first."""
    return list(session.execute(_OUR_TEXTS, {"id": ticket_id}).scalars())


def process_named(session: Session, key: str) -> int | None:
    """The participation process that a form names."""
    return session.execute(_PROCESS, {"key": key}).scalar_one_or_none()


def by_external_id(session: Session, account_id: int, *ids: str) -> tuple[int, int] | None:
    """(message, ticket) of the newest message of the account with one of these ids."""
    row = session.execute(_BY_EXTERNAL, {"account_id": account_id, "ids": list(ids)}).one_or_none()
    return (row.id, row.ticket_id) if row is not None else None
