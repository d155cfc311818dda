"""Sites: websites whose forms feed us. One comments account each."""

import secrets
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api import changes, pages
from app.api.asked import AccountsRead, AccountsWrite, After, Limit, Number, administrator
from app.identity import audit
from app.identity.unique import unique
from app.models import Site as Row
from app.web.etag import IfMatch
from app.web.idempotency import Made, OnceOnly
from app.web.strict import Given, Id, Told
from app.web.transaction import Transaction

router = APIRouter(prefix="/sites", tags=["sites"])
Origin = Annotated[str, Field(max_length=300, pattern=r"^https?://[A-Za-z0-9.-]+(:\d{1,5})?$")]
Origins = Annotated[list[Origin], Field(max_length=50)]


class Site(Told):
    """`key` stands in the address of its form; browsers may post from `origins`."""

    id: int
    account_id: int
    key: str
    name: str
    origins: list[str]
    moderated: bool
    active: bool


class NewSite(Given):
    """Its key is made here and cannot be guessed."""

    account_id: Id
    name: Annotated[str, Field(min_length=1, max_length=200)]
    origins: Origins = Field(default_factory=list)
    moderated: bool = False


class SiteChange(Given):
    """Only what is given changes."""

    name: Annotated[str, Field(min_length=1, max_length=200)] = "-"
    origins: Origins = Field(default_factory=list)
    moderated: bool = False
    active: bool = True


_COLUMNS = select(*(getattr(Row, name) for name in Site.model_fields))


@router.get("")
def list_sites(session: Transaction, me: AccountsRead, after: After = None, limit: Limit = 100) -> pages.Page[Site]:
    """All sites, by id."""
    return pages.read(session, _COLUMNS, Row.id, after, limit, Site)


@router.post("", status_code=201, response_model=Site)
def create_site(body: NewSite, session: Transaction, me: AccountsWrite, once: OnceOnly) -> Response:
    """Make a site for a comments account."""
    administrator(me)

    def make() -> Made:
        row = {**body.model_dump(), "key": secrets.token_urlsafe(16)}
        made = unique(session, insert(Row).values(row).returning(Row.id))
        audit.record(session, "site.created", by=me, on=("site", made))
        return Made(_read(session, made), f"/api/v1/sites/{made}")

    return once(me, body, make)


@router.get("/{site}", response_model=Site)
def read_site(site: Number, session: Transaction, me: AccountsRead) -> Response:
    """One site."""
    return changes.told(_read(session, site))


@router.patch("/{site}", response_model=Site)
def change_site(site: Number, body: SiteChange, session: Transaction, me: AccountsWrite, if_match: IfMatch) -> Response:
    """Change what is given."""
    administrator(me)

    def write(values: Mapping[str, Any]) -> None:
        unique(session, update(Row).where(Row.id == site).values(values).returning(Row.id))
        audit.record(session, "site.changed", by=me, on=("site", site), columns=sorted(values))

    return changes.change(lambda lock: _read(session, site, lock), if_match, body, write)


def _read(session: Session, site: int, lock: bool = False) -> Site:
    return changes.read(session, _COLUMNS.where(Row.id == site), Site, "site", lock=lock)
