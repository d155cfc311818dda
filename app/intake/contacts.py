"""Who wrote: a contact by their address, found or made. Recipients and copies never become contacts."""

from typing import NamedTuple

from sqlalchemy import Boolean, Text, bindparam, text
from sqlalchemy.orm import Session

from app.channels.contract import Author
from app.intake.again import Again
from app.intake.look_up import Known
from app.vocabulary import ContactKind

_MAKE = text("""
    WITH made AS (
        INSERT INTO contact (name, kind, language) VALUES (:name, :contact_kind, :language) RETURNING id
    )
    INSERT INTO contact_address (contact_id, kind, address, handle, url, verified_at)
    SELECT id, :kind, :address, :handle, :url, CASE WHEN :verified THEN now() END FROM made
    ON CONFLICT (kind, address) DO NOTHING
    RETURNING id, contact_id
""").bindparams(
    bindparam("verified", type_=Boolean),
    *(bindparam(n, type_=Text) for n in ("name", "contact_kind", "language", "kind", "address", "handle", "url")),
)
_NAME = text("UPDATE contact SET name = :name, version = version + 1 WHERE id = :id AND name = ''")
_VERIFY = text("UPDATE contact_address SET verified_at = now() WHERE id = :id AND verified_at IS NULL")


class Who(NamedTuple):
    """The author's contact and the address they wrote from; both None when they left no address."""

    contact_id: int | None
    address_id: int | None


def find_or_make(session: Session, author: Author, known: Known, language: str, machine: bool) -> Who:
    """The author's contact. Raises `Again` when another worker made it at this very moment.

    A name that we have is kept: a later one may be a nickname, or somebody else at the same address.
    """
    if not author.address:
        return Who(None, None)
    if known.address_id is None:
        return _made(session, author, language, machine)
    if author.name and not known.contact_name:
        session.execute(_NAME, {"id": known.contact_id, "name": author.name})
    if author.verified and not known.verified:
        session.execute(_VERIFY, {"id": known.address_id})
    return Who(known.contact_id, known.address_id)


def _made(session: Session, author: Author, language: str, machine: bool) -> Who:
    row = session.execute(
        _MAKE,
        {
            "name": author.name,
            "contact_kind": (ContactKind.MACHINE if machine else ContactKind.PERSON).value,
            "language": language,
            "kind": author.kind.value,
            "address": author.address,
            "handle": author.handle,
            "url": author.url,
            "verified": author.verified,
        },
    ).one_or_none()
    if row is None:
        raise Again
    return Who(row.contact_id, row.id)
