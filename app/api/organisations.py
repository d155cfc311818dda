"""Organisations: our own, and the partners that work along."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api import changes, pages
from app.api.asked import After, Limit, Number, StaffRead, StaffWrite, administrator
from app.errors import Invalid
from app.identity import staff
from app.models import Organisation as Row
from app.web.idempotency import Made, OnceOnly
from app.web.strict import Given, Told
from app.web.transaction import Transaction

router = APIRouter(prefix="/organisations", tags=["organisations"])


class Organisation(Told):
    """`signatureNl` and `signatureEn` close every answer."""

    id: int
    name: str
    partner: bool
    website: str
    signature_nl: str
    signature_en: str


class NewOrganisation(Given):
    """A partner, unless told otherwise: there is usually one of our own."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    partner: bool = True
    website: Annotated[str, Field(max_length=500, pattern=r"^(https?://\S+)?$")] = ""
    signature_nl: Annotated[str, Field(max_length=2000)] = ""
    signature_en: Annotated[str, Field(max_length=2000)] = ""


_COLUMNS = select(*(getattr(Row, name) for name in Organisation.model_fields))


@router.get("")
def list_organisations(
    session: Transaction, me: StaffRead, after: After = None, limit: Limit = 100
) -> pages.Page[Organisation]:
    """All organisations, by id."""
    return pages.read(session, _COLUMNS, Row.id, after, limit, Organisation)


@router.post("", status_code=201, response_model=Organisation)
def create_organisation(body: NewOrganisation, session: Transaction, me: StaffWrite, once: OnceOnly) -> Response:
    """Make an organisation."""
    administrator(me)

    def make() -> Made:
        made = staff.create_organisation(session, by=me, **body.model_dump())
        return Made(_read(session, made), f"/api/v1/organisations/{made}")

    return once(me, body, make)


@router.get("/{organisation}", response_model=Organisation)
def read_organisation(organisation: Number, session: Transaction, me: StaffRead) -> Response:
    """One organisation."""
    return changes.told(_read(session, organisation))


def or_own(session: Session, organisation_id: int | None) -> int:
    """The organisation that was named, or our own; raises `Invalid` when there is none yet."""
    found = organisation_id or staff.own_organisation(session)
    if found is None:
        raise Invalid(
            "organisation", "Make your own organisation first: `weerklank admin create`, or POST /organisations."
        )
    return found


def _read(session: Session, organisation: int) -> Organisation:
    return changes.read(session, _COLUMNS.where(Row.id == organisation), Organisation, "organisation")
