"""Styles and scripts of the public pages, and the elements that other websites embed (`<script type="module">`)."""

from pathlib import Path

from fastapi import Request
from starlette.responses import Response

from app.web.own_files import OwnFiles

COMMENTS_ELEMENT = "weerklank-comments.js"
POLL_ELEMENT = "weerklank-poll.js"

files = OwnFiles(Path(__file__).resolve().parent / "static", "/static")
asset = files.address
router = files.router()


@router.get(f"/embed/{COMMENTS_ELEMENT}")
async def comments_element(request: Request) -> Response:
    """Shows the comments of a page, and the form for one."""
    return files.embedded(COMMENTS_ELEMENT, request)


@router.get(f"/embed/{POLL_ELEMENT}")
async def poll_element(request: Request) -> Response:
    """Shows a poll."""
    return files.embedded(POLL_ELEMENT, request)
