"""Tags: free words that people put on tickets to find them again."""

import unicodedata

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.identity.principal import Principal
from app.models import TicketTag
from app.tickets import held, versions
from app.vocabulary import EventType

LONGEST = 50


def tag(session: Session, principal: Principal, ticket_id: int, word: str, *, version: int | None = None) -> int:
    """Put a tag on a ticket; returns the version. A tag that is there already changes nothing."""
    written = normal(word)
    ticket = held.to_work(session, principal, ticket_id)
    row = {"ticket_id": ticket_id, "tag": written}
    if not session.execute(insert(TicketTag).values(row).on_conflict_do_nothing().returning(TicketTag.tag)).all():
        return ticket.version
    return versions.change(session, principal, ticket_id, EventType.TAGGED, expected=version, data={"tag": written})


def untag(session: Session, principal: Principal, ticket_id: int, word: str, *, version: int | None = None) -> int:
    """Take a tag off a ticket; returns the version. A tag that is not there changes nothing."""
    written = normal(word)
    ticket = held.to_work(session, principal, ticket_id)
    gone = delete(TicketTag).where(TicketTag.ticket_id == ticket_id, TicketTag.tag == written).returning(TicketTag.tag)
    if not session.execute(gone).all():
        return ticket.version
    return versions.change(session, principal, ticket_id, EventType.UNTAGGED, expected=version, data={"tag": written})


def normal(word: str) -> str:
    """A tag as it is stored: small letters, single spaces. Raises `Invalid` when nothing is left, or too much."""
    written = " ".join(unicodedata.normalize("NFC", word).casefold().split())
    if not written or len(written) > LONGEST or not written.isprintable():
        raise Invalid("tag", f"Give a tag of 1 to {LONGEST} letters.")
    return written
