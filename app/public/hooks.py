"""Where services push to us: one address per account, with a part that nobody can guess.

The bytes go to the account's channel as they came, with the address as the world knows it, since signatures cover both. Only
when what it cut out of them is committed does the service hear that all is well.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import clock
from app.channels.contract import WebhookRequest
from app.errors import NotFound
from app.intake.means import Means
from app.intake.receive import receive
from app.public.body import AnyBody
from app.public.opened import opened
from app.public.sites import HandsOutForms
from app.web.i18n import _
from app.web.state import state_of
from app.web.transaction import Turn

router = APIRouter()


@router.get("/hooks/{public_key}")
@router.post("/hooks/{public_key}")
def push(public_key: str, request: Request, body: AnyBody, _turn: Turn) -> Response:
    """The channel's own answer. 401 for what is not authentic, 400 for what cannot be read, 503 while we cannot store."""
    state = state_of(request)
    account = state.accounts.by_public_key(public_key)
    if isinstance(opened(state, account), HandsOutForms):
        # A form has its own door, with the checks that an open door needs.
        raise NotFound("hook", _("Nothing is received at this address."))
    query = f"?{request.url.query}" if request.url.query else ""
    asked = WebhookRequest(
        method=request.method,
        url=f"{state.settings.base_url}{request.url.path}{query}",
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body.content,
        remote=request.client.host if request.client else "",
        received_at=clock.now(),
    )
    answer = receive(Means(state.database, state.accounts, state.keys, state.blobs), account, asked)
    return Response(answer.body, answer.status, dict(answer.headers), answer.media_type if answer.body else None)
