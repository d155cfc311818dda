"""The receipt of a form without script: the reference, and the private link to follow it by. The site may frame it."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.public import sites, status_rows, status_token
from app.public.assets import asset
from app.public.form_page import framed
from app.public.status import on_the_page
from app.tickets import reference
from app.web.i18n import language_of, translated
from app.web.state import state_of
from app.web.templates import page
from app.web.transaction import Transaction

router = APIRouter()


@router.get("/sites/{key}/receipts/{token}")
def receipt(key: str, token: str, request: Request, session: Transaction) -> Response:
    """The same page for as long as the link is kept."""
    place = sites.find(session, key)
    opened = status_token.find(session, state_of(request).keys, token)
    if opened is None:
        return status_token.unknown(request)
    if opened.moved:
        return RedirectResponse(f"/sites/{key}/receipts/{opened.moved}", 303, headers=status_token.PRIVATE)
    known = status_rows.read(session, opened) if opened.ticket_id else None
    state = on_the_page(known.said[0]).get("state", "") if known and known.said else ""
    back = known.page_url if known else ""
    context = {
        "asset": asset,
        "site": place,
        "reference": reference.of(opened.ticket_id) if opened.ticket_id else "",
        "state": translated(language_of(request), state) if state else "",
        "status_url": f"{state_of(request).settings.base_url}/status/{token}",
        "back": back if place.ours(back) else "",
    }
    return page(request, "public/receipt.html", context, headers={**framed(place), **status_token.PRIVATE})
