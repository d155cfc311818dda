"""Sites: websites whose forms feed us. One comments account each."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from app.api import pages
from app.api.asked import AccountsRead, AccountsWrite, Active, After, Limit, Number, administrator
from app.api.resource import Resource
from app.models import Site as Row
from app.unguessable import unguessable
from app.web.etag import IfMatch
from app.web.idempotency import OnceOnly
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


_sites = Resource(Row, Site, "site")


@router.get("")
def list_sites(
    session: Transaction, me: AccountsRead, active: Active = None, after: After = None, limit: Limit = 100
) -> pages.Page[Site]:
    """All sites, by id."""
    return _sites.page(session, after, limit, *_sites.that_are(active))


@router.post("", status_code=201, response_model=Site)
def create_site(body: NewSite, session: Transaction, me: AccountsWrite, once: OnceOnly) -> Response:
    """Make a site for a comments account."""
    administrator(me)
    row = {**body.model_dump(), "key": unguessable()}
    return once(me, body, lambda: _sites.insert(session, me, row))


@router.get("/{site}", response_model=Site)
def read_site(site: Number, session: Transaction, me: AccountsRead) -> Response:
    """One site."""
    return _sites.told(session, site)


@router.patch("/{site}", response_model=Site)
def change_site(site: Number, body: SiteChange, session: Transaction, me: AccountsWrite, if_match: IfMatch) -> Response:
    """Change what is given."""
    administrator(me)
    return _sites.update(session, me, site, if_match, body)
