"""Organisations: our own, and the partners that work along."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api import pages
from app.api.asked import After, Limit, Number, StaffRead, StaffWrite, administrator
from app.api.resource import Resource
from app.errors import Invalid
from app.identity import staff
from app.models import Organisation as Row
from app.web.etag import IfMatch
from app.web.idempotency import OnceOnly
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


class OrganisationChange(Given):
    """Only what is given changes."""

    name: Annotated[str, Field(min_length=1, max_length=200)] = "-"
    website: Annotated[str, Field(max_length=500, pattern=r"^(https?://\S+)?$")] = ""
    signature_nl: Annotated[str, Field(max_length=2000)] = ""
    signature_en: Annotated[str, Field(max_length=2000)] = ""


_organisations = Resource(Row, Organisation, "organisation")


@router.get("")
def list_organisations(
    session: Transaction, me: StaffRead, after: After = None, limit: Limit = 100
) -> pages.Page[Organisation]:
    """All organisations, by id."""
    return _organisations.page(session, after, limit)


@router.post("", status_code=201, response_model=Organisation)
def create_organisation(body: NewOrganisation, session: Transaction, me: StaffWrite, once: OnceOnly) -> Response:
    """Make an organisation."""
    administrator(me)
    return once(me, body, lambda: _organisations.insert(session, me, body.model_dump()))


@router.get("/{organisation}", response_model=Organisation)
def read_organisation(organisation: Number, session: Transaction, me: StaffRead) -> Response:
    """One organisation."""
    return _organisations.told(session, organisation)


@router.patch("/{organisation}", response_model=Organisation)
def change_organisation(
    organisation: Number, body: OrganisationChange, session: Transaction, me: StaffWrite, if_match: IfMatch
) -> Response:
    """Change what is given."""
    administrator(me)
    return _organisations.update(session, me, organisation, if_match, body)


def or_own(session: Session, organisation_id: int | None) -> int:
    """The organisation that was named, or our own; raises `Invalid` when there is none yet."""
    found = organisation_id or staff.own_organisation(session)
    if found is None:
        raise Invalid(
            "organisation", "Make your own organisation first: `weerklank admin create`, or POST /organisations."
        )
    return found
