"""Correct an answer that went out, where its channel can: in place, or taken back and said anew where that is the only way (X).

The words here change once the service has the new ones, and the earlier ones are kept: what was said was said. Whoever got a
copy by mail then gets the new words too.
"""

from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.channels.contract import Limits
from app.errors import Conflict, Invalid
from app.identity.principal import Principal
from app.models import Delivery, Message
from app.tickets import outbound, standing, versions
from app.tickets.outbox import enqueue
from app.tickets.search_terms import TERMS_VERSION, terms
from app.vocabulary import DeliveryState, EventType

CORRECTS = "corrects"
"""In the payload of a mail that follows a copy of an answer, with its new words."""


def correct(
    session: Session,
    principal: Principal,
    message_id: int,
    text: str,
    limits: Limits | None,
    *,
    version: int | None = None,
) -> int:
    """Put the correction on its way; returns the ticket's version.

    `limits` are those of the account that it went out over; None where its channel cannot correct. Raises as `standing.find`
    does, `Conflict` "several_posts" and "correcting", and `Invalid` for a text that is empty, too long or the same.
    """
    found = standing.find(session, principal, message_id, able=limits is not None)
    if len(found.posts) > 1:
        raise Conflict("several_posts", "It went out as several posts: take it back and answer anew.")
    if standing.under_way(session, message_id, standing.CORRECT):
        raise Conflict("correcting", "It is being corrected already. Look again in a moment.")
    said = text.strip()
    faults = outbound.text_faults(said, limits.seen(found.visibility)) if limits is not None else []
    if faults:
        raise Invalid("answer", "The channel cannot send it like this.", faults)
    if said == found.text:
        raise Invalid("unchanged", "These are the same words. Change them first.")
    enqueue(
        session, ticket_id=found.ticket.id, message_id=message_id, account_id=found.account_id,
        action=standing.CORRECT, payload={"external_id": found.posts[0], "text": said},
    )  # fmt: skip
    return versions.change(
        session, principal, found.ticket.id, EventType.REPLY_CORRECTED, expected=version, message_id=message_id
    )


def corrected(session: Session, message_id: int, text: str, external_id: str = "") -> None:
    """The service has the new words, under `external_id` where that changed: from now on they are the answer's."""
    old = session.execute(select(Message.text, Message.title).where(Message.id == message_id)).one()
    values: dict[str, Any] = {
        "text": text, "html": "", "revised_at": func.clock_timestamp(), "terms_version": TERMS_VERSION,
        "terms": func.array_to_tsvector(terms(f"{old.title}\n{text}")),
        "revised_from": Message.revised_from.op("||")(
            func.jsonb_build_array(func.jsonb_build_object("text", old.text, "until", func.clock_timestamp()))
        ),
    }  # fmt: skip
    if external_id:
        values["external_id"] = external_id
    session.execute(update(Message).where(Message.id == message_id).values(values))
    _mail_again(session, message_id)


def _mail_again(session: Session, message_id: int) -> None:
    """Whoever was mailed a copy is mailed the new words: a mail cannot be changed. One that still waits carries them itself.

    When the answer is taken back before that goes out, it is dropped (`delivery.claim.drop_taken_back`).
    """
    columns = (Delivery.ticket_id, Delivery.account_id, Delivery.address_id, Delivery.state)
    is_copy = (Delivery.action == standing.SEND, Delivery.account_id != Message.account_id)
    copies = session.execute(
        select(*columns).join(Message, Message.id == Delivery.message_id)
        .where(Delivery.message_id == message_id, *is_copy, Delivery.state.not_in(standing.OVER))
        .order_by(Delivery.id).with_for_update(of=Delivery)
    ).all()  # fmt: skip
    if copies and not any(copy.state in (DeliveryState.WAITING, DeliveryState.FAILED) for copy in copies):
        to = copies[-1]
        enqueue(
            session, ticket_id=to.ticket_id, message_id=message_id, account_id=to.account_id, address_id=to.address_id,
            payload={CORRECTS: True},
        )  # fmt: skip
