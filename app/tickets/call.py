"""Call a citizen back: the employee's own telephone rings first, then the citizen's, over an account that makes calls."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.channels.phone_number import answerable, e164
from app.errors import Fault, Invalid
from app.identity import mandates
from app.identity.principal import Principal
from app.models import Account, CallBack, ContactAddress
from app.tickets import held, versions
from app.tickets.create import NewMessage, insert_message
from app.tickets.outbox import enqueue
from app.vocabulary import AddressKind, EventType, MessageKind

CALLS = "phone.twilio_voice"


def call(session: Session, principal: Principal, ticket_id: int, *, through: str, note: str) -> int:
    """Put the call on its way; gives the delivery. `through` is the telephone that rings first, `note` what it is about.

    Raises `NotFound`, `Forbidden`, `Conflict` (merged) and `Invalid`: no number of the citizen, no account that calls, a
    telephone that is none.
    """
    agent_id = held.employee(principal)
    ticket = held.to_read(session, principal, ticket_id)
    mandates.must_answer(session, principal, ticket)
    account_id = session.scalar(
        select(Account.id).where(Account.kind == CALLS, Account.active).order_by(Account.id).limit(1)
    )
    if account_id is None:
        raise Invalid("no_calls", "No account makes calls here. Call from your own telephone, and note it.")
    address_id = _number_of(session, ticket_id, ticket.contact_id)
    ours = own_number(through)
    message = NewMessage(
        kind=MessageKind.CALL_NOTE, account_id=account_id, address_id=address_id, contact_id=ticket.contact_id,
        agent_id=agent_id, author_name=principal.name, text=note.strip(), language=ticket.language,
    )  # fmt: skip
    message_id = insert_message(session, ticket_id, message)
    said = {"kind": MessageKind.CALL_NOTE.value}
    versions.change(session, principal, ticket_id, EventType.NOTED, message_id=message_id, data=said)
    return enqueue(
        session, ticket_id=ticket_id, message_id=message_id, account_id=account_id, address_id=address_id,
        payload={"through": ours},
    )  # fmt: skip


def own_number(text: str) -> str:
    """An employee's own telephone in E.164. Raises `Invalid` for what is no whole number at ordinary cost."""
    number = e164(text)
    if number is None or not answerable(number):
        fix = "Give your own whole number, such as 020 123 4567."
        raise Invalid("through", fix, [Fault("through", "phone", fix)])
    return number


def _number_of(session: Session, ticket_id: int, contact_id: int | None) -> int:
    """The number on the call-back list: the one that was promised a call, else the newest that can be called."""
    open_ones = (CallBack.ticket_id == ticket_id, CallBack.done_at.is_(None), CallBack.address_id.is_not(None))
    promised = ContactAddress.id.in_(select(CallBack.address_id).where(*open_ones))
    rows = session.execute(
        select(ContactAddress.id, ContactAddress.address)
        .where(or_(ContactAddress.contact_id == contact_id, promised), ContactAddress.kind == AddressKind.PHONE)
        .order_by(promised.desc(), ContactAddress.id.desc())
    )
    found = next((row.id for row in rows if answerable(row.address)), None)
    if found is None:
        raise Invalid("no_number", "We have no number of this citizen that can be called.")
    return int(found)
