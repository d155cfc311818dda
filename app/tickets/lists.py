"""The lists of the desk and the API: my work, a team's queue, what nobody has, and everything by filter.

Columns only, one statement a page, keyset pages: `after` is the `next` of the page before. The three lists of open work repeat
the partial indexes' condition literally (`app.models.ticket.ACTIVE`), without which PostgreSQL would not use them; they go
by urgency and deadline. The list of everything goes from new to old.

A campaign is one row: its first ticket in this list (its newest, in the list of everything), with how many there are. Counts
count every ticket.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    String,
    and_,
    any_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased

from app.identity import mandates
from app.identity.principal import Principal
from app.models import Account, Agent, Contact, Delivery, Draft, Message, RawItem, Team, Theme, Ticket, TicketTag
from app.models.ticket import ABOUT, ACTIVE
from app.storage.rows import rows
from app.vocabulary import Confidentiality, Priority, TicketKind, TicketStatus

PAGE = 50
CAP = 99  # other counts than those of open work stop here and are shown as "99+"
SNIPPET = 160

Condition = Callable[[type[Ticket]], ColumnElement[bool]]


class Line(NamedTuple):
    """One row of a list. `campaign_size` counts its members in this list; 0 without a campaign. `snippet` is the beginning of
    the newest reaction.
    """

    id: int
    version: int
    subject: str
    snippet: str
    kind: TicketKind
    status: TicketStatus
    priority: Priority
    confidentiality: Confidentiality
    rank: int
    due_at: datetime
    received_at: datetime
    last_inbound_at: datetime | None
    reopened_at: datetime | None
    language: str
    is_public: bool
    spam: bool
    no_answer_needed: bool
    merged_into_id: int | None
    contact_id: int | None
    contact_name: str | None
    account_id: int
    account_kind: str
    account_name: str
    theme_id: int | None
    theme_nl: str | None
    theme_en: str | None
    team_id: int | None
    team_name: str | None
    agent_id: int | None
    agent_name: str | None
    campaign_id: int | None
    campaign_size: int


class Position(NamedTuple):
    """Where a page of open work ended."""

    rank: int
    due_at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in order; `next` is the `after` of the following page, None on the last."""

    lines: list[Line]
    next: Position | None


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list of everything is narrowed to; None = not narrowed. With `campaign_id` its members are shown one by one.

    `spam` and `merged` are left out unless asked for: True = only those, None = these too.
    """

    status: frozenset[TicketStatus] | None = None
    priority: Priority | None = None
    kind: TicketKind | None = None
    confidentiality: Confidentiality | None = None
    theme_id: int | None = None
    team_id: int | None = None
    agent_id: int | None = None
    contact_id: int | None = None
    account_id: int | None = None
    process_id: int | None = None
    campaign_id: int | None = None
    language: str | None = None
    tag: str | None = None
    spam: bool | None = False
    merged: bool | None = False


@dataclass(frozen=True, slots=True)
class Counts:
    """Exact counts of open work that the asker may see. `queues` by team (None = no team yet) hold what nobody has taken."""

    mine: int
    queues: dict[int | None, int]
    to_release: int
    uncertain: int
    set_aside: int

    @property
    def unassigned(self) -> int:
        """What nobody has, over all teams."""
        return sum(self.queues.values())


def mine(session: Session, principal: Principal, *, after: Position | None = None, limit: int = PAGE) -> Page:
    """The asker's own open work, most urgent first."""
    return _open_work(session, principal, "mine", {}, after, limit)


def queue(
    session: Session, principal: Principal, team_id: int, *, after: Position | None = None, limit: int = PAGE
) -> Page:
    """What waits in a team's queue, most urgent first."""
    return _open_work(session, principal, "queue", {"team": team_id}, after, limit)


def unassigned(session: Session, principal: Principal, *, after: Position | None = None, limit: int = PAGE) -> Page:
    """What nobody has, over all teams, most urgent first."""
    return _open_work(session, principal, "unassigned", {}, after, limit)


def all_tickets(
    session: Session, principal: Principal, filters: Filters, *, after: int | None = None, limit: int = PAGE
) -> list[Line]:
    """Every ticket that fits, newest first; `after` is the id of the last row of the page before."""
    statement = _everything(_shape(filters), mandates.sight(principal), after is not None)
    asked = {**mandates.values(principal), **_asked(filters), "after": after, "limit": limit}
    return [Line(*row) for row in rows(session, statement, asked)]


def matching(
    session: Session,
    principal: Principal,
    condition: ColumnElement[bool],
    *,
    after: int | None = None,
    limit: int = PAGE,
) -> list[Line]:
    """The tickets that a condition on `Ticket` holds for and the asker may see, newest first, campaigns not collapsed."""
    statement = _COLUMNS.add_columns(literal_column("0")).where(condition, mandates.visible(principal))
    if after is not None:
        statement = statement.where(Ticket.id < after)
    return [Line(*row) for row in session.execute(statement.order_by(Ticket.id.desc()).limit(limit))]


def about(session: Session, principal: Principal, account_id: int, subject_key: str, *, limit: int) -> list[Line]:
    """The newest tickets about one thing of an account's: a poll, a page."""
    here = and_(Ticket.account_id == account_id, Ticket.subject_key == subject_key, text(ABOUT))
    return matching(session, principal, here, limit=limit)


def how_many(session: Session, principal: Principal, filters: Filters) -> int:
    """How many tickets fit, counted up to one more than `CAP`: a larger answer is shown as "99+"."""
    statement = _number(_shape(filters), mandates.sight(principal))
    return rows(session, statement, {**mandates.values(principal), **_asked(filters)})[0][0] or 0


def counts(session: Session, principal: Principal) -> Counts:
    """All counts of the desk's menu in one statement, from partial indexes."""
    return counted(*rows(session, _counts(mandates.sight(principal)), mandates.values(principal))[0])


def counted(mine: int, waiting: list[list[Any]], to_release: int, uncertain: int, set_aside: int) -> Counts:
    """What `count_columns` gave."""
    return Counts(mine, {team: number for team, number in waiting}, to_release, uncertain, set_aside)  # noqa: C416


def count_columns(way: mandates.Sight) -> tuple[ColumnElement[Any], ...]:
    """The counts as columns of any statement; its parameters are `mandates.values`."""
    seen = mandates.seen_in(way)
    per_team = (
        select(Ticket.team_id, func.count().label("waiting"))
        .where(Ticket.agent_id.is_(None), _ACTIVE, seen)
        .group_by(Ticket.team_id)
        .subquery()
    )
    queues = func.coalesce(func.jsonb_agg(func.jsonb_build_array(per_team.c.team_id, per_team.c.waiting)), _EMPTY)
    return (
        _count(select(Ticket.id).where(Ticket.agent_id == _ASKER, _ACTIVE)),
        select(queues).scalar_subquery(),
        _count(select(Draft.id).join(Ticket, Ticket.id == Draft.ticket_id).where(Draft.for_release, seen)),
        _count(select(Delivery.id).join(Ticket, Ticket.id == Delivery.ticket_id).where(TROUBLE, seen)),
        _count(select(RawItem.id).where(text("state = 'set_aside'"))),
    )


# Made once: an alias works out its columns when they are first used, which costs more than the rest of a statement.
_OTHER = aliased(Ticket)
_MEMBER = aliased(Ticket)
_ACTIVE = text(ACTIVE)
TROUBLE = text(
    "delivery.state IN ('uncertain', 'refused') AND delivery.seen_at IS NULL AND delivery.code !~ '^(citizen|employee)_'"
)
"""What somebody must decide about or has not seen yet. Calls that reached nobody are not: they are on the call-back list."""

_EMPTY: ColumnElement[Any] = literal_column("'[]'::jsonb")
_ASKER: BindParameter[int] = bindparam("asker", type_=BigInteger)
_LIMIT: BindParameter[int] = bindparam("limit", type_=BigInteger)
_ORDER: tuple[Any, ...] = (Ticket.rank, Ticket.due_at, Ticket.id)
_PLAIN = (
    "priority", "kind", "confidentiality", "theme_id", "team_id", "agent_id", "contact_id", "account_id", "process_id",
    "campaign_id", "language",
)  # fmt: skip
_CHOSEN: Mapping[str, Condition] = {
    "mine": lambda ticket: ticket.agent_id == _ASKER,
    "queue": lambda ticket: and_(ticket.team_id == bindparam("team", type_=BigInteger), ticket.agent_id.is_(None)),
    "unassigned": lambda ticket: ticket.agent_id.is_(None),
}

_newest = (
    select(func.left(Message.text, SNIPPET))
    .where(Message.ticket_id == Ticket.id, text("message.kind = 'reaction' AND message.withdrawn_at IS NULL"))
    .order_by(Message.id.desc())
    .limit(1)
    .correlate(Ticket)
    .scalar_subquery()
)
_COLUMNS = (
    select(
        Ticket.id,
        Ticket.version,
        Ticket.subject,
        func.coalesce(_newest, ""),
        Ticket.kind,
        Ticket.status,
        Ticket.priority,
        Ticket.confidentiality,
        Ticket.rank,
        Ticket.due_at,
        Ticket.received_at,
        Ticket.last_inbound_at,
        Ticket.reopened_at,
        Ticket.language,
        Ticket.is_public,
        Ticket.spam,
        Ticket.no_answer_needed,
        Ticket.merged_into_id,
        Ticket.contact_id,
        Contact.name,
        Ticket.account_id,
        Account.kind,
        Account.name,
        Ticket.theme_id,
        Theme.name_nl,
        Theme.name_en,
        Ticket.team_id,
        Team.name,
        Ticket.agent_id,
        Agent.name,
        Ticket.campaign_id,
    )
    .join(Account, Account.id == Ticket.account_id)
    .outerjoin(Contact, Contact.id == Ticket.contact_id)
    .outerjoin(Theme, Theme.id == Ticket.theme_id)
    .outerjoin(Team, Team.id == Ticket.team_id)
    .outerjoin(Agent, Agent.id == Ticket.agent_id)
)


def _open_work(
    session: Session, principal: Principal, which: str, values: dict[str, Any], after: Position | None, limit: int
) -> Page:
    statement = _open(which, mandates.sight(principal), after is not None)
    where = {f"after_{name}": value for name, value in after._asdict().items()} if after else {}
    found = rows(session, statement, {**mandates.values(principal), **values, **where, "limit": limit + 1})
    lines = [Line(*row) for row in found]
    last = lines[limit - 1] if len(lines) > limit else None
    return Page(lines[:limit], Position(last.rank, last.due_at, last.id) if last else None)


@cache
def _open(which: str, way: mandates.Sight, onward: bool) -> Select[*tuple[Any, ...]]:
    """A list of open work; made once for each way of seeing, since making it costs more than having it run."""

    def here(ticket: type[Ticket]) -> ColumnElement[bool]:
        return and_(_CHOSEN[which](ticket), _ACTIVE, mandates.seen_in(way, ticket))

    statement = _COLUMNS.add_columns(_members(here)).where(here(Ticket), _leads(here, newest=False))
    if onward:
        position = tuple_(*(bindparam(f"after_{column.key}", type_=column.type) for column in _ORDER))
        statement = statement.where(tuple_(*_ORDER) > position)
    return statement.order_by(*_ORDER).limit(_LIMIT)


@cache
def _counts(way: mandates.Sight) -> Select[*tuple[Any, ...]]:
    return select(*count_columns(way))


def _members(here: Condition) -> ColumnElement[int]:
    """How many of a row's campaign stand in this list; reckoned for the rows of the page only."""
    return (
        select(func.count())
        .select_from(_MEMBER)
        .where(_MEMBER.campaign_id == Ticket.campaign_id, here(_MEMBER))
        .correlate(Ticket)
        .scalar_subquery()
    )


def _leads(here: Condition, *, newest: bool) -> ColumnElement[bool]:
    """Whether a row stands for its campaign in this list. The index on (campaign, id) answers at the first entry."""
    before = _OTHER.id > Ticket.id if newest else _OTHER.id < Ticket.id
    earlier = select(_OTHER.id).where(_OTHER.campaign_id == Ticket.campaign_id, before, here(_OTHER)).correlate(Ticket)
    return or_(Ticket.campaign_id.is_(None), ~earlier.exists())


# Which columns are narrowed, whether by status and tag, and how spam and merged tickets are treated.
Shape = tuple[tuple[str, ...], bool, bool, bool | None, bool | None]


def _shape(filters: Filters) -> Shape:
    narrowed = tuple(name for name in _PLAIN if getattr(filters, name) is not None)
    return narrowed, filters.status is not None, filters.tag is not None, filters.spam, filters.merged


def _asked(filters: Filters) -> dict[str, Any]:
    given = {f"{name}_asked": value for name in (*_PLAIN, "tag") if (value := getattr(filters, name)) is not None}
    return given if filters.status is None else {**given, "status_asked": sorted(filters.status)}


@lru_cache(maxsize=256)
def _everything(shape: Shape, way: mandates.Sight, onward: bool) -> Select[*tuple[Any, ...]]:
    here = _fits(shape, way)
    statement = _COLUMNS.add_columns(_members(here)).where(here(Ticket))
    if "campaign_id" not in shape[0]:
        statement = statement.where(_leads(here, newest=True))
    if onward:
        statement = statement.where(Ticket.id < bindparam("after", type_=BigInteger))
    return statement.order_by(Ticket.id.desc()).limit(_LIMIT)


@lru_cache(maxsize=256)
def _number(shape: Shape, way: mandates.Sight) -> Select[*tuple[Any, ...]]:
    found = select(Ticket.id).where(_fits(shape, way)(Ticket)).limit(CAP + 1).subquery()
    return select(func.count()).select_from(found)


def _fits(shape: Shape, way: mandates.Sight) -> Condition:
    narrowed, by_status, by_tag, spam, merged = shape

    def here(ticket: type[Ticket]) -> ColumnElement[bool]:
        columns = [getattr(ticket, name) for name in narrowed]
        conditions = [column == bindparam(f"{column.key}_asked", type_=column.type) for column in columns]
        if by_status:
            conditions.append(ticket.status == any_(bindparam("status_asked", type_=ARRAY(String))))
        if by_tag:
            conditions.append(ticket.id.in_(select(TicketTag.ticket_id).where(TicketTag.tag == bindparam("tag_asked"))))
        if spam is not None:
            conditions.append(ticket.spam.is_(spam))
        if merged is not None:
            conditions.append(ticket.merged_into_id.is_not(None) if merged else ticket.merged_into_id.is_(None))
        return and_(true(), *conditions, mandates.seen_in(way, ticket))

    return here


def _count(rows: Select[int]) -> ColumnElement[int]:
    return select(func.count()).select_from(rows.subquery()).scalar_subquery()
