"""Themes on passages: a reaction that is about three things says so, while its ticket has the one theme that routes it."""

from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.errors import Invalid, NotFound
from app.identity import mandates
from app.identity.principal import Principal
from app.models import Message, MessageTheme, Theme
from app.tickets import held, versions
from app.vocabulary import EventType


def mark(
    session: Session, principal: Principal, message_id: int, theme_id: int, *, start: int = 0, end: int = 0
) -> int:
    """Put a theme on the characters `start` to `end` (exclusive) of a message's text, 0–0 = all of it; returns the mark's id.

    The same mark twice is one. Raises `Invalid` "passage" outside the text.
    """
    message = _held(session, principal, message_id)
    if not ((start, end) == (0, 0) or 0 <= start < end <= message.length):
        raise Invalid("passage", f"Mark a passage between 0 and {message.length}.")
    if session.scalar(select(Theme.id).where(Theme.id == theme_id, Theme.active)) is None:
        raise NotFound("theme_unknown", "There is no such theme, or it is no longer used.")
    row = {"message_id": message_id, "theme_id": theme_id, "start": start, "end": end}
    new = insert(MessageTheme).values(**row, agent_id=principal.agent_id)
    made = session.execute(new.on_conflict_do_nothing().returning(MessageTheme.id)).scalar_one_or_none()
    if made is None:
        return int(session.scalars(select(MessageTheme.id).filter_by(**row)).one())
    _recorded(session, principal, message, message_id, {"theme_id": theme_id, "passage_id": made})
    return int(made)


def unmark(session: Session, principal: Principal, passage_id: int) -> None:
    """Take a mark away. One that is gone already is fine."""
    row = session.execute(
        select(MessageTheme.message_id, MessageTheme.theme_id).where(MessageTheme.id == passage_id)
    ).one_or_none()
    if row is None:
        return
    message = _held(session, principal, row.message_id)
    gone = session.execute(delete(MessageTheme).where(MessageTheme.id == passage_id).returning(MessageTheme.id)).all()
    if gone:
        removed = {"theme_id": row.theme_id, "passage_id": passage_id, "removed": True}
        _recorded(session, principal, message, row.message_id, removed)


def _held(session: Session, principal: Principal, message_id: int) -> Any:
    statement = select(Message.ticket_id, func.length(Message.text).label("length")).where(Message.id == message_id)
    row = session.execute(statement).one_or_none()
    if row is None:
        raise mandates.unknown()
    held.to_work(session, principal, row.ticket_id)
    return row


def _recorded(session: Session, principal: Principal, message: Any, message_id: int, data: dict[str, object]) -> None:
    versions.change(session, principal, message.ticket_id, EventType.PASSAGES_MARKED, message_id=message_id, data=data)
