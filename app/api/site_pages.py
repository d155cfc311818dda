"""Pages of a site that are treated apart: closed for reactions. Every other page needs no row here."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from app.api import pages
from app.api.asked import AccountsRead, AccountsWrite, After, Limit, Number, administrator
from app.api.resource import Resource
from app.models import SitePage as Row
from app.web.etag import IfMatch
from app.web.idempotency import OnceOnly
from app.web.strict import LARGEST, Given, Id, Told
from app.web.transaction import Transaction

router = APIRouter(prefix="/site-pages", tags=["sites"])
SiteFilter = Annotated[int | None, Query(ge=1, le=LARGEST, alias="siteId")]


class SitePage(Told):
    """`key` is the site's own id of the page. `closed`: nobody can react any more; what is there stays."""

    id: int
    site_id: int
    key: str
    title: str
    url: str
    closed: bool


class NewSitePage(Given):
    """One page, by the site's own id of it."""

    site_id: Id
    key: Annotated[str, Field(min_length=1, max_length=200)]
    title: Annotated[str, Field(max_length=200)] = ""
    url: Annotated[str, Field(max_length=2000, pattern=r"^(https?://\S+)?$")] = ""
    closed: bool = False


class SitePageChange(Given):
    """Only what is given changes."""

    title: Annotated[str, Field(max_length=200)] = ""
    url: Annotated[str, Field(max_length=2000, pattern=r"^(https?://\S+)?$")] = ""
    closed: bool = False


_pages = Resource(Row, SitePage, "site_page", "site-pages")


@router.get("")
def list_site_pages(
    session: Transaction, me: AccountsRead, site_id: SiteFilter = None, after: After = None, limit: Limit = 100
) -> pages.Page[SitePage]:
    """The pages that are treated apart, by id; of one site with `siteId`."""
    return _pages.page(session, after, limit, *([] if site_id is None else [Row.site_id == site_id]))


@router.post("", status_code=201, response_model=SitePage)
def create_site_page(body: NewSitePage, session: Transaction, me: AccountsWrite, once: OnceOnly) -> Response:
    """Treat a page apart."""
    administrator(me)
    return once(me, body, lambda: _pages.insert(session, me, body.model_dump()))


@router.get("/{page}", response_model=SitePage)
def read_site_page(page: Number, session: Transaction, me: AccountsRead) -> Response:
    """One page."""
    return _pages.told(session, page)


@router.patch("/{page}", response_model=SitePage)
def change_site_page(
    page: Number, body: SitePageChange, session: Transaction, me: AccountsWrite, if_match: IfMatch
) -> Response:
    """Change what is given: close it, or open it again."""
    administrator(me)
    return _pages.update(session, me, page, if_match, body)
