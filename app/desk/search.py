"""Search over everything one may see. What people search for is personal data: it comes by POST and stays out of addresses
and logs.

The words are kept in a cookie that only we can read and that goes when the browser is closed, so that the results have an
address: going back to them from a ticket, reloading and the next page need no words in it. They are shown to whoever asked
and to nobody who signs in after them.
"""

import json
from typing import Annotated

from cryptography.fernet import InvalidToken
from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from app.desk.frame import go, show
from app.desk.last_list import remember
from app.desk.rows import rows
from app.identity.principal import Principal
from app.tickets import search
from app.web.principal import CurrentAgent
from app.web.state import state_of
from app.web.text import Text
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk/search", include_in_schema=False)
COOKIE = "weerklank-search"
PATH = "/desk/search"


@router.get("")
def found(request: Request, session: Transaction, me: CurrentAgent, after: int | None = None) -> Response:
    """What fits the words asked for last, newest first; without any, how to ask."""
    text = _asked(request, me)
    lines = search.search(session, me, text, after=after) if text else []
    context = {
        "text": text,
        "limit": search.LIMIT,
        "more": lines[-1].id if len(lines) == search.LIMIT else None,
        "rows": rows(lines, me.language, show_owner=True),
        "found": len(lines),
    }
    return remember(request, show(request, session, me, "search.html", context))


@router.post("")
def ask(request: Request, me: CurrentAgent, text: Annotated[Text, Form()] = "") -> Response:
    """Keep the words, and show what fits them."""
    state, words = state_of(request), text.strip()[: search.LONGEST]
    sealed = state.keys.fernet.encrypt(json.dumps([me.agent_id, words]).encode()).decode()
    response = go(PATH)
    response.set_cookie(COOKIE, sealed, path=PATH, secure=state.settings.secure, httponly=True, samesite="lax")
    return response


def _asked(request: Request, me: Principal) -> str:
    try:
        opened = state_of(request).keys.fernet.decrypt(request.cookies.get(COOKIE, "").encode())
    except InvalidToken:
        return ""
    agent, words = json.loads(opened)
    return str(words) if agent == me.agent_id else ""
