"""Small forms of the pages that administrators see rarely: fields as values, one template for all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.desk.frame import go, show, trouble
from app.errors import DomainError
from app.identity.principal import Principal


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `shape` is an input's type, or `select`, `lines`, `check`, `many`; `value` of `many` is a set of texts.

    `label` and `hint` are marked for translation; options are in the reader's language already.
    """

    name: str
    label: str
    shape: str = "text"
    value: Any = ""
    options: Sequence[tuple[Any, str]] = ()
    hint: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A form: where it goes, what it is called, and the page it belongs to."""

    heading: str
    action: str
    back: str
    back_name: str
    fields: Sequence[Field]


def show_form(
    request: Request,
    session: Session,
    me: Principal,
    form: Form,
    error: DomainError | None = None,
    *,
    template: str = "form.html",
    more: Mapping[str, Any] | None = None,
) -> Response:
    """The page of a form; with `error` what is wrong, said on top and beside the fields. `template` may show `more` below."""
    context = {
        "heading": form.heading,
        "action": form.action,
        "back": form.back,
        "back_name": form.back_name,
        "fields": form.fields,
        "faults": {fault.field: fault.fix for fault in error.faults} if error else {},
        **(more or {}),
    }
    notices = [trouble(error, me.language)] if error else []
    return show(request, session, me, template, context, status=400 if error else 200, notices=notices)


def store(
    request: Request, session: Session, me: Principal, form: Callable[[], Form], write: Callable[[], object]
) -> Response:
    """Write, then go back to the form's list; when it is refused, the form with what was typed and why."""
    try:
        with session.begin_nested():
            write()
    except DomainError as error:
        return show_form(request, session, me, form(), error)
    return go(form().back, "saved")
