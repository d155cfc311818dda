"""What became of something we sent: bounces and status callbacks, and our own words coming back to us.

A report or an echo never opens a ticket and never sends anything: machines talking to machines must come to rest here. What
it means for a person (an address that does not work) is on the ticket, which comes back to its owner.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from app.channels.contract import DeliveryReport, OwnPost, Sent
from app.delivery import parts, settle
from app.models import ContactAddress, Delivery, Message, Ticket
from app.storage.keys import Keys
from app.tickets import events, tokens
from app.tickets.come_back import look_for_somebody
from app.vocabulary import AddressKind, DeliveryState, EventType, MessageKind, TicketStatus

UNDER_WAY = (DeliveryState.CLAIMED, DeliveryState.BEGUN)
DOUBTFUL = (DeliveryState.UNCERTAIN, DeliveryState.WAITING, DeliveryState.FAILED)
"""Begun once, and not known to have arrived."""
OUT = (DeliveryState.CLAIMED, DeliveryState.BEGUN, DeliveryState.UNCERTAIN, DeliveryState.SENT, DeliveryState.FAILED)
DORMANT = (TicketStatus.PENDING, TicketStatus.SOLVED, TicketStatus.ON_HOLD)
LONGEST_DETAIL = 500
_ADDRESSED = re.compile(r"\A\s*(?:@\S+\s+)+")
_NUMBERED = re.compile(r"\(\d+/\d+\)\s*\Z")


def apply_report(session: Session, keys: Keys, account_id: int, report: DeliveryReport) -> int | None:
    """Write the report on the delivery that it is about, or on what a colleague said in the service's own app.

    Gives its ticket, or None when it is about nothing of ours.
    """
    found = _find(session, keys, account_id, report)
    if found is None:
        return _elsewhere(session, account_id, report)
    if report.outcome == "failed":
        _failed(session, found, report)
    elif report.outcome == "delivered" and found.state is not DeliveryState.SENT:
        settle.sent(session, Delivery.id == found.id, Sent(found.external_id or report.external_id))
    elif report.outcome == "delayed":
        _note(session, found, report)
    return int(found.ticket_id)


def apply_echo(session: Session, account_id: int, post: OwnPost) -> int | None:
    """Our own message came back (the Sent folder, a webhook): it certainly went out. None when it was not sent by us.

    One that was returned undelivered was said all the same, and stays refused.
    """
    found = session.execute(_by_id(account_id, post.external_id, states=(*OUT, DeliveryState.REFUSED))).one_or_none()
    if found is None:
        return None
    if found.state not in (DeliveryState.SENT, DeliveryState.REFUSED):
        settle.sent(session, Delivery.id == found.id, Sent(post.external_id))
    return int(found.ticket_id)


def under_way(session: Session, account_id: int, before: datetime) -> bool:
    """Whether something of the account's had left us before that moment and is not written down yet.

    What the account said at its service until then may be that. Ask it before `apply_echo`, never after: what is settled
    between the two is then found by its id.
    """
    begun = (Delivery.account_id == account_id, Delivery.state.in_(UNDER_WAY), Delivery.begun_at <= before)
    return session.scalar(select(Delivery.id).where(*begun).limit(1)) is not None


def apply_words(session: Session, account_id: int, ticket_id: int, post: OwnPost) -> bool | None:
    """Whether these are the words of an answer in the ticket of which nobody could tell whether it went out: it did.

    An answer that was to be sent again is not, since it stands there. Of one in several posts each is known; only all of them
    settle it. None when it is being sent again at this moment.
    """
    asked = (Delivery.ticket_id == ticket_id, Delivery.account_id == account_id, Delivery.action == "send")
    query = (
        select(Delivery.id, Delivery.state, Message.text)
        .join(Message, Message.id == Delivery.message_id)
        .where(*asked, Delivery.state.in_((*DOUBTFUL, *UNDER_WAY)), Delivery.begun_at.is_not(None))
        .order_by(Delivery.id)
        .with_for_update(of=Delivery)
    )
    rows = session.execute(query).all()
    same = next((row for row in rows if _same_words(post.text, row.text)), None)
    piece = same or next((row for row in rows if _piece_of(row.text, post.text)), None)
    if piece is None:
        return False
    if piece.state in UNDER_WAY:
        return None
    return same is None or settle.sent(session, Delivery.id == same.id, Sent(post.external_id, sent_at=post.sent_at))


def _same_words(said: str, meant: str) -> bool:
    """A service writes white space in its own way, and in front the people whom it answers."""
    words = meant.split()
    return bool(words) and words in (said.split(), _ADDRESSED.sub("", said).split())


def _piece_of(meant: str, said: str) -> bool:
    """Whether this is one numbered post of several, as `channels.social.split` cuts them."""
    words, mark = _NUMBERED.subn("", _ADDRESSED.sub("", said))
    return bool(mark and words.split()) and f" {' '.join(words.split())} " in f" {' '.join(meant.split())} "


_COLUMNS = (
    Delivery.id, Delivery.ticket_id, Delivery.message_id, Delivery.address_id, Delivery.state, Delivery.external_id
)  # fmt: skip


def _by_id(account_id: int, external_id: str, key: str = "", states: Sequence[DeliveryState] = OUT) -> Any:
    """By the id it got over there, or by its key, which such an id may hold (a mail's Message-ID, before it is settled).

    Nobody can guess the key, so it counts whichever mailbox the bounce came to; an id counts within its account.
    """
    key = key or external_id.partition("@")[0].strip("<>")
    known = or_(and_(Delivery.account_id == account_id, Delivery.external_id == external_id), Delivery.key == key)
    said = Delivery.action.in_(("send", "amend", parts.ACTION))
    return select(*_COLUMNS).where(known, said, Delivery.state.in_(states)).limit(1)


def _find(session: Session, keys: Keys, account_id: int, report: DeliveryReport) -> Any:
    if report.external_id:
        found = session.execute(_by_id(account_id, report.external_id, report.key)).one_or_none()
        if found is not None:
            return found
    for token in report.tokens:
        found = _by_token(session, keys, token)
        if found is not None:
            return found
    return None


def _by_token(session: Session, keys: Keys, token: str) -> Any:
    """The newest message that went to whom the token was given: a bounce came back to our envelope address with it."""
    claim = tokens.claims(token)
    if claim is None:
        return None
    round_ = session.scalar(select(Ticket.token_round).where(Ticket.id == claim.ticket_id))
    if round_ is None or tokens.round_of(keys, claim, round_) is None:
        return None
    newest = (
        select(*_COLUMNS)
        .join(ContactAddress, ContactAddress.id == Delivery.address_id)
        .where(
            Delivery.ticket_id == claim.ticket_id,
            Delivery.state.in_(OUT),
            ContactAddress.contact_id == claim.contact_id,
        )
        .order_by(Delivery.id.desc())
        .limit(1)
    )
    return session.execute(newest).one_or_none()


def _failed(session: Session, found: Any, report: DeliveryReport) -> None:
    """Only addresses that this very message went to are marked: whoever got one could write a bounce that names others.

    Where a copy alone came back, the answer itself did arrive: it stays sent, and nobody sends it a second time.
    """
    recipient = report.recipient.lower()
    main, copies = _addressees(session, found)
    if recipient not in copies:
        values = {
            "state": DeliveryState.REFUSED,
            "problem": report.detail[:LONGEST_DETAIL],
            "code": report.code or "bounced",
            "external_id": found.external_id or report.external_id,
        }
        session.execute(update(Delivery).where(Delivery.id == found.id).values(values))
    if recipient in {main, *copies}:
        bounced = (ContactAddress.kind == AddressKind.EMAIL, ContactAddress.address == recipient)
        session.execute(update(ContactAddress).where(*bounced).values(bounced_at=func.clock_timestamp()))
    _reopen(session, found.ticket_id)
    _note(session, found, report)


def _elsewhere(session: Session, account_id: int, report: DeliveryReport) -> int | None:
    """A colleague's words of which nobody here keeps a delivery: that they did not arrive is on the ticket all the same."""
    theirs = (Message.account_id == account_id, Message.external_id == report.external_id)
    said = select(Message.id, Message.ticket_id).where(*theirs, Message.kind == MessageKind.OWN_POST).limit(1)
    found = session.execute(said).one_or_none() if report.external_id else None
    if found is None:
        return None
    if report.outcome == "failed":
        _reopen(session, found.ticket_id)
        events.record(
            session, found.ticket_id, EventType.BOUNCED, message_id=found.id, outcome=report.outcome, code=report.code
        )
    return int(found.ticket_id)


def _reopen(session: Session, ticket_id: int) -> None:
    dormant = update(Ticket).where(Ticket.id == ticket_id, Ticket.status.in_(DORMANT))
    opened = dormant.values(status=TicketStatus.OPEN, version=Ticket.version + 1).returning(Ticket.id)
    if session.execute(opened).one_or_none() is not None:
        look_for_somebody(session, ticket_id)


def _addressees(session: Session, found: Any) -> tuple[str, frozenset[str]]:
    """Whom it went to, and who got a copy, in small letters."""
    main = session.scalar(select(ContactAddress.address).where(ContactAddress.id == found.address_id)) or ""
    copies = session.scalar(select(Message.recipients).where(Message.id == found.message_id)) or []
    return main.lower(), frozenset(copy.lower() for copy in copies) - {main.lower()}


def _note(session: Session, found: Any, report: DeliveryReport) -> None:
    events.record(
        session, found.ticket_id, EventType.BOUNCED, message_id=found.message_id, delivery=found.id,
        outcome=report.outcome, code=report.code,
    )  # fmt: skip
