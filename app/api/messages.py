"""One message's own parts: its HTML, and its files to download."""

import re
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Request
from sqlalchemy import or_, select
from starlette.responses import Response

from app.api.asked import Number, TicketsRead
from app.errors import NotFound
from app.identity.mandates import visible
from app.models import Attachment, Draft, Message, Ticket
from app.tickets import read
from app.web import headers
from app.web.download import Download
from app.web.state import state_of
from app.web.strict import LARGEST
from app.web.transaction import Transaction

router = APIRouter(tags=["messages"])
_PLAIN = re.compile(r"[^A-Za-z0-9._ -]")


@router.get(
    "/messages/{message}/html",
    response_class=Response,
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
)
def read_html(message: Number, session: Transaction, me: TicketsRead) -> Response:
    """The message as it was made up, cleaned of everything active; a browser may show it and no more."""
    html = read.html(session, me, message)
    return Response(html, media_type="text/html", headers={"Content-Security-Policy": headers.SANDBOX})


@router.get(
    "/attachments/{attachment}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}},
)
def download(
    attachment: Annotated[int, Path(ge=1, le=LARGEST)], request: Request, session: Transaction, me: TicketsRead
) -> Download:
    """The bytes of a file, always as a download: it came from a stranger."""
    query = (
        select(Attachment.sha256, Attachment.name, Attachment.size)
        .outerjoin(Message, Message.id == Attachment.message_id)
        .outerjoin(Draft, Draft.id == Attachment.draft_id)
        .join(Ticket, or_(Ticket.id == Message.ticket_id, Ticket.id == Draft.ticket_id))
        .where(Attachment.id == attachment, Attachment.sha256 != "", visible(me))
        .where(or_(Draft.id.is_(None), Draft.for_release, Draft.agent_id == me.agent_id))
    )
    row = session.execute(query).first()
    if row is None:
        raise NotFound("attachment", "There is no such file, or it was too large to keep.")
    return Download(
        state_of(request).blobs.stream(row.sha256),
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": disposition(row.name),
            "Content-Length": str(row.size),
            "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )


def disposition(name: str) -> str:
    """A Content-Disposition that always saves, under a name that cannot leave its folder (RFC 6266)."""
    last = re.split(r"[/\\]", name)[-1].strip(". ") or "attachment"
    shown = "".join(c for c in last if c.isprintable())[:150] or "attachment"
    plain = _PLAIN.sub("_", shown)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(shown, safe='')}"
