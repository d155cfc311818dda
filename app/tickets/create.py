"""Making tickets and messages out of what came in: intake's hot path, in as few statements as can be.

`open_ticket` writes ticket, first message and their event in one statement and wakes routing and the desk at commit;
`append` does the same for a reaction that joins, and brings a ticket back that was waiting or done. Search words are made
here, so that no way in can forget them.

A repeated `identity` breaks the unique index (`sqlalchemy.exc.IntegrityError`): by then somebody else admitted the same
message, and the caller's transaction must start again, now seeing it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Integer,
    Text,
    bindparam,
    cast,
    func,
    insert,
    literal,
    literal_column,
    select,
    update,
)
from sqlalchemy.orm import Session

from app.identity import mandates
from app.tickets import events
from app.tickets.come_back import come_back
from app.tickets.search_terms import TERMS_VERSION, terms
from app.tickets.tables import MESSAGE, TICKET, TICKET_EVENT
from app.vocabulary import (
    Confidentiality,
    EventType,
    MessageKind,
    Priority,
    Publication,
    TicketKind,
    TicketStatus,
    Visibility,
)

RANKS = {Priority.URGENT: 0, Priority.HIGH: 1, Priority.NORMAL: 2, Priority.LOW: 3}
FINISHED = (TicketStatus.SOLVED, TicketStatus.CLOSED)
COMES_BACK = (TicketStatus.PENDING, TicketStatus.ON_HOLD, *FINISHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTicket:
    """The columns of a new ticket. Without `due_at` it is due at once, until routing sets its deadline."""

    account_id: int
    received_at: datetime
    contact_id: int | None = None
    kind: TicketKind = TicketKind.QUESTION
    priority: Priority = Priority.NORMAL
    confidentiality: Confidentiality = Confidentiality.NORMAL
    subject: str = ""
    language: str = ""
    theme_id: int | None = None
    team_id: int | None = None
    process_id: int | None = None
    campaign_id: int | None = None
    subject_key: str = ""
    subject_url: str = ""
    subject_title: str = ""
    is_public: bool = False
    spam: bool = False
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """The columns of a message, as in `app.models.Message`. Without `received_at` it is stamped by the database's clock."""

    kind: MessageKind = MessageKind.REACTION
    account_id: int | None = None
    visibility: Visibility = Visibility.PRIVATE
    identity: str | None = None
    external_id: str = ""
    parent_id: str = ""
    root_id: str = ""
    digest: str = ""
    fingerprint: int | None = None
    contact_id: int | None = None
    address_id: int | None = None
    agent_id: int | None = None
    author_name: str = ""
    author_verified: bool = False
    title: str = ""
    text: str = ""
    html: str = ""
    folds: Sequence[Any] = ()
    language: str = ""
    references: Sequence[str] = ()
    recipients: Sequence[str] = ()
    marks: Sequence[str] = ()
    advice: Mapping[str, str] | None = None
    automatic: bool = False
    stance: str = ""
    subject_key: str = ""
    publication: Publication | None = None
    sent_at: datetime | None = None
    received_at: datetime | None = None


class Opened(NamedTuple):
    """Ids of what `open_ticket` made."""

    ticket_id: int
    message_id: int
    event_id: int


class Appended(NamedTuple):
    """Where `append` put a message. `ticket_id` is another than asked when that one was merged."""

    ticket_id: int
    message_id: int


_TICKET_FIELDS = tuple(field.name for field in fields(NewTicket))
_MESSAGE_FIELDS = tuple(field.name for field in fields(NewMessage))
_LISTS = ("folds", "references", "recipients", "marks")


def _given(name: str, column: Any) -> ColumnElement[Any]:
    return bindparam(name, type_=column.type).label(name)


def _message_columns() -> list[ColumnElement[Any]]:
    columns = [_given(f"m_{name}", MESSAGE.c[name]) for name in _MESSAGE_FIELDS]
    columns[-1] = func.coalesce(columns[-1], func.now())
    return [*columns, func.array_to_tsvector(bindparam("m_terms", type_=ARRAY(Text))), literal(TERMS_VERSION, Integer)]


def _message_cte(ticket_id: ColumnElement[Any], source: Any) -> CTE:
    names = ["ticket_id", *_MESSAGE_FIELDS, "terms", "terms_version"]
    chosen = select(ticket_id, *_message_columns())
    chosen = chosen.select_from(source) if source is not None else chosen
    return (
        insert(MESSAGE)
        .from_select(names, chosen, include_defaults=False)
        .returning(MESSAGE.c.ticket_id, MESSAGE.c.id)
        .cte("new_message")
    )


def _opening() -> Any:
    row: dict[str, ColumnElement[Any]] = {
        name: bindparam(f"t_{name}", type_=TICKET.c[name].type) for name in _TICKET_FIELDS
    }
    row["due_at"] = func.coalesce(row["due_at"], row["received_at"])
    first = {
        "status": TicketStatus.NEW,
        "rank": bindparam("t_rank", type_=Integer),
        "last_inbound_at": row["received_at"],
    }
    empty: dict[str, ColumnElement[Any]] = {name: literal_column("'{}'") for name in ("passed_agents", "fixed")}
    ticket = insert(TICKET).values({**row, **first, **empty}).returning(TICKET.c.id).cte("new_ticket")
    message = _message_cte(ticket.c.id, ticket)
    columns = TICKET_EVENT.c
    data = func.jsonb_build_object("version", 1)
    told = select(message.c.ticket_id, message.c.id, literal(EventType.CREATED, columns.type.type), data)
    recorded = insert(TICKET_EVENT).from_select(
        ["ticket_id", "message_id", "type", "data"], told, include_defaults=False
    )
    event = recorded.returning(columns.ticket_id, columns.message_id, columns.id).cte("new_event")
    payload = cast(event.c.id, Text) + literal(":") + cast(event.c.ticket_id, Text)
    woken = (func.pg_notify(events.CHANNEL, payload), func.pg_notify("route", ""))
    return select(event.c.ticket_id, event.c.message_id, event.c.id, *woken)


_OPEN = _opening()
_APPEND = select(_message_cte(bindparam("ticket_id", type_=TICKET.c.id.type), None).c.id)
_LOCK = (
    select(TICKET.c.status).where(TICKET.c.id == bindparam("id"), TICKET.c.merged_into_id.is_(None)).with_for_update()
)
_WHERE = select(TICKET.c.merged_into_id).where(TICKET.c.id == bindparam("id"))
_RECEIVED = (
    update(TICKET)
    .where(TICKET.c.id == bindparam("asked"))
    .values(
        version=TICKET.c.version + 1,
        last_inbound_at=func.greatest(
            TICKET.c.last_inbound_at, func.coalesce(bindparam("received", type_=TICKET.c.received_at.type), func.now())
        ),
        no_answer_needed=False,
    )
    .returning(TICKET.c.version)
)
_REOPENED = _RECEIVED.values(
    status=TicketStatus.OPEN,
    reopened_at=func.now(),
    solved_at=None,
    closed_at=None,
)


def open_ticket(session: Session, ticket: NewTicket, message: NewMessage) -> Opened:
    """A new ticket with its first message. One statement; wakes "route" and "event" at commit."""
    values = {f"t_{name}": getattr(ticket, name) for name in _TICKET_FIELDS}
    values["t_rank"] = RANKS[ticket.priority]
    return Opened(*session.execute(_OPEN, {**values, **_message_values(message)}).one()[:3])


def append(session: Session, ticket_id: int, message: NewMessage) -> Appended:
    """Put a reaction into a ticket, or into the one that it was merged into. Raises `NotFound`.

    The ticket's row is locked first: a merge, an answer and a reaction at the same moment happen one after the other.
    """
    ticket_id, status = _locked(session, ticket_id)
    message_id = insert_message(session, ticket_id, message)
    reopened = message.kind is MessageKind.REACTION and status in COMES_BACK
    statement = _REOPENED if reopened else _RECEIVED
    version = session.execute(statement, {"asked": ticket_id, "received": message.received_at}).scalar_one()
    events.record(session, ticket_id, EventType.REACTION_RECEIVED, message_id=message_id, version=version)
    if reopened:
        _came_back(session, ticket_id, message_id, version, status, message.received_at)
    return Appended(ticket_id, message_id)


def reopen_finished(session: Session, ticket_id: int, message_id: int, *, since: datetime) -> None:
    """Open a ticket again that was finished after `since`, while one of its reactions was away; no other. Raises `NotFound`."""
    ticket_id, status = _locked(session, ticket_id)
    if status not in FINISHED:
        return
    finished = func.coalesce(TICKET.c.solved_at, TICKET.c.closed_at) > bindparam("since")
    statement = _REOPENED.where(finished).values(last_inbound_at=TICKET.c.last_inbound_at)
    version = session.execute(statement, {"asked": ticket_id, "since": since}).scalar_one_or_none()
    if version is not None:
        _came_back(session, ticket_id, message_id, version, status, None)


def _came_back(
    session: Session, ticket_id: int, message_id: int, version: int, before: TicketStatus, at: datetime | None
) -> None:
    events.record(session, ticket_id, EventType.REOPENED, message_id=message_id, version=version, status=before.value)
    come_back(session, ticket_id, at)


def insert_message(session: Session, ticket_id: int, message: NewMessage) -> int:
    """The bare row, with its search words; the caller records what happened. Returns its id."""
    return int(session.execute(_APPEND, {"ticket_id": ticket_id, **_message_values(message)}).scalar_one())


def _locked(session: Session, ticket_id: int) -> tuple[int, TicketStatus]:
    """Lock a ticket, or the one that it was merged into; a circle of merges cannot exist (see `merge`).

    A merged ticket's own row is not locked on the way: whoever undoes the merge holds both, in another order.
    """
    while True:
        row = session.execute(_LOCK, {"id": ticket_id}).one_or_none()
        if row is not None:
            return ticket_id, row.status
        further = session.execute(_WHERE, {"id": ticket_id}).scalar_one_or_none()
        if further is None:
            raise mandates.unknown()
        ticket_id = further


def _message_values(message: NewMessage) -> dict[str, Any]:
    values = {f"m_{name}": getattr(message, name) for name in _MESSAGE_FIELDS}
    values.update({f"m_{name}": list(getattr(message, name)) for name in _LISTS})
    values["m_advice"] = dict(message.advice or {})
    values["m_terms"] = terms(f"{message.title}\n{message.author_name}\n{message.text}")
    return values
