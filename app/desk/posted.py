"""What a form sent, and the two questions that many routes ask first."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from app.errors import Forbidden
from app.identity.principal import Principal
from app.vocabulary import Role
from app.web.i18n import _
from app.web.text import clean


async def posted(request: Request) -> AsyncIterator[FormData]:
    """The form's fields, made storable; files stay as they are, until the answer is sent."""
    async with request.form() as form:
        yield FormData(
            [(n, value if isinstance(value, UploadFile) else clean(value)) for n, value in form.multi_items()]
        )


Posted = Annotated[FormData, Depends(posted)]


def text_of(form: FormData, name: str, otherwise: str = "") -> str:
    """A text field; a file in its place counts as nothing."""
    value = form.get(name, otherwise)
    return value if isinstance(value, str) else otherwise


def number(value: object) -> int | None:
    """A positive id that was chosen, or None for the empty choice and anything else."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19 else None


def must_manage(me: Principal, *, admin: bool = False) -> None:
    """Raise `Forbidden` unless the asker is an administrator, or (when that is enough) a lead."""
    if me.is_admin or (me.role is Role.LEAD and not admin):
        return
    raise Forbidden("role", _("This page is for administrators. Ask one of them."))
