"""The call-back list: who was promised a call and when, who rang and wants to be called, and whom a call did not reach.

Each line tells how the last try through our own telephone ended, and proposes when to try next.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import case, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from app import clock
from app.identity import mandates
from app.identity.principal import Principal
from app.models import Account, Agent, CallBack, Contact, ContactAddress, Delivery, Message, Team, Ticket
from app.tickets.next_try import next_try
from app.vocabulary import ACTIVE_STATUSES, AddressKind, DeliveryState, MessageKind

RINGS = "phone.twilio_voice"
"""The kind of account at which a caller is written down who wants to be called back, and that calls."""

MOST = 200
CALLED, UNDER_WAY, REFUSED = "called", "under_way", "refused"

_ACTIVE = (Ticket.status.in_(ACTIVE_STATUSES), Ticket.merged_into_id.is_(None), ~Ticket.spam)
_CAME_TO_NOTHING = (DeliveryState.REFUSED, DeliveryState.CANCELLED)


class Line(NamedTuple):
    """One call to make. `id` is None where nobody promised a moment; `at` is then when they rang (`rang`), or when we tried.

    `tried` is how the last call ended: a channel's code (`citizen_busy`, …), `refused`, `under_way`, `called`, or empty when
    there was none; `tried_at` is when. `next_at` is when to try next if nobody is reached now.
    """

    id: int | None
    ticket_id: int
    at: datetime
    note: str
    subject: str
    contact_name: str | None
    number: str | None
    promised_by: str | None
    owner: str | None
    rang: bool
    tried: str
    tried_at: datetime | None
    next_at: datetime


def waiting(session: Session, principal: Principal) -> list[Line]:
    """The calls to make on tickets that the asker may see, first the one that is due longest. At most 200."""
    callers = _callers()
    rang = _wanted(principal, callers.c.at, True).join(callers, callers.c.id == Ticket.id)
    tried = _wanted(principal, _last.c.tried_at, False).where(
        Ticket.id.in_(_failed()), Ticket.id.not_in(select(callers.c.id))
    )
    every = union_all(_promised(principal), rang, tried).subquery()
    now = clock.now()
    return [
        Line._make((*row[:-1], next_try(row.tried, row.hours or {}, now)))
        for row in session.execute(select(every).order_by(every.c.at, every.c.ticket_id).limit(MOST))
    ]


_owner = select(Agent.name).where(Agent.id == Ticket.agent_id).correlate(Ticket).scalar_subquery()
_promiser = select(Agent.name).where(Agent.id == CallBack.agent_id).correlate(CallBack).scalar_subquery()
_hours = select(Team.hours).where(Team.id == Ticket.team_id).correlate(Ticket).scalar_subquery()
_called_at = func.coalesce(Delivery.sent_at, Delivery.begun_at, Delivery.created_at)
_last = (
    select(
        case(
            (Delivery.state == DeliveryState.REFUSED, func.coalesce(func.nullif(Delivery.code, ""), REFUSED)),
            (Delivery.state == DeliveryState.SENT, CALLED),
            else_=UNDER_WAY,
        ).label("tried"),
        _called_at.label("tried_at"),
    )
    .join(Account, Account.id == Delivery.account_id)
    .where(
        Delivery.ticket_id == Ticket.id,
        Delivery.action == "send",
        Delivery.state != DeliveryState.CANCELLED,
        Account.kind == RINGS,
    )
    .order_by(Delivery.id.desc())
    .limit(1)
    .correlate(Ticket)
    .lateral("last")
)
_ends = (func.coalesce(_last.c.tried, "").label("tried"), _last.c.tried_at, _hours.label("hours"))


def _promised(principal: Principal) -> Any:
    return (
        select(
            CallBack.id, Ticket.id.label("ticket_id"), CallBack.at.label("at"), CallBack.note.label("note"),
            Ticket.subject, Contact.name.label("contact_name"), ContactAddress.address.label("number"),
            _promiser.label("promised_by"), _owner.label("owner"), literal(False).label("rang"), *_ends,
        )
        .join(Ticket, Ticket.id == CallBack.ticket_id)
        .outerjoin(ContactAddress, ContactAddress.id == CallBack.address_id)
        .outerjoin(Contact, Contact.id == Ticket.contact_id)
        .outerjoin(_last, literal(True))
        .where(CallBack.done_at.is_(None), mandates.visible(principal))
    )  # fmt: skip


def _wanted(principal: Principal, at: Any, rang: bool) -> Any:
    """Open tickets on which nothing is promised. Where somebody rang, and where a call of ours came to nothing, are asked
    apart: with an OR the database looks into the calls of every open ticket.
    """
    number = (
        select(ContactAddress.address)
        .where(ContactAddress.contact_id == Ticket.contact_id, ContactAddress.kind == AddressKind.PHONE)
        .order_by(ContactAddress.id.desc())
        .limit(1)
        .correlate(Ticket)
        .scalar_subquery()
    )
    promised = select(CallBack.id).where(CallBack.ticket_id == Ticket.id, CallBack.done_at.is_(None)).correlate(Ticket)
    return (
        select(
            null(), Ticket.id, at, literal(""), Ticket.subject, Contact.name, number, null(), _owner, literal(rang), *_ends,
        )
        .outerjoin(Contact, Contact.id == Ticket.contact_id)
        .outerjoin(_last, literal(True))
        .where(*_ACTIVE, mandates.visible(principal), ~promised.exists())
    )  # fmt: skip


def _callers() -> Any:
    """(id, at) of open tickets, wherever they came in, on which somebody rang and since then: no answer, no call that went
    through, and nobody who said what came of one. Whoever rings back after a missed call is one of them.
    """
    rings = (
        select(Message.ticket_id, func.max(Message.received_at).label("at"))
        .join(Account, Account.id == Message.account_id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(Account.kind == RINGS, Message.kind == MessageKind.REACTION, Message.external_id != "", *_ACTIVE)
        .group_by(Message.ticket_id)
        .cte("rings")
    )
    failed = select(Delivery.id).where(Delivery.message_id == Message.id, Delivery.state.in_(_CAME_TO_NOTHING))
    called = select(Message.id).where(
        Message.ticket_id == rings.c.ticket_id,
        Message.kind == MessageKind.CALL_NOTE,
        Message.received_at >= rings.c.at,
        ~failed.correlate(Message).exists(),
    )
    told = select(CallBack.id).where(CallBack.ticket_id == rings.c.ticket_id, CallBack.done_at >= rings.c.at)
    unanswered = or_(Ticket.last_outbound_at.is_(None), Ticket.last_outbound_at < rings.c.at)
    nobody = (~part.correlate(rings).exists() for part in (called, told))
    found = select(Ticket.id, rings.c.at).join(rings, rings.c.ticket_id == Ticket.id)
    return found.where(unanswered, *nobody).cte("callers")


def _failed() -> Any:
    """Tickets whose last call came to nothing, and on which nobody did anything about it since."""
    later, said = aliased(Delivery), aliased(Message)
    again = select(later.id).where(
        later.ticket_id == Delivery.ticket_id, later.id > Delivery.id, later.state.not_in(_CAME_TO_NOTHING)
    )
    answered = select(said.id).where(
        said.ticket_id == Delivery.ticket_id,
        said.id > Delivery.message_id,
        said.kind.in_((MessageKind.REPLY, MessageKind.OWN_POST, MessageKind.CALL_NOTE)),
    )
    told = select(CallBack.id).where(CallBack.ticket_id == Delivery.ticket_id, CallBack.done_at >= _called_at)
    nothing_since = (~part.correlate(Delivery).exists() for part in (again, answered, told))
    return (
        select(Delivery.ticket_id)
        .join(Account, Account.id == Delivery.account_id)
        .where(
            Delivery.state == DeliveryState.REFUSED, Delivery.action == "send", Account.kind == RINGS, *nothing_since
        )
    )
