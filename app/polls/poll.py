"""A poll as everybody outside this package sees it, found by its number or by the key in its address."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Account, Organisation, Poll, Process
from app.polls import questions
from app.polls.questions import Question
from app.vocabulary import Language


class PollState(StrEnum):
    """Where a poll stands."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class View:
    """One poll. `process` is its process's key; `organisation` who asks. `ends_at` is when voting ended or will end."""

    id: int
    version: int
    account_id: int
    key: str
    title_nl: str
    title_en: str
    intro_nl: str
    intro_en: str
    invited_only: bool
    origins: list[str]
    published_at: datetime | None
    closes_at: datetime | None
    closed_at: datetime | None
    answer_nl: str
    answer_en: str
    state: PollState
    process_id: int | None
    process: str
    organisation: str
    asked: tuple[Question, ...]

    @property
    def ends_at(self) -> datetime | None:
        """The earlier of the planned and the real end."""
        return min((moment for moment in (self.closes_at, self.closed_at) if moment), default=None)

    def title(self, language: Language) -> str:
        """Its title."""
        return self.title_nl if language is Language.DUTCH else self.title_en

    def intro(self, language: Language) -> str:
        """What stands above the questions."""
        return self.intro_nl if language is Language.DUTCH else self.intro_en

    def answer(self, language: Language) -> str:
        """What we say to everybody, with the result."""
        return self.answer_nl if language is Language.DUTCH else self.answer_en


_over = or_(Poll.closed_at <= func.now(), Poll.closes_at <= func.now())
OPEN = and_(Poll.published_at.is_not(None), _over.is_not(True))
"""The condition on `Poll` that holds while people can vote."""
STATE = case(
    (Poll.published_at.is_(None), PollState.DRAFT.value),
    (_over, PollState.CLOSED.value),
    else_=PollState.OPEN.value,
).label("state")
_FIND: Select[*tuple[Any, ...]] = (
    select(
        Poll.id, Poll.version, Poll.account_id, Poll.key, Poll.title_nl, Poll.title_en, Poll.intro_nl, Poll.intro_en,
        Poll.invited_only, Poll.origins, Poll.published_at, Poll.closes_at, Poll.closed_at, Poll.answer_nl, Poll.answer_en,
        STATE, Poll.process_id, func.coalesce(Process.key, ""), Organisation.name, Poll.questions,
    )
    .join(Account, Account.id == Poll.account_id)
    .join(Organisation, Organisation.id == Account.organisation_id)
    .outerjoin(Process, Process.id == Poll.process_id)
)  # fmt: skip
_LIST = select(
    Poll.id, Poll.key, Poll.title_nl, Poll.title_en, Poll.invited_only, Poll.published_at, Poll.closes_at, Poll.closed_at,
    STATE,
)  # fmt: skip


def listed(session: Session, *, after: int = 2**62, limit: int = 100) -> list[Any]:
    """Polls, newest first: at most `limit` with a smaller number than `after`. Columns of the list, no questions."""
    return list(session.execute(_LIST.where(Poll.id < after).order_by(Poll.id.desc()).limit(limit)))


def shown_on(session: Session, origin: str, *, limit: int = 5) -> list[Any]:
    """Published polls that name this website among those that may show them, newest first. Columns of the list."""
    found = _LIST.where(Poll.origins.contains([origin]), Poll.published_at.is_not(None), Account.active)
    of_accounts = found.join(Account, Account.id == Poll.account_id)
    return list(session.execute(of_accounts.order_by(Poll.id.desc()).limit(limit)))


def by_id(session: Session, poll_id: int, *, lock: bool = False) -> View:
    """Raises `NotFound`. `lock` keeps everybody else from changing it until the transaction ends."""
    found = _FIND.where(Poll.id == poll_id)
    return _view(session, found.with_for_update(of=Poll) if lock else found)


def by_key(session: Session, key: str) -> View:
    """The poll at an address, a draft too, of an account in use. Raises `NotFound`."""
    return _view(session, _FIND.where(and_(Poll.key == key, Account.active)))


def _view(session: Session, statement: Select[*tuple[Any, ...]]) -> View:
    row: Any = session.execute(statement).one_or_none()
    if row is None:
        raise NotFound("poll", "There is no such poll. Check its address.")
    *columns, state, process_id, process, organisation, asked = row
    values = (*columns, PollState(state), process_id, process, organisation, questions.read(asked))
    return View(*values)
