"""What can be done with a ticket: an address per verb. Each wants If-Match, and answers with the version from then on."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api import changes
from app.api.asked import Number, TicketsWrite
from app.api.schemas.verbs import (
    Changed,
    ConfidentialityChange,
    Correction,
    HandOver,
    KindChange,
    MergeInto,
    Moderation,
    NewPassage,
    NewTag,
    Numbered,
    PriorityChange,
    StatusChange,
    ThemeChange,
    WithReason,
)
from app.api.unchanged import MERGE, MESSAGE, PASSAGE, PROPOSAL, unchanged
from app.assignment.take_next import take_next
from app.channels.contract import Amends, Channel, Moderates
from app.models import Merge, Message, MessageTheme, Proposal
from app.tickets import passages
from app.tickets.correct import correct
from app.tickets.hand_over import hand_over
from app.tickets.mark_spam import mark_spam
from app.tickets.merge import merge
from app.tickets.moderate import moderate
from app.tickets.no_answer_needed import no_answer_needed
from app.tickets.propose import accept_proposal, decline_proposal
from app.tickets.set_confidentiality import set_confidentiality
from app.tickets.set_kind import set_kind
from app.tickets.set_priority import set_priority
from app.tickets.set_status import set_status
from app.tickets.set_theme import set_theme
from app.tickets.tag import tag, untag
from app.tickets.take import take
from app.tickets.take_back import take_back
from app.tickets.unmerge import unmerge
from app.web import etag
from app.web.etag import Expected
from app.web.idempotency import Made, OnceOnly
from app.web.state import state_of
from app.web.strict import Given, Id
from app.web.transaction import Transaction

router = APIRouter(tags=["tickets"])
Word = Annotated[str, Path(min_length=1, max_length=60)]


class Next(Given):
    """From which team's queue; of all one's teams when left out."""

    team_id: Id | None = None


# What a body that is left out says.
_ANY_TEAM, _NO_REASON = Next(), WithReason()


@router.post("/tickets/next", status_code=201, response_model=Numbered)
def take_next_ticket(session: Transaction, me: TicketsWrite, once: OnceOnly, body: Next = _ANY_TEAM) -> Response:
    """Take the first ticket of the queue that fits; gives the ticket."""

    def make() -> Made:
        taken = take_next(session, me, body.team_id)
        return Made(Numbered(id=taken), f"/api/v1/tickets/{taken}")

    return once(me, body, make)


@router.post("/tickets/{ticket}/take", response_model=Changed)
def take_ticket(
    ticket: Number, session: Transaction, me: TicketsWrite, expected: Expected, body: WithReason = _NO_REASON
) -> Response:
    """Become its owner. A colleague's ticket takes a reason."""
    return changed(ticket, take(session, me, ticket, version=expected, reason=body.reason))


@router.post("/tickets/{ticket}/hand-over", response_model=Changed)
def hand_ticket_over(
    ticket: Number, body: HandOver, session: Transaction, me: TicketsWrite, expected: Expected
) -> Response:
    """Give it to a colleague or a team, with a reason."""
    given = {"team_id": body.team_id, "agent_id": body.agent_id}
    return changed(ticket, hand_over(session, me, ticket, reason=body.reason, version=expected, **given))


@router.post("/tickets/{ticket}/no-answer-needed", response_model=Changed)
def say_no_answer_needed(
    ticket: Number, body: WithReason, session: Transaction, me: TicketsWrite, expected: Expected
) -> Response:
    """Solve it without an answer, for a reason."""
    return changed(ticket, no_answer_needed(session, me, ticket, reason=body.reason, version=expected))


@router.post("/tickets/{ticket}/status", response_model=Changed)
def set_ticket_status(
    ticket: Number, body: StatusChange, session: Transaction, me: TicketsWrite, expected: Expected
) -> Response:
    """Set where it stands."""
    return changed(ticket, set_status(session, me, ticket, body.status, version=expected))


@router.post("/tickets/{ticket}/kind", response_model=Changed)
def set_ticket_kind(
    ticket: Number, body: KindChange, session: Transaction, me: TicketsWrite, expected: Expected
) -> Response:
    """Set what it asks for. A formal kind has its statutory clock from the time of arrival."""
    return changed(ticket, set_kind(session, me, ticket, body.kind, version=expected))


@router.post("/tickets/{ticket}/theme", response_model=Changed)
def set_ticket_theme(
    ticket: Number, body: ThemeChange, session: Transaction, me: TicketsWrite, expected: Expected
) -> Response:
    """Set what it is about, and have it routed again unless told otherwise."""
    made = set_theme(session, me, ticket, body.theme_id, reroute=body.reroute, version=expected)
    return changed(ticket, made)


@router.post("/tickets/{ticket}/priority", response_model=Changed)
def set_ticket_priority(
    ticket: Number, body: PriorityChange, session: Transaction, me: TicketsWrite, expected: Expected
) -> Response:
    """Set how urgent it is."""
    return changed(ticket, set_priority(session, me, ticket, body.priority, version=expected))


@router.post("/tickets/{ticket}/confidentiality", response_model=Changed)
def set_ticket_confidentiality(
    ticket: Number, body: ConfidentialityChange, session: Transaction, me: TicketsWrite, expected: Expected
) -> Response:
    """Set who may see it; opening it up takes a reason and the lead of its team."""
    made = set_confidentiality(session, me, ticket, body.confidentiality, reason=body.reason, version=expected)
    return changed(ticket, made)


@router.post("/tickets/{ticket}/tags", response_model=Changed)
def tag_ticket(ticket: Number, body: NewTag, session: Transaction, me: TicketsWrite, expected: Expected) -> Response:
    """Put a word on it."""
    return changed(ticket, tag(session, me, ticket, body.tag, version=expected))


@router.delete("/tickets/{ticket}/tags/{word}", response_model=Changed)
def untag_ticket(ticket: Number, word: Word, session: Transaction, me: TicketsWrite, expected: Expected) -> Response:
    """Take a word off it."""
    return changed(ticket, untag(session, me, ticket, word, version=expected))


@router.put("/tickets/{ticket}/spam", response_model=Changed)
def put_aside_as_spam(ticket: Number, session: Transaction, me: TicketsWrite, expected: Expected) -> Response:
    """Put it aside as spam; nothing is deleted."""
    return changed(ticket, mark_spam(session, me, ticket, True, version=expected))


@router.delete("/tickets/{ticket}/spam", response_model=Changed)
def bring_back_from_spam(ticket: Number, session: Transaction, me: TicketsWrite, expected: Expected) -> Response:
    """It is none after all."""
    return changed(ticket, mark_spam(session, me, ticket, False, version=expected))


@router.post("/tickets/{ticket}/merge", status_code=201, response_model=Numbered)
def merge_ticket(
    ticket: Number, body: MergeInto, session: Transaction, me: TicketsWrite, expected: Expected, once: OnceOnly
) -> Response:
    """Let its conversation go on in another ticket; gives the merge, which can be undone."""

    def make() -> Made:
        made = merge(session, me, ticket, body.target_id, version=expected, target_version=body.target_version)
        return Made(Numbered(id=made))

    return once(me, body, make)


@router.post("/merges/{merge}/undo", status_code=204)
def undo_merge(merge: Number, session: Transaction, me: TicketsWrite, expected: Expected) -> Response:
    """Give a merged ticket its messages and people back; If-Match is that ticket's."""
    unchanged(session, me, MERGE, Merge.id == merge, expected)
    made = unmerge(session, me, merge)
    return Response(status_code=204, headers=etag.headers(made))


@router.post("/proposals/{proposal}/accept", status_code=201, response_model=Numbered)
def accept(proposal: Number, session: Transaction, me: TicketsWrite, expected: Expected, once: OnceOnly) -> Response:
    """The ticket continues the other one: merge it; gives the merge."""

    def make() -> Made:
        unchanged(session, me, PROPOSAL, Proposal.id == proposal, expected)
        return Made(Numbered(id=accept_proposal(session, me, proposal)))

    return once(me, None, make)


@router.post("/proposals/{proposal}/decline", status_code=204)
def decline(proposal: Number, session: Transaction, me: TicketsWrite, expected: Expected) -> None:
    """The two have nothing to do with each other."""
    unchanged(session, me, PROPOSAL, Proposal.id == proposal, expected)
    decline_proposal(session, me, proposal)


@router.post("/messages/{message}/moderate", status_code=204)
def moderate_message(
    message: Number, body: Moderation, request: Request, session: Transaction, me: TicketsWrite, expected: Expected
) -> Response:
    """Approve, hide, restore or remove a public comment; its author is told the reason."""
    elsewhere = isinstance(_channel(request, session, message), Moderates)
    version = moderate(session, me, message, body.verdict, body.reason, elsewhere=elsewhere, version=expected)
    return Response(status_code=204, headers=etag.headers(version))


@router.post("/messages/{message}/take-back", status_code=204)
def take_back_message(
    message: Number, request: Request, session: Transaction, me: TicketsWrite, expected: Expected
) -> Response:
    """Take an answer back at the service where it stands; the ticket keeps it, marked as such once that is done."""
    able = isinstance(_channel(request, session, message), Amends)
    version = take_back(session, me, message, able=able, version=expected)
    return Response(status_code=204, headers=etag.headers(version))


@router.post("/messages/{message}/correct", status_code=204)
def correct_message(
    message: Number, body: Correction, request: Request, session: Transaction, me: TicketsWrite, expected: Expected
) -> Response:
    """Correct an answer at the service where it stands; the ticket keeps the earlier words once that is done."""
    channel = _channel(request, session, message)
    limits = channel.limits if channel is not None and isinstance(channel, Amends) else None
    version = correct(session, me, message, body.text, limits, version=expected)
    return Response(status_code=204, headers=etag.headers(version))


@router.post("/messages/{message}/passages", status_code=201, response_model=Numbered)
def mark_passage(
    message: Number, body: NewPassage, session: Transaction, me: TicketsWrite, expected: Expected, once: OnceOnly
) -> Response:
    """Put a theme on a passage."""

    def make() -> Made:
        unchanged(session, me, MESSAGE, Message.id == message, expected)
        made = passages.mark(session, me, message, body.theme_id, start=body.start, end=body.end)
        return Made(Numbered(id=made))

    return once(me, body, make)


@router.delete("/passages/{passage}", status_code=204)
def unmark_passage(passage: Number, session: Transaction, me: TicketsWrite, expected: Expected) -> None:
    """Take a theme off a passage."""
    unchanged(session, me, PASSAGE, MessageTheme.id == passage, expected)
    passages.unmark(session, me, passage)


def _channel(request: Request, session: Session, message: int) -> Channel | None:
    """The channel that a message came or went by; none for a note."""
    account = session.scalar(select(Message.account_id).where(Message.id == message))
    return None if account is None else state_of(request).accounts.channel(account)


def changed(ticket: int, version: int) -> Response:
    """The answer to a change."""
    return changes.told(Changed(ticket_id=ticket, version=version))
