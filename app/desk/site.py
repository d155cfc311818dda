"""The website of an account that takes comments: where its pages are, and what to put on them."""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.responses import Response

from app.accounts import sites
from app.accounts.directory import AccountRow, read_row
from app.accounts.sites import Website
from app.desk.forms import Field, Form, show_form
from app.desk.frame import go
from app.desk.posted import Posted, must_manage, text_of
from app.errors import DomainError, NotFound
from app.identity.principal import Principal
from app.web.i18n import _
from app.web.principal import CurrentAgent
from app.web.state import state_of
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk/accounts", include_in_schema=False)
ORIGINS = _("As https://www.example.nl, without a path, one on each line. Pages elsewhere are refused.")
EXAMPLE = {"title": "Voorbeeldpagina"}


@router.get("/{account_id}/site")
def form(request: Request, session: Transaction, me: CurrentAgent, account_id: int) -> Response:
    """Its form, and the code to embed once there is a website."""
    must_manage(me, admin=True)
    return _page(request, session, me, _account(session, account_id))


@router.post("/{account_id}/site")
def save(request: Request, session: Transaction, me: CurrentAgent, account_id: int, posted: Posted) -> Response:
    """Make or change it."""
    must_manage(me, admin=True)
    row = _account(session, account_id)
    try:
        sites.store(session, me, row.id, _typed(posted))
    except DomainError as error:
        return _page(request, session, me, row, posted, error)
    return go(f"/desk/accounts/{row.id}/site", "saved")


def _account(session: Session, account_id: int) -> AccountRow:
    row = read_row(session, account_id)
    if row.kind != sites.KIND:
        raise NotFound("site", _("Only an account for comments under web pages has a website."))
    return row


def _typed(posted: FormData) -> Website:
    lines = text_of(posted, "origins").splitlines()
    return Website(
        name=text_of(posted, "name"),
        origins=tuple(dict.fromkeys(line.strip().rstrip("/") for line in lines if line.strip())),
        moderated=text_of(posted, "moderated") == "on",
        active=text_of(posted, "active") == "on",
    )


def _page(
    request: Request,
    session: Session,
    me: Principal,
    row: AccountRow,
    posted: FormData | None = None,
    error: DomainError | None = None,
) -> Response:
    key, stored = sites.read(session, row.id) or ("", Website(row.name))
    shown = _typed(posted) if posted is not None else stored
    base = state_of(request).settings.base_url
    more: dict[str, Any] = {
        "key": key,
        "base_url": base,
        "form_url": f"{base}/sites/{key}/pages/example/form?{urlencode(EXAMPLE)}",
    }
    fields = [
        Field("name", _("Name of the website"), value=shown.name, required=True),
        Field("origins", _("Addresses of the website"), "lines", "\n".join(shown.origins), hint=ORIGINS),
        Field("moderated", _("Every comment waits for approval"), "check", shown.moderated),
        Field("active", _("Takes comments"), "check", shown.active),
    ]
    heading = stored.name if key else row.name
    page = Form(heading, f"/desk/accounts/{row.id}/site", f"/desk/accounts/{row.id}", row.name, fields)
    return show_form(request, session, me, page, error, template="site.html", more=more)
