"""Where a service knows no threads (SMS, calls): the tickets in which an account and a person have spoken with one another.

The account and the person's address are the conversation; both are facts that the service vouches for. Which of these
tickets it goes on in, if any, `thread.join` decides.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import DateTime, bindparam, func, literal, select, text
from sqlalchemy.orm import Session

from app.channels.contract import Author
from app.intake.thread import Candidate, Link

SLACK = timedelta(minutes=1)  # between our clock, which stamps what is pushed, and the service's

# The one that is not finished comes first, then the one in which something was said last.
_FIND = text("""
    SELECT t.id AS ticket_id, a.contact_id, a.id AS address_id, t.spam,
        CASE WHEN t.status IN ('solved', 'closed')
            THEN now() - coalesce(greatest(t.solved_at, t.closed_at), t.received_at) END AS finished,
        coalesce(t.contact_id = a.contact_id, false) OR EXISTS (
            SELECT 1 FROM ticket_participant p WHERE p.ticket_id = t.id AND p.contact_id = a.contact_id) AS participant
    FROM contact_address a
    JOIN LATERAL (
        SELECT m.ticket_id, max(m.id) AS last_id FROM message m
        WHERE m.contact_id = a.contact_id AND m.address_id = a.id AND m.account_id = :account_id
            AND m.kind <> 'note' AND m.withdrawn_at IS NULL
            AND (CAST(:until AS timestamptz) IS NULL OR coalesce(m.sent_at, m.received_at) <= :until)
        GROUP BY m.ticket_id
    ) said ON true
    JOIN ticket t ON t.id = said.ticket_id
    WHERE a.kind = :kind AND a.address = :address
    ORDER BY t.status IN ('solved', 'closed'), said.last_id DESC
    LIMIT 10
""").bindparams(bindparam("until", type_=DateTime(timezone=True)))


class Talk(NamedTuple):
    """A ticket of the conversation, as a candidate to join, and whose address it is."""

    candidate: Candidate
    contact_id: int
    address_id: int


def alone(session: Session, account_id: int, person: Author) -> None:
    """Take up what this person said one at a time until the commit: three texts in a row are one ticket, not three."""
    name = f"talk {account_id} {person.kind.value} {person.address}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(literal(name), 0))))


def find(session: Session, account_id: int, person: Author, *, until: datetime | None = None) -> list[Talk]:
    """The tickets of the conversation, the likeliest first. With `until` only those in which something was said by then."""
    values = {
        "account_id": account_id,
        "kind": person.kind.value,
        "address": person.address,
        "until": until + SLACK if until is not None else None,
    }
    return [
        Talk(
            Candidate(
                row.ticket_id, Link.CONVERSATION, participant=row.participant, spam=row.spam, finished=row.finished
            ),
            row.contact_id,
            row.address_id,
        )
        for row in session.execute(_FIND, values)
    ]
