"""The website of a municipality that does not exist, with the comments element embedded as a real site embeds it.

Made of public addresses only: what stands in this page's source works on any website.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.public import sites
from app.public.assets import ELEMENT, asset
from app.web.templates import page
from app.web.transaction import Transaction

router = APIRouter()
KEY = "voorbeeldstad"
PAGE = "afval-2026"


@router.get("/example")
def example(request: Request, session: Transaction) -> Response:
    """The article. Raises `NotFound` where there is no such site."""
    place = sites.find(session, KEY, PAGE)
    context = {"asset": asset, "site": place.key, "page": PAGE, "element": f"/embed/{ELEMENT}"}
    return page(request, "public/example.html", context)
