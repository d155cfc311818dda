"""Make a poll and change it while it is a draft. Once published its questions stand, or votes would change their meaning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, update
from sqlalchemy.orm import Session

from app.accounts.sites import ORIGIN, is_origin
from app.errors import Conflict, Fault, Forbidden, Invalid
from app.identity import audit
from app.identity.principal import Principal
from app.models import Mailing, Poll
from app.polls import questions
from app.polls.poll import PollState, View, by_id
from app.polls.questions import Question
from app.unguessable import unguessable
from app.vocabulary import DeliveryState, Role

TITLE = "Give it a title, in Dutch and in English."
LONG = "Use at most 300 characters."
CHANGED = "Somebody changed this poll while you did. Open it again and look at what is there now."
ALREADY = "It is published: its questions stand. Close it and make a new one."


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody writes."""

    title_nl: str
    title_en: str
    asked: Sequence[Question]
    intro_nl: str = ""
    intro_en: str = ""
    invited_only: bool = False
    origins: Sequence[str] = ()
    closes_at: datetime | None = None
    process_id: int | None = None


def may_run(principal: Principal) -> None:
    """Raise `Forbidden` unless the asker may make, publish and close polls: leads and administrators."""
    if principal.role is Role.AGENT:
        raise Forbidden("polls", "Polls are made and closed by team leads and administrators. Ask one of them.")


def sees_counts(principal: Principal, poll: View) -> bool:
    """Whether the asker may see counts now: everybody once it is closed, leads and administrators before."""
    return poll.state is PollState.CLOSED or principal.role is not Role.AGENT


def make(session: Session, principal: Principal, account_id: int, draft: Draft) -> int:
    """A new draft; its number. Raises `Forbidden` and `Invalid` with every fault."""
    may_run(principal)
    _check(draft)
    row = {**_columns(draft), "account_id": account_id, "key": unguessable(12)}
    made: int = session.execute(insert(Poll).values(row).returning(Poll.id)).scalar_one()
    audit.record(session, "poll.made", by=principal, on=("poll", made))
    return made


def change(session: Session, principal: Principal, poll_id: int, draft: Draft, version: int | None = None) -> None:
    """Change a draft; with the `version` that was seen, only when nobody else changed it since.

    Raises `Forbidden`, `NotFound`, `Conflict` once it is published or was changed, `Invalid` with every fault.
    """
    may_run(principal)
    found = by_id(session, poll_id, lock=True)
    if found.state is not PollState.DRAFT:
        raise Conflict("published", ALREADY)
    if version is not None and version != found.version:
        raise Conflict("changed", CHANGED)
    _check(draft)
    _write(session, poll_id, _columns(draft))
    audit.record(session, "poll.changed", by=principal, on=("poll", poll_id))


def answer_all(session: Session, principal: Principal, poll_id: int, *, nl: str, en: str) -> None:
    """The collective answer that stands with the result. Raises `Forbidden`, `NotFound`, `Invalid`."""
    may_run(principal)
    by_id(session, poll_id, lock=True)
    if bool(nl.strip()) != bool(en.strip()):
        raise Invalid("answer", "Give the answer in both languages.", [Fault("answer", "both", questions.EMPTY)])
    _write(session, poll_id, {"answer_nl": nl.strip()[:10_000], "answer_en": en.strip()[:10_000]})
    audit.record(session, "poll.answered", by=principal, on=("poll", poll_id))


def publish(session: Session, principal: Principal, poll_id: int) -> None:
    """Open the voting. Raises `Conflict` when it was published before, or would be over at once."""
    may_run(principal)
    poll = by_id(session, poll_id, lock=True)
    if poll.state is not PollState.DRAFT:
        raise Conflict("published", "It is published already.")
    if poll.closes_at is not None and poll.closes_at <= session.execute(func.now().select()).scalar_one():
        raise Conflict("over", "It would close in the past. Choose a later end first.")
    _write(session, poll_id, {"published_at": func.now()})
    audit.record(session, "poll.published", by=principal, on=("poll", poll_id))


def close(session: Session, principal: Principal, poll_id: int) -> None:
    """End the voting for good; from now on the result is shown. Closing it again changes nothing.

    Invitations that still wait to be mailed do so no longer: their links lead nowhere now.
    """
    may_run(principal)
    poll = by_id(session, poll_id, lock=True)
    if poll.state is PollState.DRAFT:
        raise Conflict("draft", "It was never published.")
    if poll.state is PollState.OPEN:
        _write(session, poll_id, {"closed_at": func.now()})
        waits = (Mailing.poll_id == poll_id, Mailing.state.in_((DeliveryState.WAITING, DeliveryState.FAILED)))
        session.execute(update(Mailing).where(*waits).values(state=DeliveryState.CANCELLED, sealed=b""))
        audit.record(session, "poll.closed", by=principal, on=("poll", poll_id))


def _write(session: Session, poll_id: int, values: Mapping[str, Any]) -> None:
    session.execute(update(Poll).where(Poll.id == poll_id).values(**values, version=Poll.version + 1))


def _columns(draft: Draft) -> dict[str, Any]:
    return {
        "title_nl": draft.title_nl.strip(), "title_en": draft.title_en.strip(), "intro_nl": draft.intro_nl.strip()[:5000],
        "intro_en": draft.intro_en.strip()[:5000], "questions": questions.written(draft.asked),
        "invited_only": draft.invited_only, "origins": list(draft.origins), "closes_at": draft.closes_at,
        "process_id": draft.process_id,
    }  # fmt: skip


def _check(draft: Draft) -> None:
    found = questions.faults(draft.asked)
    for name, title in (("title_nl", draft.title_nl), ("title_en", draft.title_en)):
        if not title.strip():
            found.append(Fault(name, "empty", TITLE))
        elif len(title.strip()) > questions.LONGEST_LINE:
            found.append(Fault(name, "too_long", LONG))
    if not all(is_origin(origin) for origin in draft.origins):
        found.append(Fault("origins", "origin", ORIGIN))
    if found:
        raise Invalid("poll", "Correct these parts of the poll.", found)
