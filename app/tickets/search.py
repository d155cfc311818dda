"""Search: by reference, by mail address, by words; only in what the asker may see.

A query's text holds personal data, so it comes in a request's body and is never logged.
"""

from sqlalchemy import ColumnElement, cast, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from app.identity.principal import Principal
from app.models import ContactAddress, Message, Ticket, TicketParticipant
from app.tickets import lists, reference, search_terms
from app.tickets.lists import Line
from app.tickets.tables import MESSAGE

LIMIT = 50
LONGEST = 400


def search(
    session: Session, principal: Principal, text: str, *, after: int | None = None, limit: int = LIMIT
) -> list[Line]:
    """Tickets that fit, newest first; `after` is the id of the last line of the page before.

    A reference finds its ticket, a mail address the tickets in which it takes part, anything else those that have every word
    in one message (the last word by its beginning). Spam and merged tickets are found too.
    """
    asked = _asked(text[:LONGEST].strip())
    if asked is None:
        return []
    return lists.matching(session, principal, asked, after=after, limit=limit)


def _asked(text: str) -> ColumnElement[bool] | None:
    numbers = reference.find(text)
    if numbers:
        return Ticket.id.in_(numbers)
    if "@" in text and " " not in text:
        return _by_address(text.lower())
    return _by_words(text)


def _by_address(address: str) -> ColumnElement[bool]:
    contacts = select(ContactAddress.contact_id).where(ContactAddress.address == address)
    taking_part = select(TicketParticipant.ticket_id).where(TicketParticipant.contact_id.in_(contacts))
    return or_(Ticket.contact_id.in_(contacts), Ticket.id.in_(taking_part))


def _by_words(text: str) -> ColumnElement[bool] | None:
    query = search_terms.query(text)
    if query is None:
        return None
    words = cast(literal(query), TSQUERY)
    return Ticket.id.in_(select(Message.ticket_id).where(Message.terms.op("@@")(words)))


def renew(session: Session, limit: int = 500) -> int:
    """Make the search words again of messages that an older version wrote; returns how many, 0 when there are none left.

    For a periodic job: PostgreSQL reads the whole table once when there is nothing to do, so once a day is enough.
    """
    stale = (
        select(Message.id, Message.title, Message.author_name, Message.text)
        .where(Message.terms_version < search_terms.TERMS_VERSION)
        .order_by(Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = session.execute(stale).all()
    for row in rows:
        words = search_terms.terms(f"{row.title}\n{row.author_name}\n{row.text}")
        renewed = {"terms": func.array_to_tsvector(words), "terms_version": search_terms.TERMS_VERSION}
        session.execute(update(MESSAGE).where(MESSAGE.c.id == row.id).values(renewed))
    return len(rows)
