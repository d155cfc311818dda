"""What is known of the conversation round a reaction: what we said in it, the process it is part of, other messages."""

from sqlalchemy import ARRAY, Text, bindparam, text
from sqlalchemy.orm import Session

_OUR_TEXTS = text("""
    SELECT text FROM message WHERE ticket_id = :id AND kind IN ('reply', 'receipt') ORDER BY id DESC LIMIT 5
""")
_PROCESS = text("SELECT id FROM process WHERE key = :key")
_BY_EXTERNAL = text("""
    SELECT id, ticket_id FROM message
    WHERE account_id = :account_id AND external_id = ANY(:ids) AND external_id <> '' ORDER BY id DESC LIMIT 1
""").bindparams(bindparam("ids", type_=ARRAY(Text)))


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
