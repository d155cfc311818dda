"""The website of a municipality that does not exist, with the comments and a poll embedded as a real site embeds them.

Made of public addresses only: what stands in this page's source works on any website. The poll is the newest open one that
names this very address as its website, so whoever tries Weerklank can put a poll of their own here.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.polls.poll import PollState, shown_on
from app.public import sites
from app.public.assets import COMMENTS_ELEMENT, asset
from app.web.state import state_of
from app.web.templates import page
from app.web.transaction import Transaction

router = APIRouter()
KEY = "voorbeeldstad"
PAGE = "afval-2026"


@router.get("/example")
def example(request: Request, session: Transaction) -> Response:
    """The article. Raises `NotFound` where there is no such site."""
    place = sites.find(session, KEY, PAGE)
    polls = shown_on(session, state_of(request).settings.base_url)
    context = {
        "asset": asset, "site": place.key, "page": PAGE, "element": f"/embed/{COMMENTS_ELEMENT}",
        "poll": next((one for one in polls if one.state == PollState.OPEN), None),
        "results": [one for one in polls if one.state == PollState.CLOSED],
    }  # fmt: skip
    return page(request, "public/example.html", context)
