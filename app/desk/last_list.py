"""The way back from a ticket: to the list that its reader came from, also after what they did to it.

The page before says it, unless that was the ticket itself; then a cookie does, which holds the address of the list that was
shown last. Addresses of lists hold no words and no names.
"""

from urllib.parse import quote, unquote, urlsplit

from fastapi import Request
from starlette.responses import Response

from app.web.next_address import safe
from app.web.state import state_of

COOKIE = "weerklank-list"
HOME = "/desk"
LISTS = ("/desk/unassigned", "/desk/tickets", "/desk/search", "/desk/attention", "/desk/call-backs")


def remember(request: Request, response: Response) -> Response:
    """Have the browser keep the address of the list that this page shows. A page that only renews itself changes nothing."""
    if "x-refresh" not in request.headers:
        address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        response.set_cookie(
            COOKIE, quote(address, safe=""), path=HOME, secure=state_of(request).settings.secure, httponly=True,
            samesite="lax",
        )  # fmt: skip
    return response


def back(request: Request) -> str:
    """The address of the list to go back to; the reader's own work when there was none."""
    came = urlsplit(request.headers.get("referer", ""))
    if came.path == HOME or _is_list(came.path):
        return safe(came.path + (f"?{came.query}" if came.query else ""), HOME)
    kept = unquote(request.cookies.get(COOKIE, ""))
    return safe(kept, HOME) if _is_list(urlsplit(kept).path) else HOME


def _is_list(path: str) -> bool:
    return path in LISTS or path.startswith("/desk/queues/")
