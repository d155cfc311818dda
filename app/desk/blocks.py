"""Text blocks and the texts of receipts and answers: a list, and a form for each."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.responses import Response

from app.desk.around import themes
from app.desk.forms import Field, Form, show_form, store
from app.desk.frame import show
from app.desk.posted import Posted, choice, must_manage, number, text_of
from app.desk.words import LABELS, worder
from app.errors import Fault, Invalid, NotFound
from app.identity import audit
from app.identity.principal import Principal
from app.identity.unique import unique
from app.models import Template
from app.vocabulary import Language
from app.web.i18n import _, translated
from app.web.principal import CurrentAgent
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk/templates", include_in_schema=False)
_LIST = select(
    Template.id, Template.purpose, Template.name, Template.language, Template.text, Template.active
).order_by(Template.purpose, Template.name, Template.language)
_EMPTY = Template(purpose="block", name="", language=Language.DUTCH, title="", text="", theme_id=None, active=True)
PLACES = _("May hold {name}, {reference}, {organisation}; receipts also {status_link} and {received_at}.")


@router.get("")
def listed(request: Request, session: Transaction, me: CurrentAgent) -> Response:
    """All of them, by purpose."""
    must_manage(me)
    return show(request, session, me, "blocks.html", {"blocks": session.execute(_LIST).all()})


@router.get("/new")
def blank(request: Request, session: Transaction, me: CurrentAgent) -> Response:
    """The form for a new one."""
    must_manage(me)
    return show_form(request, session, me, _form(session, me, _EMPTY, None))


@router.post("/new")
def create(request: Request, session: Transaction, me: CurrentAgent, posted: Posted) -> Response:
    """Make it."""
    must_manage(me)

    def write() -> None:
        made = unique(session, insert(Template).values(_values(posted)).returning(Template.id))
        audit.record(session, "template.created", by=me, on=("template", made))

    return store(request, session, me, lambda: _form(session, me, _given(posted), None), write)


@router.get("/{template_id}")
def edit(request: Request, session: Transaction, me: CurrentAgent, template_id: int) -> Response:
    """The form of one."""
    must_manage(me)
    return show_form(request, session, me, _form(session, me, _one(session, template_id), template_id))


@router.post("/{template_id}")
def change(request: Request, session: Transaction, me: CurrentAgent, template_id: int, posted: Posted) -> Response:
    """Change it."""
    must_manage(me)
    _one(session, template_id)

    def write() -> None:
        values = _values(posted)
        unique(session, update(Template).where(Template.id == template_id).values(values).returning(Template.id))
        audit.record(session, "template.changed", by=me, on=("template", template_id), columns=sorted(values))

    return store(request, session, me, lambda: _form(session, me, _given(posted), template_id), write)


def _one(session: Session, template_id: int) -> Template:
    found = session.get(Template, template_id)
    if found is None:
        raise NotFound("template", _("There is no such text."))
    return found


def _values(posted: FormData) -> dict[str, Any]:
    """The columns that were typed. Raises `Invalid` for an empty name or text."""
    values = {
        "purpose": text_of(posted, "purpose", "block"),
        "name": text_of(posted, "name").strip()[:100],
        "language": choice(posted, "language", Language, Language.DUTCH),
        "title": text_of(posted, "title").strip()[:200],
        "text": text_of(posted, "text").strip()[:50_000],
        "theme_id": number(posted.get("theme_id")),
        "active": text_of(posted, "active") == "on",
    }
    faults = [Fault(name, "empty", _("Fill this in.")) for name in ("name", "text") if not values[name]]
    if faults or values["purpose"] not in LABELS["purpose"]:
        raise Invalid("template", _("Correct these fields."), faults)
    return values


def _given(posted: FormData) -> Template:
    theme = number(posted.get("theme_id"))
    words = {name: text_of(posted, name) for name in ("purpose", "name", "language", "title", "text")}
    return Template(**words, theme_id=theme, active=text_of(posted, "active") == "on")


def _form(session: Session, me: Principal, row: Template, template_id: int | None) -> Form:
    word = worder(me.language)
    every: list[tuple[Any, str]] = [("", translated(me.language, _("All themes")))]
    fields = (
        Field("name", _("Name"), value=row.name, required=True),
        Field("purpose", _("What for"), "select", row.purpose, [(p, word(p, "purpose")) for p in LABELS["purpose"]]),
        Field(
            "language", _("Language"), "select", row.language, [(one.value, word(one, "language")) for one in Language]
        ),
        Field("theme_id", _("Theme"), "select", row.theme_id or "", [*every, *themes(session, me.language)]),
        Field("title", _("Subject"), value=row.title),
        Field("text", _("Text"), "lines", row.text, hint=PLACES),
        Field("active", _("In use"), "check", row.active),
    )
    heading = row.name or translated(me.language, _("New text"))
    return Form(heading, f"/desk/templates/{template_id or 'new'}", "/desk/templates", _("Templates"), fields)
