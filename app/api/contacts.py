"""Contacts: the persons and organisations that react. Found by POST, since an address is no part of an address.

A token sees the contacts of the tickets it may see, and who takes part in them.
"""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api import changes, pages
from app.api.asked import After, ContactsRead, ContactsWrite, Limit, Number
from app.errors import Conflict, NotFound
from app.identity import audit
from app.identity.mandates import visible
from app.identity.principal import Principal
from app.models import Contact as Row
from app.models import ContactAddress, Ticket, TicketParticipant
from app.vocabulary import AddressKind, ContactKind
from app.web.etag import Expected
from app.web.strict import Given, Told
from app.web.transaction import Transaction

router = APIRouter(prefix="/contacts", tags=["contacts"])


class ContactLine(Told):
    """Somebody, without their addresses."""

    id: int
    version: int
    name: str
    kind: ContactKind
    language: str
    created_at: datetime


class Address(Told):
    """`verifiedAt`: a service, or an answered link, vouched for it."""

    id: int
    kind: AddressKind
    address: str
    handle: str
    url: str
    verified_at: datetime | None
    bounced_at: datetime | None


class Contact(ContactLine):
    """Somebody, with their addresses per channel."""

    addresses: list[Address] = Field(default_factory=list)


class ContactChange(Given):
    """Only what is given changes."""

    name: Annotated[str, Field(max_length=200)] = ""
    kind: ContactKind = ContactKind.PERSON
    language: Annotated[str, Field(max_length=8, pattern=r"^[a-z]{0,3}(-[A-Za-z]{2,4})?$")] = ""


class ContactSearch(Given):
    """By an exact address, or by the beginning of a name."""

    address: Annotated[str, Field(min_length=1, max_length=320)] | None = None
    name: Annotated[str, Field(min_length=2, max_length=200)] | None = None
    after: Annotated[int, Field(strict=True, ge=0, le=2**63 - 1)] | None = None
    limit: Annotated[int, Field(strict=True, ge=1, le=200)] = 50


_LINE = tuple(getattr(Row, name) for name in ContactLine.model_fields)


@router.get("")
def list_contacts(
    session: Transaction, me: ContactsRead, after: After = None, limit: Limit = 50
) -> pages.Page[ContactLine]:
    """Contacts, by id."""
    return pages.read(session, _seen(me), Row.id, after, limit, ContactLine)


@router.post("/search")
def search_contacts(body: ContactSearch, session: Transaction, me: ContactsRead) -> pages.Page[ContactLine]:
    """Contacts with this address, or whose name begins so."""
    query = _seen(me)
    if body.address is not None:
        same = select(ContactAddress.contact_id).where(ContactAddress.address == body.address.strip().lower())
        query = query.where(Row.id.in_(same))
    if body.name is not None:
        query = query.where(func.lower(Row.name).startswith(body.name.lower(), autoescape=True))
    return pages.read(session, query, Row.id, body.after, body.limit, ContactLine)


@router.get("/{contact}", response_model=Contact)
def read_contact(contact: Number, session: Transaction, me: ContactsRead) -> Response:
    """One contact with their addresses."""
    return changes.told(_read(session, me, contact))


@router.patch("/{contact}", response_model=Contact)
def change_contact(
    contact: Number, body: ContactChange, session: Transaction, me: ContactsWrite, expected: Expected
) -> Response:
    """Change what is given."""
    _read(session, me, contact)
    values = changes.given(body)
    query = update(Row).where(Row.id == contact).values(**values, version=Row.version + 1)
    if expected is not None:
        query = query.where(Row.version == expected)
    if session.execute(query.returning(Row.id)).first() is None:
        raise Conflict("changed", "The contact changed since you last saw it. Read it again, then decide.")
    audit.record(session, "contact.changed", by=me, on=("contact", contact), columns=sorted(values))
    return changes.told(_read(session, me, contact))


def _seen(me: Principal) -> Select[Any]:
    query = select(*_LINE)
    if me.is_admin:
        return query
    theirs = select(Ticket.id).where(Ticket.contact_id == Row.id, visible(me)).correlate(Row)
    takes_part = select(TicketParticipant.ticket_id).join(Ticket, Ticket.id == TicketParticipant.ticket_id)
    takes_part = takes_part.where(TicketParticipant.contact_id == Row.id, visible(me)).correlate(Row)
    return query.where(or_(theirs.exists(), takes_part.exists()))


def _read(session: Session, me: Principal, contact: int) -> Contact:
    row = session.execute(_seen(me).where(Row.id == contact)).first()
    if row is None:
        raise NotFound("contact", "There is no such contact.")
    addresses = session.execute(
        select(*(getattr(ContactAddress, name) for name in Address.model_fields))
        .where(ContactAddress.contact_id == contact)
        .order_by(ContactAddress.id)
    )
    line = ContactLine.model_validate(row)
    return Contact(**line.model_dump(), addresses=[Address.model_validate(row) for row in addresses])
