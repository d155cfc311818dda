"""Style and script of the public pages, and the element that other websites embed.

Pages' own files carry a digest in their address and are kept for good. The element's address stands in other people's pages
and never changes, so it is asked for again every five minutes, by ETag.
"""

import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.errors import NotFound
from app.web.i18n import _

router = APIRouter()
FOLDER = Path(__file__).resolve().parent / "static"
ELEMENT = "weerklank-comments.js"
FOREVER = "public, max-age=31536000, immutable"


@cache
def files() -> dict[str, bytes]:
    """Every file's bytes by its name."""
    return {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.is_file()}


@cache
def digest(name: str = "") -> str:
    """Twelve hex digits that change with any byte of one file, or of any."""
    whole = hashlib.sha256()
    for known, content in files().items():
        if name in ("", known):
            whole.update(known.encode() + content)
    return whole.hexdigest()[:12]


def asset(name: str) -> str:
    """The address of one file."""
    return f"/static/{digest()}/{name}"


@router.get("/static/{mark}/{name}")
async def serve(mark: str, name: str) -> Response:
    """One file. An old digest (a page from before a deployment) gets the present file, not to be kept."""
    content = files().get(name)
    if content is None:
        raise NotFound("file", _("There is no such file."))
    kind = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(content, media_type=kind, headers={"Cache-Control": FOREVER if mark == digest() else "no-cache"})


@router.get(f"/embed/{ELEMENT}")
async def element(request: Request) -> Response:
    """The comments element, for a `<script type="module">` on any website."""
    tag = f'"{digest(ELEMENT)}"'
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": "public, max-age=300",
        "ETag": tag,
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(files()[ELEMENT], media_type="text/javascript", headers=headers)
