"""The comment form as a page: works without script, in a window of its own or framed by the site that it belongs to."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import Response

from app.channels.contract import Channel
from app.errors import Fault
from app.public import sites
from app.public.assets import asset
from app.public.sites import HandsOutForms, Place
from app.vocabulary import Language
from app.web.i18n import _, language_of, translated
from app.web.templates import page

PRIVACY = _("Your e-mail address is never published; only colleagues who answer you see it.")
MAILED = _("We mail our answer to this address too. It is never published; only colleagues who answer you see it.")
FIELDS = ("text", "name", "email", "private", "page_title", "page_url")


def show(
    request: Request,
    place: Place,
    channel: Channel,
    given: Mapping[str, str],
    *,
    faults: Sequence[Fault] = (),
    status: int = 200,
) -> Response:
    """The form, filled with what was given; a form that comes back keeps its id and stamp, so that nothing arrives twice."""
    assert isinstance(channel, HandsOutForms)
    language = spoken(request, given.get("language", ""))
    most = channel.limits.max_length
    context: dict[str, Any] = {
        "asset": asset,
        "site": place,
        "given": {name: given.get(name, "") for name in FIELDS},
        "query": f"?{urlencode({'title': given.get('page_title', ''), 'url': given.get('page_url', '')})}&",
        "title": given.get("page_title", "") or place.page_title,
        "back": back if (back := given.get("page_url", "") or place.page_url) and place.ours(back) else "",
        "id": given.get("id", "") or secrets.token_hex(16),
        "stamp": given.get("stamp", "") or channel.stamp(place.page),
        "most": most,
        "privacy": translated(language, privacy(place)),
        "moderated": sites.moderated(place, channel),
        "faults": {f.field: translated(language, f.fix).replace("%(most)s", str(most)) for f in faults},
    }
    return page(request, "public/form.html", context, status=status, headers=framed(place), language=language)


def privacy(place: Place) -> str:
    """What becomes of a mail address that is left here; to be translated."""
    return MAILED if place.mailed else PRIVACY


def framed(place: Place) -> Mapping[str, str]:
    """Headers of a page that this site, and no other, may show in a frame."""
    ancestors = " ".join(["'self'", *place.origins])
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {ancestors}"
    )
    return {"Content-Security-Policy": policy, "X-Frame-Options": "", "X-Robots-Tag": "noindex"}


def spoken(request: Request, wanted: str) -> Language:
    """The language that the form was filled in in, else the visitor's."""
    return Language(wanted) if wanted in set(Language) else language_of(request)
