"""The raw body of a request, and its fields as far as our own pages need them again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from app.web.text import clean

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
MOST_FIELDS = 50


@dataclass(frozen=True, slots=True)
class Body:
    """What was sent, byte for byte, and how it is written."""

    content: bytes
    media_type: str

    @property
    def is_form(self) -> bool:
        """Whether an ordinary HTML form sent it."""
        return self.media_type.partition(";")[0].strip().lower() == FORM

    @property
    def fields(self) -> Mapping[str, str]:
        """A form's fields; none for anything else."""
        return dict(self.pairs(MOST_FIELDS))

    def pairs(self, most: int) -> list[tuple[str, str]]:
        """A form's fields one by one, since a name may come again; none for anything else, nor where there are more than
        `most`. A line's end is one character: browsers count it as one and send two.
        """
        if not self.is_form:
            return []
        text = self.content.decode("utf-8", errors="replace")
        try:
            found = parse_qsl(text, keep_blank_values=True, max_num_fields=most)
        except ValueError:
            return []
        return [(name, clean(value).replace("\r\n", "\n")) for name, value in found]


async def any_body(request: Request) -> Body:
    """Whatever it is."""
    return Body(await request.body(), request.headers.get("content-type", ""))


async def form_or_json(request: Request) -> Body:
    """Raises HTTPException 415 for anything else."""
    body = await any_body(request)
    if body.media_type.partition(";")[0].strip().lower() not in (FORM, JSON):
        raise HTTPException(415, f"Send {JSON} or {FORM}.")
    return body


AnyBody = Annotated[Body, Depends(any_body)]
FormOrJson = Annotated[Body, Depends(form_or_json)]
