"""Drafts: unsent texts, kept on the server, one per ticket, writer and purpose (`reply` or `note`).

A draft outlives everything that happens to its ticket: an owner that changes, a merge, an answer that the send guard
refused. It goes when it is sent or its writer discards it.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.errors import Invalid, NotFound
from app.identity import mandates
from app.identity.principal import Principal
from app.models import Agent, Draft, Ticket
from app.tickets import held, ticket_rows, versions
from app.tickets.tables import ATTACHMENT, DRAFT
from app.tickets.ticket_rows import DraftRow
from app.vocabulary import AttachmentState, EventType, Visibility


class Waiting(NamedTuple):
    """A draft that a colleague with the mandate to answer is asked to look at and send."""

    draft_id: int
    ticket_id: int
    subject: str
    agent_id: int
    agent_name: str
    updated_at: datetime


PURPOSES = ("reply", "note")
LONGEST = 200_000


def save(
    session: Session,
    principal: Principal,
    ticket_id: int,
    *,
    text: str,
    seen_message_id: int | None = None,
    purpose: str = "reply",
    for_release: bool = False,
    visibility: Visibility | None = None,
) -> int:
    """Keep what was written so far, and for whom; returns the draft's id. Whoever may read the ticket may.

    The ticket's version stays as it is: typing is no change. `for_release` hands the text to a colleague who may answer, and
    records that, once; not on a ticket that was merged (`Conflict` "merged").
    """
    agent_id = held.employee(principal)
    _check(text, purpose, for_release)
    (held.to_read if for_release else _must_see)(session, principal, ticket_id)
    key = {"ticket_id": ticket_id, "agent_id": agent_id, "purpose": purpose}
    before = session.scalar(select(Draft.for_release).filter_by(**key).with_for_update())
    written = {"text": text, "seen_message_id": seen_message_id, "visibility": visibility, "for_release": for_release}
    upsert = (
        insert(DRAFT)
        .values(**key, **written)
        .on_conflict_do_update(index_elements=list(key), set_={**written, "updated_at": func.now()})
        .returning(DRAFT.c.id)
    )
    draft_id = int(session.execute(upsert).scalar_one())
    if for_release and not before:
        said = {"draft_id": draft_id}
        versions.change(session, principal, ticket_id, EventType.DRAFT_READY, data=said)
    return draft_id


def read(session: Session, principal: Principal, ticket_id: int) -> list[DraftRow]:
    """The asker's drafts on a ticket, and those of others that wait for release; oldest first."""
    _must_see(session, principal, ticket_id)
    asked = {"ticket_id": ticket_id, "agent_id": principal.agent_id}
    return [DraftRow(*row) for row in session.execute(ticket_rows.DRAFTS, asked)]


def waiting(session: Session, principal: Principal, limit: int = 50) -> list[Waiting]:
    """The drafts that wait for release on tickets that the asker may see, longest waiting first."""
    statement = (
        select(Draft.id, Draft.ticket_id, Ticket.subject, Draft.agent_id, Agent.name, Draft.updated_at)
        .join(Ticket, Ticket.id == Draft.ticket_id)
        .join(Agent, Agent.id == Draft.agent_id)
        .where(Draft.for_release, mandates.visible(principal))
        .order_by(Draft.updated_at, Draft.id)
        .limit(limit)
    )
    return [Waiting(*row) for row in session.execute(statement)]


def discard(session: Session, principal: Principal, draft_id: int) -> None:
    """Throw the asker's own draft away, files included. One that is gone already is fine."""
    session.execute(delete(Draft).where(Draft.id == draft_id, Draft.agent_id == held.employee(principal)))


def attach(
    session: Session,
    principal: Principal,
    draft_id: int,
    *,
    sha256: str,
    name: str,
    content_type: str,
    size: int,
    alt: str = "",
) -> int:
    """Put a file, whose bytes are in the blob store already, with the asker's own draft; returns its id."""
    _own(session, principal, draft_id)
    values = {
        "draft_id": draft_id,
        "sha256": sha256,
        "name": name,
        "content_type": content_type,
        "size": size,
        "alt": alt,
    }
    statement = (
        insert(ATTACHMENT).values(**values, cid="", state=AttachmentState.NOT_SCANNED).returning(ATTACHMENT.c.id)
    )
    return int(session.execute(statement).scalar_one())


def detach(session: Session, principal: Principal, attachment_id: int) -> None:
    """Take a file away from the asker's own draft."""
    mine = select(Draft.id).where(Draft.agent_id == held.employee(principal))
    session.execute(delete(ATTACHMENT).where(ATTACHMENT.c.id == attachment_id, ATTACHMENT.c.draft_id.in_(mine)))


def _check(text: str, purpose: str, for_release: bool) -> None:
    if purpose not in PURPOSES:
        raise Invalid("purpose", "A draft is for a reply or for a note.")
    if len(text) > LONGEST:
        raise Invalid("text", f"A draft has at most {LONGEST} characters.")
    if for_release and (purpose != "reply" or not text.strip()):
        raise Invalid("release", "Write the answer before you ask a colleague to release it.")


def _must_see(session: Session, principal: Principal, ticket_id: int) -> None:
    statement = select(Ticket.id).where(Ticket.id == ticket_id, mandates.visible(principal))
    if session.scalar(statement) is None:
        raise mandates.unknown()


def _own(session: Session, principal: Principal, draft_id: int) -> None:
    found = select(Draft.id).where(Draft.id == draft_id, Draft.agent_id == held.employee(principal)).with_for_update()
    if session.scalar(found) is None:
        raise NotFound("draft_unknown", "This draft is gone: it was sent or thrown away. Write it again.")
