"""Write a note: for colleagues, never for the citizen. Whoever may read a ticket may join its conversation."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.identity.principal import Principal
from app.models import Draft
from app.tickets import events, held, versions
from app.tickets.create import NewMessage, insert_message
from app.vocabulary import EventType, MessageKind

LONGEST = 100_000


def note(
    session: Session,
    principal: Principal,
    ticket_id: int,
    *,
    text: str,
    kind: MessageKind = MessageKind.NOTE,
    version: int | None = None,
) -> int:
    """Add a note, or what was said in a call (`kind` CALL_NOTE); returns the message's id. The writer's draft of it goes."""
    agent_id = held.employee(principal)
    if kind not in (MessageKind.NOTE, MessageKind.CALL_NOTE):
        raise Invalid("kind", "A note is a note or a call note.")
    if not text.strip() or len(text) > LONGEST:
        raise Invalid("text", f"Write a note of 1 to {LONGEST} characters.")
    held.to_read(session, principal, ticket_id)
    new = versions.bump(session, ticket_id, version)
    message = NewMessage(kind=kind, agent_id=agent_id, author_name=principal.name, text=text.strip())
    message_id = insert_message(session, ticket_id, message)
    session.execute(
        delete(Draft).where(Draft.ticket_id == ticket_id, Draft.agent_id == agent_id, Draft.purpose == "note")
    )
    events.record(
        session, ticket_id, EventType.NOTED, agent_id=agent_id, message_id=message_id, version=new, kind=kind.value
    )
    return message_id
