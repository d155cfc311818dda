"""Comments come in: from the element and from a site's own server as JSON, from a form without script as a form."""

import json
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.accounts.directory import AccountRow
from app.channels.contract import Channel, ChannelError
from app.errors import Fault, Invalid
from app.public import caller, checks, form_page, origin, sites
from app.public.body import Body, FormOrJson
from app.public.sites import Place
from app.public.submit import Receipt, submit
from app.web import throttle
from app.web.i18n import _, language_of, translated
from app.web.state import state_of
from app.web.text import clean
from app.web.transaction import Turn

router = APIRouter(route_class=origin.CrossOriginRoute)


@router.options("/sites/{key}/comments")
def preflight(key: str, request: Request, _turn: Turn) -> Response:
    """Whether a page of this origin may post here."""
    with state_of(request).database.read_only() as session:
        place = sites.find(session, key)
    origin.allow(request, place.origins)
    return Response(status_code=204, headers=origin.PREFLIGHT)


@router.post("/sites/{key}/comments")
def comment(key: str, request: Request, body: FormOrJson, _turn: Turn) -> Response:
    """Take a comment: stored first, answered then. JSON: 201 with its reference, 202 while there is none yet."""
    fields = _fields(body)
    place, account, channel = _where(request, key, str(fields.get("page", "")))
    origin.allow(request, place.origins)
    who = caller.of(request, place)
    if not who:
        throttle.count(request, f"comments:{place.id}", throttle.COMMENTS_AN_HOUR)
        place.must_be_open()
    if body.is_form and not who:
        return _by_form(request, place, account, channel, body)
    if fields.get("event", "created") == "created":
        _check(request, fields, channel)
    receipt = submit(request, account, body, caller=who, moderated=sites.moderated(place, channel))
    return _told(request, fields, receipt)


def _where(request: Request, key: str, page: str) -> tuple[Place, AccountRow, Channel]:
    state = state_of(request)
    with state.database.read_only() as session:
        place = sites.find(session, key, page)
        account = sites.account_of(session, place)
    return place, account, sites.channel_of(state, account)


def _fields(body: Body) -> Mapping[str, Any]:
    """Enough to say what is missing; the channel reads the body again, strictly."""
    if body.is_form:
        return body.fields
    try:
        found = json.loads(body.content)
    except (ValueError, RecursionError):
        raise Invalid("unreadable", _("Send a JSON object.")) from None
    if not isinstance(found, dict):
        raise Invalid("unreadable", _("Send a JSON object."))
    return {name: clean(value) for name, value in found.items() if isinstance(value, str)}


def _check(request: Request, fields: Mapping[str, Any], channel: Channel) -> None:
    most = channel.limits.max_length
    found = checks.faults(fields, most)
    if found:
        language = language_of(request)
        said = [Fault(f.field, f.code, _said(language, f, most)) for f in found]
        raise Invalid("comment", _("Correct what is named here, then send it again."), said)


def _said(language: Any, fault: Fault, most: int | None) -> str:
    return translated(language, fault.fix).replace("%(most)s", str(most))


def _by_form(request: Request, place: Place, account: AccountRow, channel: Channel, body: Body) -> Response:
    """Errors bring the form back with what was typed; all else leads to the receipt."""
    found = checks.faults(body.fields, channel.limits.max_length)
    if found:
        return form_page.show(request, place, channel, body.fields, faults=found, status=400)
    try:
        receipt = submit(request, account, body, moderated=sites.moderated(place, channel))
    except ChannelError:
        wrong = [Fault("", "form", _("Something in this form did not arrive whole. Look at it and send it again."))]
        return form_page.show(request, place, channel, body.fields, faults=wrong, status=400)
    language = body.fields.get("language", "")
    chosen = f"?lang={language}" if language in ("nl", "en") else ""
    return RedirectResponse(f"/sites/{place.key}/receipts/{receipt.token}{chosen}", 303)


def _told(request: Request, fields: Mapping[str, Any], receipt: Receipt) -> Response:
    said: dict[str, Any] = {
        "id": fields.get("id", ""),
        "reference": receipt.reference or None,
        "status_url": f"{state_of(request).settings.base_url}/status/{receipt.token}",
        "publication": receipt.publication,
    }
    return JSONResponse(said, 201 if receipt.known else 202)
