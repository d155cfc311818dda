"""The start, the accessibility statement, and what search engines may read."""

from fastapi import APIRouter, Request
from sqlalchemy import exists, select
from starlette.responses import PlainTextResponse, Response

from app.models import Organisation, Site
from app.public.assets import asset
from app.public.example import KEY
from app.web.templates import page
from app.web.transaction import Transaction

router = APIRouter()
ROBOTS = "User-agent: *\nDisallow: /desk\nDisallow: /api\nDisallow: /status\nDisallow: /sites\nDisallow: /hooks\n"


@router.get("/")
def start(request: Request, session: Transaction) -> Response:
    """A short page that leads on."""
    example = bool(session.scalar(select(exists().where(Site.key == KEY, Site.active))))
    return page(request, "public/start.html", {"asset": asset, "example": example})


@router.get("/accessibility")
def accessibility(request: Request, session: Transaction) -> Response:
    """The statement that Dutch law asks for (Besluit digitale toegankelijkheid overheid)."""
    organisation = session.scalar(
        select(Organisation.name).where(~Organisation.partner).order_by(Organisation.id).limit(1)
    )
    return page(request, "public/accessibility.html", {"asset": asset, "organisation": organisation or ""})


@router.get("/robots.txt")
async def robots() -> Response:
    """Only the start and the statement are for search engines."""
    return PlainTextResponse(ROBOTS, headers={"Cache-Control": "public, max-age=3600"})
