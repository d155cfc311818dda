"""What a form needs before somebody writes: for the element as JSON, for everybody else as a page."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from app.channels.contract import Channel
from app.public import form_page, origin, sites
from app.public.sites import HandsOutForms, Place
from app.web.i18n import _, language_of, translated
from app.web.state import state_of
from app.web.text import Text
from app.web.transaction import Transaction

router = APIRouter(route_class=origin.CrossOriginRoute)
Key = Annotated[Text, Query(min_length=1, max_length=200)]
Title = Annotated[Text, Query(max_length=200)]
Url = Annotated[Text, Query(max_length=2000)]

MODERATION = _("Comments appear on this page after somebody has looked at them.")
AT_ONCE = _("Your comment appears on this page at once. We hide what breaks the law or hurts people.")


@router.get("/sites/{key}/form")
def wanted(key: str, page: Key, request: Request, session: Transaction) -> Response:
    """A stamp, the limits, and the words that depend on this site's settings."""
    place = sites.find(session, key, page)
    origin.allow(request, place.origins)
    return JSONResponse(_said(request, place, sites.channel_of(state_of(request), sites.account_of(session, place))))


@router.get("/sites/{key}/pages/{page_key:path}/form")
def form(key: str, page_key: str, request: Request, session: Transaction, title: Title = "", url: Url = "") -> Response:
    """The form without script. `title` and `url` tell which page it is about."""
    place = sites.find(session, key, page_key[:200])
    place.must_be_open()
    channel = sites.channel_of(state_of(request), sites.account_of(session, place))
    return form_page.show(request, place, channel, {"page_title": title, "page_url": url})


def _said(request: Request, place: Place, channel: Channel) -> dict[str, object]:
    assert isinstance(channel, HandsOutForms)
    language = language_of(request)
    moderated = sites.moderated(place, channel)
    return {
        "site": place.key,
        "page": place.page,
        "organisation": place.organisation,
        "stamp": channel.stamp(place.page),
        "max_length": channel.limits.max_length,
        "moderated": moderated,
        "closed": place.closed,
        "texts": {
            "moderation": translated(language, MODERATION if moderated else AT_ONCE),
            "privacy": translated(language, form_page.privacy(place)),
        },
    }
