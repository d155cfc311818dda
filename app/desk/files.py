"""What came with a message: its files, and its made-up form, both from strangers and shown so that they can do nothing."""

import re
from urllib.parse import quote

from fastapi import APIRouter
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.desk.thread import PICTURES
from app.errors import NotFound
from app.identity.mandates import visible
from app.models import Attachment, Message, Ticket
from app.tickets import read
from app.vocabulary import AttachmentState
from app.web.download import Download
from app.web.headers import SANDBOX
from app.web.i18n import _
from app.web.principal import CurrentAgent
from app.web.state import state_of
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk", include_in_schema=False)

# Nothing runs and nothing is fetched but, when somebody asks for them, pictures. Same-origin is given back so that pictures
# that came along can be shown; without scripts that gives a message no power.
PLAIN = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; "
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
WITH_PICTURES = PLAIN.replace("img-src 'self' data:", "img-src 'self' data: https:")
PAGE = """<!doctype html><html><head><meta charset="utf-8"><base target="_blank"><meta name="referrer" content="no-referrer">
<style>body{{font:15px/1.5 system-ui,sans-serif;margin:12px;color:#1a211d;background:#fff;overflow-wrap:anywhere}}
img{{max-width:100%;height:auto}}</style>
</head><body>{body}</body></html>"""
_CID = re.compile(r"""(src=["'])cid:([^"']+)""", re.IGNORECASE)
_ELSEWHERE = re.compile(r"""\bdata-remote-(src=["']https?:)""", re.IGNORECASE)


@router.get("/messages/{message_id}/html")
def made_up(session: Transaction, me: CurrentAgent, message_id: int, pictures: str = "") -> Response:
    """A message as its sender made it up. Pictures from elsewhere are fetched only when somebody asks for them."""
    html = read.html(session, me, message_id)
    came_along = select(Attachment.cid, Attachment.id).where(Attachment.message_id == message_id, Attachment.cid != "")
    own = {row.cid: row.id for row in session.execute(came_along)}
    body = _CID.sub(lambda m: f"{m[1]}/desk/attachments/{own.get(m[2], 0)}?inline=on", html)
    asked = pictures == "on"
    policy = WITH_PICTURES if asked else PLAIN
    headers = {"Content-Security-Policy": policy, "X-Frame-Options": "SAMEORIGIN", "Referrer-Policy": "no-referrer"}
    return HTMLResponse(PAGE.format(body=_ELSEWHERE.sub(r"\1", body) if asked else body), headers=headers)


@router.get("/attachments/{attachment_id}")
def download(
    request: Request, session: Transaction, me: CurrentAgent, attachment_id: int, inline: str = ""
) -> Response:
    """A file, to be saved; pictures that stand in a message may be shown."""
    file = session.execute(
        select(Attachment.sha256, Attachment.name, Attachment.content_type, Attachment.size, Attachment.state)
        .join(Message, Message.id == Attachment.message_id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(Attachment.id == attachment_id, visible(me))
    ).one_or_none()
    if file is None or not file.sha256 or file.state in (AttachmentState.INFECTED, AttachmentState.TOO_LARGE):
        raise NotFound("attachment", _("This file is not here, or not to be opened."))
    shown = inline == "on" and file.content_type in PICTURES
    kind = file.content_type if shown else "application/octet-stream"
    name = quote(file.name or "bestand", safe="")
    headers = {
        "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{name}",
        "Content-Length": str(file.size),
        "Content-Security-Policy": SANDBOX,
        "Cache-Control": "private, max-age=3600",
    }
    return Download(state_of(request).blobs.stream(file.sha256), kind, headers)
