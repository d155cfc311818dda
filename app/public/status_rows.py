"""One person's side of a ticket: what they wrote, and what we answered to it. Nothing of anybody else.

What a link from before a merge shows (`app/tickets/tokens.py` says why): the person's own messages from before it, as far as
they were in their ticket without any merge, what they wrote by this very link since, and our answers to those. A link of
the current round shows all messages by its person that the ticket now holds.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, or_, select
from sqlalchemy.orm import Session

from app.models import Account, ContactAddress, Merge, Message, Organisation, Team, Ticket
from app.public.status_token import Opened
from app.vocabulary import AddressKind, MessageKind, Publication, TicketStatus

MOST = 200
ANSWERS = (MessageKind.REPLY, MessageKind.OWN_POST)
FOLLOW_UP = "status"


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the conversation. `ours` is our answer. `held` is the code of why a comment waits for approval."""

    id: int
    ours: bool
    text: str
    at: datetime
    publication: Publication | None = None
    reason: str = ""
    held: str = ""
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """What the page shows. `address` is the person's own, from their newest message."""

    status: TicketStatus
    answer_needed: bool
    received_at: datetime
    organisation: str
    team: str
    account_id: int
    page: str
    page_title: str
    page_url: str
    said: Sequence[Said] = ()
    name: str = ""
    address: tuple[AddressKind, str] = (AddressKind.BROWSER, "")
    language: str = ""

    @property
    def answered(self) -> bool:
        """Whether our word was the last."""
        return bool(self.said) and self.said[-1].ours


_HEAD = (
    select(
        Ticket.status, Ticket.no_answer_needed, Ticket.received_at, Organisation.name.label("organisation"),
        Team.name.label("team"), Ticket.account_id, Ticket.subject_key, Ticket.subject_title, Ticket.subject_url,
    )
    .join(Account, Account.id == Ticket.account_id)
    .join(Organisation, Organisation.id == Account.organisation_id)
    .outerjoin(Team, Team.id == Ticket.team_id)
    .where(Ticket.id == bindparam("ticket_id"))
)  # fmt: skip
_COLUMNS = select(
    Message.id, Message.kind, Message.text, Message.received_at, Message.sent_at, Message.publication,
    Message.publication_reason, Message.advice, Message.withdrawn_at, Message.external_id, Message.parent_id,
    Message.contact_id, Message.author_name, Message.account_id, Message.subject_key, Message.language,
    ContactAddress.kind.label("address_kind"), ContactAddress.address,
).outerjoin(ContactAddress, ContactAddress.id == Message.address_id)  # fmt: skip
_MESSAGES = (
    _COLUMNS.where(
        Message.ticket_id == bindparam("ticket_id"),
        or_(
            (Message.kind == MessageKind.REACTION) & (func.coalesce(Message.contact_id, 0) == bindparam("contact_id")),
            Message.kind.in_(ANSWERS) & Message.sent_at.is_not(None) & Message.withdrawn_at.is_(None),
        ),
    )
    .order_by(Message.id.desc())
    .limit(MOST)
)
_MERGES = select(Merge.ticket_id, Merge.target_id, Merge.message_ids, Merge.created_at).where(
    Merge.undone_at.is_(None),
    or_(Merge.ticket_id == bindparam("ticket_id"), Merge.target_id == bindparam("ticket_id")),
)


def read(session: Session, opened: Opened) -> Status:
    """The page's contents, in three statements at most."""
    head = session.execute(_HEAD, {"ticket_id": opened.holder_id}).one()
    own_head = (
        head if opened.holder_id == opened.ticket_id else session.execute(_HEAD, {"ticket_id": opened.ticket_id}).one()
    )
    asked = {"ticket_id": opened.holder_id, "contact_id": opened.contact_id}
    rows: Sequence[Any] = session.execute(_MESSAGES, asked).all()[::-1]
    merges: Sequence[Any] = session.execute(_MERGES, {"ticket_id": opened.ticket_id}).all() if opened.stale else ()
    shown = visible(opened, rows, merges)
    own = [row for row in shown if row.kind not in ANSWERS]
    newest = own[-1] if own else None
    return Status(
        status=head.status,
        answer_needed=not head.no_answer_needed,
        received_at=own[0].received_at if own else own_head.received_at,
        organisation=head.organisation,
        team=head.team or "",
        account_id=own_head.account_id,
        page=own_head.subject_key,
        page_title=own_head.subject_title,
        page_url=own_head.subject_url,
        said=[_said(row) for row in shown],
        name=newest.author_name if newest else "",
        address=(newest.address_kind, newest.address) if newest and newest.address_kind else (AddressKind.BROWSER, ""),
        language=newest.language if newest else "",
    )


def visible(opened: Opened, rows: Sequence[Row[Any]], merges: Sequence[Row[Any]]) -> list[Row[Any]]:
    """The rows that this link may show, in order. Pure."""
    own = [row for row in rows if row.kind not in ANSWERS and _own(opened, row, merges)]
    names = {(row.account_id, row.external_id) for row in own if row.external_id}
    answers = [row for row in rows if row.kind in ANSWERS and _ours_to(opened, row, names)]
    return sorted([*own, *answers], key=lambda row: row.id)


def _own(opened: Opened, row: Row[Any], merges: Sequence[Row[Any]]) -> bool:
    if not opened.stale or row.external_id.startswith(f"{FOLLOW_UP}:{opened.ticket_id}:"):
        return True
    into = [merge for merge in merges if merge.target_id == opened.ticket_id]
    if any(row.id in merge.message_ids for merge in into):
        return False
    if opened.holder_id == opened.ticket_id:
        # What came after a merge may come from either side of it.
        return all(row.received_at <= merge.created_at for merge in into)
    return any(row.id in merge.message_ids for merge in merges if merge.ticket_id == opened.ticket_id)


def _ours_to(opened: Opened, row: Row[Any], names: Collection[tuple[int, str]]) -> bool:
    """Our answers name what they answer; one that names nothing counts by whom it went to, and not for an older link."""
    if row.parent_id:
        return (row.account_id, row.parent_id) in names
    return not opened.stale and (row.contact_id or 0) == opened.contact_id


def _said(row: Row[Any]) -> Said:
    ours = row.kind in ANSWERS
    return Said(
        id=row.id,
        ours=ours,
        text=row.text,
        at=row.sent_at if ours else row.received_at,
        publication=None if ours else row.publication,
        reason=row.publication_reason,
        held=str(row.advice.get("held", "")),
        withdrawn=row.withdrawn_at is not None,
    )
