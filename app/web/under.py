"""A router that is asked only about addresses under its own beginning.

Why: FastAPI tries route after route, and twice at every level of included routers. With the API's and the desk's routes
that made a sixth of a page's time.
"""

from typing import Any

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Scope


class Under(APIRouter):
    """`beginning` is what all of its addresses begin with, `/desk` say."""

    def __init__(self, beginning: str, **options: Any) -> None:
        super().__init__(**options)
        self._beginning = beginning

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As any router, once the beginning is right."""
        return super().matches(scope) if scope["path"].startswith(self._beginning) else (Match.NONE, {})

    def take_in(self, router: APIRouter) -> None:
        """The routes of a part, beside the others instead of a level below; the part has no options of its own."""
        self.routes.extend(router.routes)
        self._mark_routes_changed()
