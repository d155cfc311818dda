"""Release a colleague's draft: the second pair of eyes that looks at an answer and sends it."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels.contract import Limits
from app.errors import Forbidden, NotFound
from app.identity import mandates
from app.identity.principal import Principal
from app.models import Agent, Draft
from app.tickets import held
from app.tickets.held import Held
from app.tickets.outbound import Answer
from app.tickets.reply import Replied, answer_with
from app.vocabulary import TicketStatus


def release_draft(
    session: Session,
    principal: Principal,
    draft_id: int,
    *,
    limits: Limits,
    undo_seconds: float,
    seen_message_id: int,
    text: str | None = None,
    version: int | None = None,
    status_after: TicketStatus = TicketStatus.PENDING,
) -> Replied:
    """Send a draft that waits for release, as its writer's answer; the event names who released it.

    It is seen by whom its writer chose. `text` replaces it, when the releaser improved it. `seen_message_id` is what the
    *releaser* had seen. Nobody releases their own (`Forbidden` "own_draft"). Released once: a second release at the same
    moment finds no draft (`NotFound`).
    """
    ticket, draft = _waiting(session, principal, draft_id)
    answer = Answer(
        text=draft.text if text is None else text, seen_message_id=seen_message_id, author_id=draft.agent_id,
        author_name=draft.name, draft_id=draft_id, visibility=draft.visibility, status_after=status_after,
    )  # fmt: skip
    return answer_with(session, principal, ticket, answer, limits, undo_seconds, version)


def _waiting(session: Session, principal: Principal, draft_id: int) -> tuple[Held, Any]:
    """The ticket and the draft, both held, for somebody who may release it."""
    releaser = held.employee(principal)
    ticket_id = session.scalar(select(Draft.ticket_id).where(Draft.id == draft_id))
    if ticket_id is None:
        raise _gone()
    ticket = held.to_read(session, principal, ticket_id)
    mandates.must_answer(session, principal, ticket)
    found = (
        select(Draft.text, Draft.agent_id, Draft.visibility, Agent.name)
        .join(Agent, Agent.id == Draft.agent_id)
        .where(Draft.id == draft_id, Draft.for_release)
        .with_for_update(of=Draft)
    )
    draft = session.execute(found).one_or_none()
    if draft is None:
        raise _gone()
    if draft.agent_id == releaser:
        raise Forbidden("own_draft", "A colleague releases it: that is the second pair of eyes.")
    return ticket, draft


def _gone() -> NotFound:
    return NotFound("draft_unknown", "This draft does not wait for release any more. Look at the ticket.")
