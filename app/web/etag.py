"""ETag and If-Match: changes say which version they were made from (RFC 9110 8.8.3 and 13.1.1, RFC 6585 3).

The tag is the row's version where the row has one, else a digest of what is told about it; both are strong.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Header
from pydantic import BaseModel
from starlette.requests import Request

from app.errors import Conflict

SEEN = "The ETag that was last seen for this, or `*`: whatever it is now."
_TAG = re.compile(r'"(\d{1,18})"')


def tag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def headers(version: int) -> Mapping[str, str]:
    """The headers that tell it."""
    return {"ETag": tag(version)}


def of(document: BaseModel) -> str:
    """The ETag of a document: its version, or without one a digest of its JSON."""
    version = getattr(document, "version", None)
    if isinstance(version, int):
        return tag(version)
    return f'"{hashlib.sha256(document.model_dump_json(by_alias=True).encode()).hexdigest()[:24]}"'


def given(if_match: Annotated[str | None, Header(description=SEEN)] = None) -> str:
    """The If-Match header; raises `Conflict` "if_match_missing" (428) without one."""
    if if_match is None:
        fix = "Send If-Match with the ETag that you last got for this, or * to change it whatever it is now."
        raise Conflict("if_match_missing", fix)
    return if_match.strip()


def check(if_match: str, document: BaseModel) -> None:
    """Raise `Conflict` "changed" (412) unless the caller last saw exactly this."""
    if if_match not in ("*", of(document)):
        raise stale()


def stale() -> Conflict:
    """What to raise when the caller's If-Match is of another version (412)."""
    return Conflict("changed", "It changed since you last saw it. Read it again, then decide.")


def expected(if_match: Annotated[str, Depends(given)]) -> int | None:
    """The version that the caller last saw; None when they said `*`: whatever it is now.

    Raises `Conflict` as `given` does, and "changed" (412) when it is no tag of ours.
    """
    if if_match == "*":
        return None
    match = _TAG.fullmatch(if_match)
    if match is None:
        raise Conflict("changed", "Read it again: this If-Match is not a tag that was given for it.")
    return int(match[1])


def asked(
    if_match: Annotated[
        str | None, Header(description="The ETag of the ticket, to be refused after any change.")
    ] = None,
) -> int | None:
    """As `expected`, where something else guards the change already: without If-Match no version is asked for."""
    return None if if_match is None else expected(if_match.strip())


def unchanged(request: Request, version: int) -> bool:
    """Whether the caller has this version already (If-None-Match), so that 304 is enough."""
    given = request.headers.get("if-none-match", "")
    return tag(version) in {part.strip().removeprefix("W/") for part in given.split(",")}


Expected = Annotated[int | None, Depends(expected)]
IfGiven = Annotated[int | None, Depends(asked)]
IfMatch = Annotated[str, Depends(given)]
