"""Whom an answer goes to: the newest reaction by the ticket's contact, over the account that it came in by.

Where somebody left a mail address in a channel that cannot mail (a poll, a form under a web page), the mailbox that the
account's `mail_account_id` names mails the answer: instead, where only its reader is to see it, and as a copy beside the answer
that stands in public. Such a mail belongs to the mails of its ticket, since the other service's ids mean nothing in mail.

Why a typed address may be mailed at all: a person wrote the answer and saw the address. What no person looked at (a receipt)
is throttled, and holds nothing that was typed.
"""

from typing import Any, NamedTuple

from sqlalchemy import Float, bindparam, cast, func, select, text
from sqlalchemy.orm import Session

from app.channels.outgoing import NARROW
from app.models import Account, ContactAddress, Message, Ticket
from app.storage.rows import rows
from app.vocabulary import AddressKind, Publication, Visibility


class Answered(NamedTuple):
    """The reaction that is answered. `references` are the ids before it, nearest first; `age` is how
    many seconds ago it arrived, by the database's clock. `copy_account_id` is the mailbox that mails a copy of a public answer.
    """

    message_id: int
    account_id: int
    address_id: int | None
    contact_id: int | None
    visibility: Visibility
    publication: Publication | None
    external_id: str
    root_id: str
    references: list[str]
    subject_key: str
    language: str
    age: float
    copy_account_id: int | None

    def mailed(self) -> "Answered":
        """The same reaction, answered by mail alone."""
        assert self.copy_account_id is not None
        return self._replace(
            account_id=self.copy_account_id, external_id="", root_id="", references=[], copy_account_id=None
        )


def answered(*row: Any) -> Answered:
    """The reaction in a row of `NEWEST`."""
    *columns, address_kind, mail_account_id = row
    copy = mail_account_id if address_kind is AddressKind.EMAIL else None
    reaction = Answered._make([*columns, copy])
    return reaction.mailed() if copy is not None and reaction.visibility in NARROW else reaction


_COLUMNS = (
    select(
        Message.id,
        Message.account_id,
        Message.address_id,
        Message.contact_id,
        Message.visibility,
        Message.publication,
        Message.external_id,
        Message.root_id,
        Message.references,
        Message.subject_key,
        Message.language,
        cast(func.extract("epoch", func.now() - Message.received_at), Float),
        ContactAddress.kind,
        Account.mail_account_id,
    )
    .join(Account, Account.id == Message.account_id)
    .outerjoin(ContactAddress, ContactAddress.id == Message.address_id)
    .where(
        Message.ticket_id == bindparam("ticket_id"),
        text("message.kind = 'reaction' AND message.withdrawn_at IS NULL"),
    )
)
# Somebody else in the conversation is answered only when the contact is not in it (a merge, a public thread).
NEWEST = (
    _COLUMNS.join(Ticket, Ticket.id == Message.ticket_id)
    .order_by(Message.contact_id.is_not_distinct_from(Ticket.contact_id).desc(), Message.id.desc())
    .limit(1)
)
_CHOSEN = _COLUMNS.where(Message.id == bindparam("message_id"))


def find(session: Session, ticket_id: int, message_id: int | None = None) -> Answered | None:
    """The reaction that an answer goes to: `message_id` when it is a reaction of this ticket, else the newest by the contact.

    None when nobody reacted, or everybody withdrew.
    """
    statement = NEWEST if message_id is None else _CHOSEN
    found: Any = rows(session, statement, {"ticket_id": ticket_id, "message_id": message_id})
    return answered(*found[0]) if found else None
