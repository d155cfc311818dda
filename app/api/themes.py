"""Themes: what it is about, and which team that goes to."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api import pages
from app.api.asked import Active, After, Limit, Number, RoutingRead, RoutingWrite, administrator
from app.api.resource import Resource
from app.api.schemas.staff import NewTheme, Theme, ThemeChange
from app.models import Theme as Row
from app.web.etag import IfMatch
from app.web.idempotency import OnceOnly
from app.web.transaction import Transaction

router = APIRouter(prefix="/themes", tags=["themes"])
_themes = Resource(Row, Theme, "theme")


@router.get("")
def list_themes(
    session: Transaction, me: RoutingRead, active: Active = None, after: After = None, limit: Limit = 100
) -> pages.Page[Theme]:
    """All themes, by id."""
    return _themes.page(session, after, limit, *_themes.that_are(active))


@router.post("", status_code=201, response_model=Theme)
def create_theme(body: NewTheme, session: Transaction, me: RoutingWrite, once: OnceOnly) -> Response:
    """Make a theme."""
    administrator(me)
    return once(me, body, lambda: _themes.insert(session, me, body.model_dump()))


@router.get("/{theme}", response_model=Theme)
def read_theme(theme: Number, session: Transaction, me: RoutingRead) -> Response:
    """One theme."""
    return _themes.told(session, theme)


@router.patch("/{theme}", response_model=Theme)
def change_theme(
    theme: Number, body: ThemeChange, session: Transaction, me: RoutingWrite, if_match: IfMatch
) -> Response:
    """Change what is given."""
    administrator(me)
    return _themes.update(session, me, theme, if_match, body)
