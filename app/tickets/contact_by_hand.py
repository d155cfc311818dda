"""Who it was, as an employee wrote it down: a contact found by number or mail address, or made.

A name that we have is kept, and an address that belongs to somebody else stays theirs: what one person says on the
telephone moves no address from one contact to another.
"""

from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.models import Contact, ContactAddress
from app.vocabulary import AddressKind


class Known(NamedTuple):
    """A contact with the ids of the addresses that are theirs, by kind. All empty for somebody who left nothing."""

    contact_id: int | None
    addresses: dict[AddressKind, int]


def find(session: Session, kind: AddressKind, address: str) -> int | None:
    """The contact with this address."""
    same = (ContactAddress.kind == kind, ContactAddress.address == address)
    return session.scalar(select(ContactAddress.contact_id).where(*same))


def address_id(session: Session, kind: AddressKind, address: str) -> int | None:
    """The address itself, whosever it is: somebody may want to be called back at another's number."""
    return session.scalar(
        select(ContactAddress.id).where(ContactAddress.kind == kind, ContactAddress.address == address)
    )


def find_or_make(session: Session, name: str, language: str, given: dict[AddressKind, str]) -> Known:
    """The contact of the first address that is known; one of our own making when none is. A name alone makes one too."""
    if not given and not name:
        return Known(None, {})
    contact_id = _known(session, given)
    if contact_id is None:
        contact_id = session.execute(
            insert(Contact).values(name=name, language=language).returning(Contact.id)
        ).scalar_one()
    elif name:
        nameless = update(Contact).where(Contact.id == contact_id, Contact.name == "")
        session.execute(nameless.values(name=name, version=Contact.version + 1))
    for kind, address in given.items():
        row = {"contact_id": contact_id, "kind": kind, "address": address}
        session.execute(insert(ContactAddress).values(row).on_conflict_do_nothing())
    return _theirs(session, _known(session, given) or contact_id, given)


def _known(session: Session, given: dict[AddressKind, str]) -> int | None:
    """Whose the first known address is; asked again after writing, since somebody else may have been quicker."""
    return next((c for kind, address in given.items() if (c := find(session, kind, address)) is not None), None)


def _theirs(session: Session, contact_id: int, given: dict[AddressKind, str]) -> Known:
    """Which of these addresses are theirs."""
    rows = session.execute(
        select(ContactAddress.id, ContactAddress.kind, ContactAddress.contact_id).where(
            func.concat(ContactAddress.kind, ":", ContactAddress.address).in_(
                [f"{kind.value}:{address}" for kind, address in given.items()]
            )
        )
    ).all()
    return Known(contact_id, {row.kind: row.id for row in rows if row.contact_id == contact_id})
