"""Searching by POST: what people look for is about somebody, so it stands in no address and no log."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from app.api import pages
from app.api.asked import TicketsRead
from app.api.schemas.tickets import TicketLine
from app.tickets.search import search
from app.web.strict import LARGEST, Given
from app.web.transaction import Transaction

router = APIRouter(prefix="/tickets", tags=["tickets"])


class Search(Given):
    """A reference, a mail address, or words that stand together in one message; the last word by its beginning."""

    text: Annotated[str, Field(min_length=1, max_length=500)]
    after: Annotated[int, Field(strict=True, ge=0, le=LARGEST)] | None = None
    limit: Annotated[int, Field(strict=True, ge=1, le=200)] = 50


@router.post("/search")
def search_tickets(body: Search, session: Transaction, me: TicketsRead) -> pages.Page[TicketLine]:
    """The tickets that fit and that the token may see, newest first."""
    return pages.cut(search(session, me, body.text, after=body.after, limit=body.limit + 1), body.limit, TicketLine)
