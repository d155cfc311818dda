"""Themes: what it is about, and which team that goes to."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api import changes, pages
from app.api.asked import After, Limit, Number, RoutingRead, RoutingWrite, administrator
from app.api.schemas.staff import NewTheme, Theme, ThemeChange
from app.identity import audit
from app.identity.unique import unique
from app.models import Theme as Row
from app.web.etag import IfMatch
from app.web.idempotency import Made, OnceOnly
from app.web.transaction import Transaction

router = APIRouter(prefix="/themes", tags=["themes"])
_COLUMNS = select(*(getattr(Row, name) for name in Theme.model_fields))


@router.get("")
def list_themes(session: Transaction, me: RoutingRead, after: After = None, limit: Limit = 100) -> pages.Page[Theme]:
    """All themes, by id."""
    return pages.read(session, _COLUMNS, Row.id, after, limit, Theme)


@router.post("", status_code=201, response_model=Theme)
def create_theme(body: NewTheme, session: Transaction, me: RoutingWrite, once: OnceOnly) -> Response:
    """Make a theme."""
    administrator(me)

    def make() -> Made:
        made = unique(session, insert(Row).values(body.model_dump()).returning(Row.id))
        audit.record(session, "theme.created", by=me, on=("theme", made))
        return Made(_read(session, made), f"/api/v1/themes/{made}")

    return once(me, body, make)


@router.get("/{theme}", response_model=Theme)
def read_theme(theme: Number, session: Transaction, me: RoutingRead) -> Response:
    """One theme."""
    return changes.told(_read(session, theme))


@router.patch("/{theme}", response_model=Theme)
def change_theme(
    theme: Number, body: ThemeChange, session: Transaction, me: RoutingWrite, if_match: IfMatch
) -> Response:
    """Change what is given."""
    administrator(me)

    def write(values: Mapping[str, Any]) -> None:
        unique(session, update(Row).where(Row.id == theme).values(values).returning(Row.id))
        audit.record(session, "theme.changed", by=me, on=("theme", theme), columns=sorted(values))

    return changes.change(lambda lock: _read(session, theme, lock), if_match, body, write)


def _read(session: Session, theme: int, lock: bool = False) -> Theme:
    return changes.read(session, _COLUMNS.where(Row.id == theme), Theme, "theme", lock=lock)
