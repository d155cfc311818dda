"""The desk's own style, script and pictures, each address with a digest of all of them, so that browsers keep them for good.

Why one digest in a folder's place and none per file: script modules import each other by relative addresses, which then
carry it too, and no build step has to rewrite them. The files are few and small, so they are read once and kept.
"""

import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import Response

from app.errors import NotFound
from app.web.i18n import _

router = APIRouter(prefix="/desk/static", include_in_schema=False)
FOLDER = Path(__file__).resolve().parent / "static"
FOREVER = "public, max-age=31536000, immutable"


@cache
def files() -> dict[str, bytes]:
    """Every file's bytes by its name."""
    return {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir())}


@cache
def digest() -> str:
    """Twelve hex digits that change with any byte of any file."""
    whole = hashlib.sha256()
    for name, content in files().items():
        whole.update(name.encode() + content)
    return whole.hexdigest()[:12]


def asset(name: str) -> str:
    """The address of one file."""
    return f"/desk/static/{digest()}/{name}"


@router.get("/{mark}/{name}")
async def serve(mark: str, name: str) -> Response:
    """One file. An old digest (a page from before a deployment) gets the present file, not to be kept."""
    content = files().get(name)
    if content is None:
        raise NotFound("file", _("There is no such file."))
    kind = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(content, media_type=kind, headers={"Cache-Control": FOREVER if mark == digest() else "no-cache"})
