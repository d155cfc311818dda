"""A router that is asked only about addresses under its own beginning, and whose parts' routes stand in it as they were made.

Why: FastAPI tries route after route, twice at every level of included routers, and makes every included route once more for
every level. With the API's and the desk's routes that took a sixth of a page's time, and up to 3 MB.
"""

from typing import Any

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Receive, Scope, Send


class Under(APIRouter):
    """`beginning` is what all of its addresses begin with, `/desk` say."""

    def __init__(self, beginning: str, **options: Any) -> None:
        super().__init__(**options)
        self._beginning = beginning

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As the best of its routes, once the beginning is right."""
        if not scope["path"].startswith(self._beginning):
            return Match.NONE, {}
        best = Match.NONE
        for route in self.routes:
            match, _ = route.matches(scope)
            if match is Match.FULL:
                return match, {}
            if match is Match.PARTIAL:
                best = match
        return best, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by one of its routes."""
        await self.app(scope, receive, send)

    def take_in(self, router: APIRouter) -> None:
        """The routes of a part, beside the others instead of a level below; the part has no options of its own."""
        self.routes.extend(router.routes)
        self._mark_routes_changed()
