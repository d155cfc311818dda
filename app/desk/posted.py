"""What a form sent, and the two questions that many routes ask first."""

from collections.abc import AsyncIterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from app.errors import Fault, Forbidden, Invalid
from app.identity.principal import Principal
from app.vocabulary import Role
from app.web.i18n import _
from app.web.text import clean


async def posted(request: Request) -> AsyncIterator[FormData]:
    """The form's fields, made storable; files stay as they are, until the answer is sent."""
    async with request.form() as form:
        yield FormData([(name, _kept(value)) for name, value in form.multi_items()])


Posted = Annotated[FormData, Depends(posted)]
Choice = TypeVar("Choice", bound=StrEnum)
CHOOSE = _("Choose one of the options that are offered.")


def _kept(value: UploadFile | str) -> UploadFile | str:
    """Browsers send line ends as CR LF; we keep LF."""
    return value if isinstance(value, UploadFile) else clean(value).replace("\r\n", "\n")


def text_of(form: FormData, name: str, otherwise: str = "") -> str:
    """A text field; a file in its place counts as nothing."""
    value = form.get(name, otherwise)
    return value if isinstance(value, str) else otherwise


def choice(form: Mapping[str, Any], name: str, among: type[Choice], otherwise: Choice) -> Choice:
    """What was chosen from a list; `otherwise` where nothing was. Raises `Invalid` for what the list does not offer."""
    given = form.get(name, otherwise)
    if given not in set(among):
        raise Invalid("choice", CHOOSE, [Fault(name, "choice", CHOOSE)])
    return among(given)


def number(value: object) -> int | None:
    """A positive id that was chosen, or None for the empty choice and anything else."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19 else None


def must_manage(me: Principal, *, admin: bool = False) -> None:
    """Raise `Forbidden` unless the asker is an administrator, or (when that is enough) a lead."""
    if me.is_admin or (me.role is Role.LEAD and not admin):
        return
    raise Forbidden("role", _("This page is for administrators. Ask one of them."))
