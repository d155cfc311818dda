"""Styles, scripts and pictures of our own, each address with a digest of all of them, so that browsers keep them for good.

Why one digest in a folder's place and none per file: script modules import each other by relative addresses, which then
carry it too, and no build step has to rewrite them. The files are few and small, so they are read once and kept.
"""

import hashlib
import mimetypes
from functools import cached_property
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.errors import NotFound
from app.web.i18n import _

FOREVER = "public, max-age=31536000, immutable"


class OwnFiles:
    """The files of one folder, at `prefix`."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._folder, self._prefix = folder, prefix

    @cached_property
    def content(self) -> dict[str, bytes]:
        """Every file's bytes by its name."""
        return {path.name: path.read_bytes() for path in sorted(self._folder.iterdir())}

    @cached_property
    def digest(self) -> str:
        """Changes with any byte of any file."""
        return _digest(b"".join(name.encode() + content for name, content in self.content.items()))

    def address(self, name: str) -> str:
        """Where a page finds one file."""
        return f"{self._prefix}/{self.digest}/{name}"

    def router(self) -> APIRouter:
        """Answers at these addresses."""
        router = APIRouter(include_in_schema=False)
        router.get(f"{self._prefix}/{{mark}}/{{name}}")(self._serve)
        return router

    async def _serve(self, mark: str, name: str) -> Response:
        """One file. An old digest (a page from before a deployment) gets the present file, not to be kept."""
        if name not in self.content:
            raise NotFound("file", _("There is no such file."))
        headers = {"Cache-Control": FOREVER if mark == self.digest else "no-cache"}
        return Response(self.content[name], media_type=_media_type(name), headers=headers)

    def embedded(self, name: str, request: Request) -> Response:
        """One file at an address that stands in other people's pages and never changes: asked for again every five minutes,
        by ETag.
        """
        tag = f'"{_digest(self.content[name])}"'
        headers = {
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Cache-Control": "public, max-age=300",
            "ETag": tag,
        }
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(self.content[name], media_type=_media_type(name), headers=headers)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def _media_type(name: str) -> str:
    return "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0] or "application/octet-stream"
