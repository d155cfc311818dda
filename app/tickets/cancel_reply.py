"""Call an answer back while its undo window is open."""

from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.channels.outgoing import NARROW
from app.errors import Conflict
from app.identity import mandates
from app.identity.principal import Principal
from app.models import Delivery, Message, TicketEvent
from app.tickets import held, versions
from app.tickets.acknowledge import not_answered_after_all
from app.tickets.held import Held
from app.tickets.set_status import values_of
from app.tickets.tables import ATTACHMENT, DELIVERY, DRAFT, MESSAGE
from app.vocabulary import DeliveryState, EventType, MessageKind, TicketStatus


def cancel_reply(session: Session, principal: Principal, delivery_id: int) -> int:
    """Stop an answer before it goes, and give its text and files back to its writer as a draft; returns the draft's id.

    Its deliveries are held first (a copy by mail is a second one): whoever comes first, this or a worker's claim. Too late
    raises `Conflict` "too_late", a receipt or a call "not_an_answer". The message stays in the thread as called back. The
    ticket gets back the status, the lack of an owner, and the refused answers to look at, that it had.
    """
    held.employee(principal)
    of = select(Delivery.ticket_id, Message.kind).outerjoin(Message, Message.id == Delivery.message_id)
    found = session.execute(of.where(Delivery.id == delivery_id)).one_or_none()
    if found is None:
        raise mandates.unknown()
    ticket_id, kind = found
    ticket = held.to_work(session, principal, ticket_id)
    if kind is not MessageKind.REPLY:  # the note of a call is for colleagues: it must not get into an answer's draft
        raise Conflict("not_an_answer", "Only an answer can be called back.")
    message = _stopped(session, delivery_id)
    draft_id = _given_back(session, ticket, message)
    values = _restored(session, ticket, message.id)
    not_answered_after_all(session, message.id)
    said = {"delivery_id": delivery_id, "draft_id": draft_id}
    versions.change(
        session, principal, ticket_id, EventType.REPLY_CANCELLED, values=values, message_id=message.id, data=said
    )
    return draft_id


def _stopped(session: Session, delivery_id: int) -> Any:
    of_it = select(DELIVERY.c.message_id).where(DELIVERY.c.id == delivery_id).scalar_subquery()
    ways = (
        select(DELIVERY.c.id, DELIVERY.c.message_id, DELIVERY.c.state)
        .where(DELIVERY.c.message_id == of_it, DELIVERY.c.action == "send")
        .order_by(DELIVERY.c.id)
        .with_for_update()
    )
    found = session.execute(ways).all()
    if not found or any(way.state != DeliveryState.WAITING for way in found):
        raise Conflict(
            "too_late", "It is already on its way. Send a second message, or ask whether the channel can take it back."
        )
    message_id = found[0].message_id
    stop = update(DELIVERY).where(DELIVERY.c.id.in_([way.id for way in found]))
    session.execute(stop.values(state=DeliveryState.CANCELLED))
    withdrawn = (
        update(MESSAGE)
        .where(MESSAGE.c.id == message_id)
        .values(withdrawn_at=func.now())
        .returning(MESSAGE.c.id, MESSAGE.c.text, MESSAGE.c.agent_id, MESSAGE.c.visibility)
    )
    return session.execute(withdrawn).one()


def _given_back(session: Session, ticket: Held, message: Any) -> int:
    """The text becomes the writer's draft, for the same readers; what they began since then stays below it."""
    newest = select(func.max(Message.id)).where(Message.ticket_id == ticket.id).scalar_subquery()
    row = {
        "ticket_id": ticket.id,
        "agent_id": message.agent_id,
        "purpose": "reply",
        "text": message.text,
        "seen_message_id": newest,
        "visibility": message.visibility if message.visibility in NARROW else None,
    }
    begun = insert(DRAFT).values(row)
    joined = func.concat_ws("\n\n", begun.excluded.text, func.nullif(DRAFT.c.text, ""))
    narrowest = func.coalesce(begun.excluded.visibility, DRAFT.c.visibility)
    kept = begun.on_conflict_do_update(
        index_elements=["ticket_id", "agent_id", "purpose"],
        set_={"text": joined, "visibility": narrowest, "updated_at": func.now()},
    )
    draft_id = int(session.execute(kept.returning(DRAFT.c.id)).scalar_one())
    back = update(ATTACHMENT).where(ATTACHMENT.c.message_id == message.id)
    session.execute(back.values(message_id=None, draft_id=draft_id))
    return draft_id


def _restored(session: Session, ticket: Held, message_id: int) -> dict[str, Any]:
    """What the answer had changed, unless somebody changed it again since."""
    event = select(TicketEvent.data).where(
        TicketEvent.ticket_id == ticket.id, TicketEvent.message_id == message_id, TicketEvent.type == EventType.REPLIED
    )
    before = session.scalar(event) or {}
    last = select(func.max(Message.received_at)).where(
        Message.ticket_id == ticket.id, Message.kind == MessageKind.REPLY, Message.withdrawn_at.is_(None)
    )
    values: dict[str, Any] = {"last_outbound_at": last.scalar_subquery()}
    if ticket.status == before.get("to"):
        values |= values_of(TicketStatus(before["from"]))
    if before.get("had_owner") is False and ticket.agent_id == before.get("author_id"):
        values |= {"agent_id": None, "assigned_at": None}
    return values
