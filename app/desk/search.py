"""Search over everything one may see. By POST: what people search for is personal data and stays out of addresses and logs."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from app.desk.frame import show
from app.desk.rows import rows
from app.tickets import search
from app.web.principal import CurrentAgent
from app.web.text import Text
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk/search", include_in_schema=False)


@router.get("")
def ask(request: Request, session: Transaction, me: CurrentAgent) -> Response:
    """The page before anything is asked."""
    return show(
        request, session, me, "search.html", {"text": "", "rows": "", "found": 0, "limit": search.LIMIT, "more": None}
    )


@router.post("")
def find(
    request: Request,
    session: Transaction,
    me: CurrentAgent,
    text: Annotated[Text, Form()] = "",
    after: Annotated[int | None, Form()] = None,
) -> Response:
    """What fits, newest first."""
    lines = search.search(session, me, text, after=after)
    more = lines[-1].id if len(lines) == search.LIMIT else None
    asked = {"text": text.strip()[: search.LONGEST], "limit": search.LIMIT, "more": more}
    found = {"rows": rows(lines, me.language, show_owner=True), "found": len(lines)}
    return show(request, session, me, "search.html", {**asked, **found})
