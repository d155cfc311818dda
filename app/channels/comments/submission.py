"""What a form or a site's own server sends us: one flat set of fields, as JSON or as an ordinary HTML form.

Fields: `id` (the sender's own: makes a repeat harmless), `event` (`created`; `edited`, `withdrawn` or `restored` by
a site's server only), `page` (the site's id of the page, not its address), `page_title`, `page_url`, `text`, `name`, `email`,
`user` (the site's id of a signed-in visitor; a site's server only), `parent` (the `id` of the comment answered),
`status_token`, `language`, `stamp`, `private` (do not publish) and `website`, which people never see and programs fill in.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from app.channels.contract import Unreadable

Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
MAX_FIELDS = 50


class Submission(BaseModel):
    """One comment, edit, withdrawal or return. Unknown fields are ignored: a site may send along what its own form has."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: Key
    event: Literal["created", "edited", "withdrawn", "restored"] = "created"
    page: Key
    page_title: Short = ""
    page_url: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""
    text: Annotated[str, StringConstraints(max_length=200_000)] = ""
    name: Short = ""
    email: Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)] = ""
    user: Short = ""
    parent: Short = ""
    status_token: Short = ""
    language: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20)] = ""
    stamp: Short = ""
    private: bool = False
    website: Annotated[str, StringConstraints(max_length=2000)] = Field("")

    @field_validator("private", mode="before")
    @classmethod
    def _ticked(cls, value: object) -> object:
        return value if isinstance(value, bool) else str(value).lower() in ("1", "on", "true", "ja", "yes")

    @field_validator("email")
    @classmethod
    def _plausible(cls, value: str) -> str:
        local, at, domain = value.rpartition("@")
        if value and (not at or not local or "." not in domain or any(c.isspace() or ord(c) < 32 for c in value)):
            raise ValueError("is not an e-mail address; leave it empty if you want no answer by mail")
        return value


def read(body: bytes, media_type: str) -> Submission:
    """The submission in a request's body. Raises `Unreadable` naming every wrong field, never repeating what it held."""
    try:
        return Submission.model_validate(_fields(body, media_type))
    except ValidationError as error:
        named = "; ".join(
            f"{e['loc'][0]}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors(include_input=False)
        )
        raise Unreadable(named) from None


def _fields(body: bytes, media_type: str) -> Mapping[str, object]:
    kind = media_type.partition(";")[0].strip().lower()
    text = body.decode("utf-8", errors="replace").replace("\x00", "\ufffd")
    if kind == "application/x-www-form-urlencoded":
        try:
            fields = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
            return {name: value.replace("\r\n", "\n") for name, value in fields}  # browsers count a line's end as one
        except ValueError:
            raise Unreadable(f"more than {MAX_FIELDS} fields") from None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("the body is neither JSON nor a form") from None
    if not isinstance(found, dict):
        raise Unreadable("the body is not a JSON object")
    return {name: _whole(value) for name, value in found.items()}


def _whole(value: object) -> object:
    """JSON may spell half a character or NUL, which no database takes."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", errors="replace").decode().replace("\x00", "\ufffd")
