"""Answer a citizen.

The **send guard**: the writer says which message they had seen last (`seen_message_id`, as `read.ticket` gives it). If
anything passed since then, from the citizen or from a colleague, the answer is refused and what is new is named. Two answers
at the same moment meet at the ticket's row lock: the second one finds the first. A merge can bring *older* messages in, which
a message's number does not tell; whoever gives the `version` they saw is stopped by that too, and by every other change.

The **draft survives**, because everything is checked before anything is written. So a caller has two good ways: save the
draft in a transaction of its own before calling (the desk does, it saves while people type), or catch the error inside the
same unit of work, call `drafts.save`, and let that commit:

    with database.unit_of_work() as session:
        try:
            reply(session, …)
        except DomainError as error:
            drafts.save(session, principal, ticket_id, text=text, seen_message_id=seen)
            refused = error
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.channels.contract import Limits
from app.identity import mandates
from app.identity.principal import Principal
from app.models import Draft, Ticket
from app.tickets import held, outbound, versions
from app.tickets.acknowledge import answered_otherwise
from app.tickets.held import Held
from app.tickets.outbound import Answer, Underway
from app.tickets.set_status import values_of
from app.vocabulary import ACTIVE_STATUSES, EventType, TicketStatus, Visibility


class Replied(NamedTuple):
    """An answer on its way. Until the undo window closes, `cancel_reply` calls the delivery back."""

    message_id: int
    delivery_id: int
    version: int


def reply(
    session: Session,
    principal: Principal,
    ticket_id: int,
    *,
    text: str,
    seen_message_id: int,
    limits: Limits,
    undo_seconds: float,
    version: int | None = None,
    attachments: Sequence[int] | None = None,
    status_after: TicketStatus = TicketStatus.PENDING,
    copies: Sequence[str] = (),
    visibility: Visibility | None = None,
    answers: int | None = None,
) -> Replied:
    """Send `text` to whoever the ticket is from, over the account that they wrote to; all of it in this transaction.

    `limits` are those of the account of the reaction that is answered (`read.ticket(...).answers.account_id`). `answers`
    chooses another reaction of this ticket than the contact's newest. The answer is seen by the same people as what it
    answers, or fewer (`visibility`). `attachments` are files of the writer's draft: None = all of them. `copies` are mail
    addresses.

    Raises `NotFound`, `Forbidden` (mandate_read; mandate_draft: save it for release), `Conflict` (thread_changed, changed,
    merged) and `Invalid` (every broken limit at once), always before anything was written.
    """
    author_id = held.employee(principal)
    ticket = held.to_read(session, principal, ticket_id)
    mandates.must_answer(session, principal, ticket)
    answer = Answer(
        text=text, seen_message_id=seen_message_id, author_id=author_id, author_name=principal.name,
        draft_id=_draft(session, ticket_id, author_id), attachments=attachments, copies=copies, visibility=visibility,
        answers=answers, status_after=status_after,
    )  # fmt: skip
    return answer_with(session, principal, ticket, answer, limits, undo_seconds, version)


def answer_with(
    session: Session,
    principal: Principal,
    ticket: Held,
    answer: Answer,
    limits: Limits,
    undo_seconds: float,
    version: int | None,
) -> Replied:
    """Check an answer and put it on its way, for `reply` and `release_draft`: the ticket is held, the mandate known."""
    if version is not None and version != ticket.version:
        raise versions.changed_since(session, ticket.id, version)
    answered, files = outbound.check(session, ticket, answer, limits)
    answered_otherwise(session, ticket.id)
    made = outbound.send(session, ticket, answer, answered, files, undo_seconds)
    new = _note_change(session, principal, ticket, answer, made)
    if answer.draft_id is not None:
        session.execute(delete(Draft).where(Draft.id == answer.draft_id))
    return Replied(made.message_id, made.delivery_id, new)


def _note_change(session: Session, principal: Principal, ticket: Held, answer: Answer, made: Underway) -> int:
    values = {**values_of(answer.status_after), "last_outbound_at": func.now(), "no_answer_needed": False}
    if ticket.agent_id is None:
        values |= {"agent_id": answer.author_id, "assigned_at": func.now()}
    said = {
        "delivery_id": made.delivery_id,
        "from": ticket.status,
        "to": answer.status_after,
        "had_owner": ticket.agent_id is not None,
        "author_id": answer.author_id,
    }
    new = versions.change(
        session, principal, ticket.id, EventType.REPLIED, values=values, message_id=made.message_id, data=said
    )
    if ticket.status in ACTIVE_STATUSES and answer.status_after not in ACTIVE_STATUSES:
        held.let_go(session, ticket.agent_id)
    return new


def _draft(session: Session, ticket_id: int, agent_id: int) -> int | None:
    """The writer's draft here, or on a ticket that was merged into this one."""
    here = select(Ticket.id).where((Ticket.id == ticket_id) | (Ticket.merged_into_id == ticket_id))
    statement = (
        select(Draft.id)
        .where(Draft.ticket_id.in_(here), Draft.agent_id == agent_id, Draft.purpose == "reply")
        .order_by((Draft.ticket_id == ticket_id).desc(), Draft.id)
        .limit(1)
        .with_for_update()
    )
    return session.scalar(statement)
