"""One ballot as the poll's page hands it to us: JSON, checked by the page against the poll's questions.

`id` is the page's own (a second click sends the same one), `poll` the poll's key, `choices` the chosen options by question,
`answers` what was written, with the question it answers in the voter's language, `website` a field that people never see.
"""

import json
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from app.channels.contract import Unreadable

Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class Written(BaseModel):
    """An answer to an open question. Characters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: Line = ""
    text: Annotated[str, StringConstraints(min_length=1, max_length=20_000)]


class Ballot(BaseModel):
    """A whole ballot."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Key
    poll: Key
    title: Line = ""
    url: Annotated[str, StringConstraints(max_length=2000)] = ""
    language: Annotated[str, StringConstraints(max_length=20)] = ""
    process: Annotated[str, StringConstraints(max_length=200)] = ""
    choices: dict[Key, Annotated[list[Key], Field(max_length=100)]] = Field(default_factory=dict, max_length=100)
    answers: dict[Key, Written] = Field(default_factory=dict, max_length=100)
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    email: Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)] = ""
    website: Annotated[str, StringConstraints(max_length=2000)] = ""


def read(body: bytes) -> Ballot:
    """The ballot in a body. Raises `Unreadable` naming every wrong field, never repeating what it held."""
    try:
        found = json.loads(body.decode("utf-8", errors="replace"))
    except (ValueError, RecursionError):
        raise Unreadable("the ballot is not JSON") from None
    try:
        return Ballot.model_validate(_storable(found))
    except ValidationError as error:
        named = "; ".join(
            f"{e['loc'][0] if e['loc'] else 'ballot'}: {e['msg']}" for e in error.errors(include_input=False)
        )
        raise Unreadable(named[:500]) from None


def _storable(value: object) -> object:
    """JSON may spell half a character or NUL, which no database takes."""
    if isinstance(value, str):
        return value.encode("utf-8", errors="replace").decode().replace("\x00", "\ufffd")
    if isinstance(value, dict):
        return {_storable(name): _storable(inner) for name, inner in value.items()}
    return [_storable(inner) for inner in value] if isinstance(value, list) else value
