"""What one does with a ticket from its page: each route calls one verb and shows the page again.

A verb that refuses shows the page with its sentence instead of an error page: whoever clicked stays where they were.
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.responses import Response

from app.assignment.take_next import take_next
from app.desk.frame import go, show, trouble
from app.desk.posted import Posted, choice, number, text_of
from app.desk.ticket import show_ticket
from app.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from app.identity.principal import Principal
from app.models import Agent, Merge, Team
from app.tickets import hand_over, mark_spam, no_answer_needed, read, tag, take, unmerge
from app.tickets.set_confidentiality import set_confidentiality
from app.tickets.set_kind import set_kind
from app.tickets.set_priority import set_priority
from app.tickets.set_status import set_status
from app.tickets.set_theme import set_theme
from app.vocabulary import Confidentiality, Priority, TicketKind, TicketStatus
from app.web.principal import CurrentAgent
from app.web.text import Text
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk", include_in_schema=False)
_COLLEAGUES = select(Agent.id, Agent.name).where(Agent.active).order_by(Agent.name)
_TEAMS = select(Team.id, Team.name).where(Team.active).order_by(Team.name)
_MERGE = select(Merge.id).where(Merge.undone_at.is_(None)).order_by(Merge.id.desc()).limit(1)


def done(
    request: Request,
    session: Session,
    me: Principal,
    ticket_id: int,
    said: str,
    verb: Callable[[], Any],
    *,
    correcting: tuple[int, str] | None = None,
) -> Response:
    """Call the verb, then go to the ticket's page; when it refuses, show the page with why, and with the words that were to
    correct an answer (its message, the words).
    """
    try:
        verb()
    except (Conflict, Forbidden, Invalid) as error:
        session.rollback()
        status = 409 if isinstance(error, Conflict) else 403 if isinstance(error, Forbidden) else 400
        why = [trouble(error, me.language)]
        return show_ticket(request, session, me, ticket_id, notices=why, status=status, correcting=correcting)
    return go(f"/desk/tickets/{ticket_id}", said)


@router.post("/tickets/{ticket_id}/take")
def take_it(request: Request, session: Transaction, me: CurrentAgent, ticket_id: int, form: Posted) -> Response:
    """I work on this now; from a colleague with a reason."""
    verb = partial(
        take.take, session, me, ticket_id, version=number(form.get("version")), reason=text_of(form, "reason")
    )
    return done(request, session, me, ticket_id, "taken", verb)


@router.post("/next")
def take_the_next(session: Transaction, me: CurrentAgent, team_id: Annotated[int | None, Form()] = None) -> Response:
    """The first ticket that fits me from the queues of my teams, or of one."""
    try:
        taken = take_next(session, me, team_id)
    except (NotFound, Forbidden):
        return go(f"/desk/queues/{team_id}" if team_id else "/desk", "none_left")
    return go(f"/desk/tickets/{taken}", "taken")


@router.get("/tickets/{ticket_id}/hand-over")
def whom(request: Request, session: Transaction, me: CurrentAgent, ticket_id: int) -> Response:
    """To whom, and why."""
    return _whom(request, session, me, ticket_id, FormData(), None)


@router.post("/tickets/{ticket_id}/hand-over")
def give(request: Request, session: Transaction, me: CurrentAgent, ticket_id: int, form: Posted) -> Response:
    """Hand it over to a team or a colleague."""
    team, agent = number(form.get("team_id")), number(form.get("agent_id"))
    try:
        hand_over.hand_over(session, me, ticket_id, team_id=team, agent_id=agent, reason=text_of(form, "reason"))
    except (Conflict, Forbidden, Invalid) as error:
        session.rollback()
        return _whom(request, session, me, ticket_id, form, error)
    return go("/desk", "handed_over")


@router.post("/tickets/{ticket_id}/no-answer")
def no_answer(
    request: Request, session: Transaction, me: CurrentAgent, ticket_id: int, reason: Annotated[Text, Form()] = ""
) -> Response:
    """Nobody is waiting for an answer."""
    verb = partial(no_answer_needed.no_answer_needed, session, me, ticket_id, reason=reason)
    return done(request, session, me, ticket_id, "no_answer", verb)


@router.post("/tickets/{ticket_id}/spam")
def spam(
    request: Request, session: Transaction, me: CurrentAgent, ticket_id: int, spam: Annotated[Text, Form()] = "on"
) -> Response:
    """It is spam, or no spam after all."""
    verb = partial(mark_spam.mark_spam, session, me, ticket_id, spam == "on")
    return done(request, session, me, ticket_id, "spam" if spam == "on" else "no_spam", verb)


@router.post("/tickets/{ticket_id}/facts")
def facts(request: Request, session: Transaction, me: CurrentAgent, ticket_id: int, form: Posted) -> Response:
    """Set what is different from what the ticket has: theme, kind, status, priority, who may see it."""
    verb = partial(_set, session, me, ticket_id, form)
    return done(request, session, me, ticket_id, "changed", verb)


@router.post("/tickets/{ticket_id}/tag")
def add_tag(request: Request, session: Transaction, me: CurrentAgent, ticket_id: int, form: Posted) -> Response:
    """Add a tag."""
    return done(
        request, session, me, ticket_id, "changed", partial(tag.tag, session, me, ticket_id, text_of(form, "tag"))
    )


@router.post("/tickets/{ticket_id}/untag")
def remove_tag(request: Request, session: Transaction, me: CurrentAgent, ticket_id: int, form: Posted) -> Response:
    """Remove a tag."""
    verb = partial(tag.untag, session, me, ticket_id, text_of(form, "tag"))
    return done(request, session, me, ticket_id, "changed", verb)


@router.post("/tickets/{ticket_id}/unmerge")
def take_apart(request: Request, session: Transaction, me: CurrentAgent, ticket_id: int) -> Response:
    """Undo the merge that brought this ticket into another."""
    merge_id = session.scalar(_MERGE.where(Merge.ticket_id == ticket_id))
    return done(request, session, me, ticket_id, "unmerged", partial(unmerge.unmerge, session, me, merge_id or 0))


def _set(session: Session, me: Principal, ticket_id: int, form: FormData) -> None:
    """Each change raises the version, so only the first is held against what the page showed."""
    head = read.ticket(session, me, ticket_id).head
    version = number(form.get("version"))
    theme, known = number(form.get("theme")), head.confidentiality
    wanted: list[tuple[Any, Any, Any]] = [
        (set_kind, choice(form, "kind", TicketKind, head.kind), head.kind),
        (set_priority, choice(form, "priority", Priority, head.priority), head.priority),
        (set_confidentiality, choice(form, "confidentiality", Confidentiality, known), known),
        (set_status, choice(form, "status", TicketStatus, head.status), head.status),
        (set_theme, theme, head.theme_id if theme is not None else None),
    ]
    for verb, value, before in wanted:
        if value != before:
            version = verb(session, me, ticket_id, value, version=version)


def _whom(
    request: Request, session: Session, me: Principal, ticket_id: int, form: FormData, error: DomainError | None
) -> Response:
    view = read.ticket(session, me, ticket_id)
    context = {
        "head": view.head,
        "given": form,
        "teams": [tuple(row) for row in session.execute(_TEAMS)],
        "agents": [tuple(row) for row in session.execute(_COLLEAGUES)],
        "problem": trouble(error, me.language).text if error else "",
    }
    return show(request, session, me, "hand_over.html", context, status=400 if error else 200)
