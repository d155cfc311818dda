"""What the pages of a site show: published comments, and our answers under each.

Everybody may read it, so it holds no address, nobody's id elsewhere, and no name of an employee. What was hidden or
withdrawn is gone; where an answer of ours hangs under it, a place without words stays, so that the answer is understood.
Newest comments first, answers oldest first; the next page by `before`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic_core import to_json
from sqlalchemy import Row, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased
from starlette.responses import Response

from app.models import Account, Message, Organisation, Team, Ticket
from app.public import sites
from app.public.form import Key
from app.public.sites import Place
from app.vocabulary import MessageKind, Publication, Visibility
from app.web.transaction import Transaction

router = APIRouter()
MOST = 50
COUNTED = 1_000  # counting on would cost more than anybody learns from it: the element shows 999+
ANSWERS = (MessageKind.REPLY, MessageKind.OWN_POST)
OPEN = (Visibility.PUBLIC, Visibility.UNLISTED)
EVERYBODY = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}

_Answer = aliased(Message)
_answers_it = and_(
    _Answer.ticket_id == Message.ticket_id,
    _Answer.account_id == Message.account_id,
    _Answer.kind.in_(ANSWERS),
    _Answer.visibility.in_(OPEN),
    _Answer.parent_id == Message.external_id,
    _Answer.sent_at.is_not(None),
    _Answer.withdrawn_at.is_(None),
)
_shown = or_(
    and_(Message.publication == Publication.PUBLISHED, Message.withdrawn_at.is_(None)),
    and_(Message.publication != Publication.HELD, exists(select(_Answer.id).where(_answers_it))),
)


def _comments() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Message.id, Message.ticket_id, Message.external_id, Message.parent_id, Message.author_name, Message.text,
            Message.language, Message.publication, Message.withdrawn_at, Message.revised_at, Message.received_at,
        )
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(
            Message.account_id == bindparam("account_id"),
            Message.subject_key == bindparam("page"),
            Message.publication.is_not(None),
            Message.kind == MessageKind.REACTION,
            ~Ticket.spam,
        )
    )  # fmt: skip


_PAGE = (
    _comments().where(_shown, Message.id < bindparam("before")).order_by(Message.id.desc()).limit(bindparam("limit"))
)
_COUNT = select(func.count()).select_from(
    _comments()
    .where(Message.publication == Publication.PUBLISHED, Message.withdrawn_at.is_(None))
    .limit(COUNTED)
    .subquery()
)
_ANSWERS = (
    select(
        Message.id.label("comment_id"), _Answer.id, _Answer.text, _Answer.language, _Answer.sent_at, _Answer.revised_at,
        Organisation.name.label("organisation"), Team.name.label("team"),
    )
    .join(_Answer, _answers_it)
    .join(Ticket, Ticket.id == _Answer.ticket_id)
    .join(Account, Account.id == _Answer.account_id)
    .join(Organisation, Organisation.id == Account.organisation_id)
    .outerjoin(Team, Team.id == Ticket.team_id)
    .where(Message.id.in_(bindparam("ids", expanding=True)))
    .order_by(_Answer.id)
)  # fmt: skip


@router.get("/sites/{key}/published")
def published(
    key: str,
    page: Key,
    request: Request,
    session: Transaction,
    before: Annotated[int, Query(ge=1, le=2**63 - 1)] = 2**63 - 1,
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> Response:
    """A page of comments as JSON, with an ETag: a reader who has it already hears 304."""
    place = sites.find(session, key, page)
    content = to_json(read(session, place, before, limit))
    tag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    headers = {**EVERYBODY, "Cache-Control": "public, max-age=5", "ETag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)


def read(session: Session, place: Place, before: int, limit: int) -> Mapping[str, Any]:
    """The document: three statements, however much there is."""
    asked = {"account_id": place.account_id, "page": place.page}
    rows = session.execute(_PAGE, {**asked, "before": before, "limit": limit + 1}).all()
    shown = rows[:limit]
    answers: Sequence[Any] = session.execute(_ANSWERS, {"ids": [row.id for row in shown]}).all() if shown else []
    return {
        "page": place.page,
        "count": session.scalar(_COUNT, asked),
        "comments": [_comment(row, answers) for row in shown],
        "next": shown[-1].id if len(rows) > limit else None,
    }


def _comment(row: Row[Any], answers: Sequence[Row[Any]]) -> Mapping[str, Any]:
    state = Publication.WITHDRAWN if row.withdrawn_at else row.publication
    open_ = state == Publication.PUBLISHED
    return {
        "id": row.id,
        "site_id": _own_id(row.external_id),
        "parent_site_id": _own_id(row.parent_id),
        "state": state,
        "name": name(row.author_name) if open_ else "",
        "text": row.text if open_ else "",
        "language": row.language if open_ else "",
        "received_at": row.received_at,
        "revised_at": row.revised_at if open_ else None,
        "answers": [_answer(answer) for answer in answers if answer.comment_id == row.id],
    }


def _answer(row: Row[Any]) -> Mapping[str, Any]:
    return {
        "id": row.id,
        "organisation": row.organisation,
        "team": row.team,
        "text": row.text,
        "language": row.language,
        "sent_at": row.sent_at,
        "revised_at": row.revised_at,
    }


def _own_id(external_id: str) -> str | None:
    """The id that the site's own server gave. What a browser made is known to its author alone: a receipt hangs on it."""
    space, _colon, own = external_id.partition(":")
    return own if space == "site" else None


def name(given: str) -> str:
    """The name to show; none where somebody typed an address in its place."""
    return "" if "@" in given else given
