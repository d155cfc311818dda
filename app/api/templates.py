"""Templates: text blocks for agents, and the texts of receipts and answers, per language."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api import changes, pages
from app.api.asked import After, Limit, Number, TicketsRead, TicketsWrite, administrator
from app.identity import audit
from app.identity.unique import unique
from app.models import Template as Row
from app.vocabulary import Language
from app.web.etag import IfMatch
from app.web.idempotency import Made, OnceOnly
from app.web.strict import Given, Id, Told
from app.web.transaction import Transaction

router = APIRouter(prefix="/templates", tags=["templates"])
Purpose = Literal["block", "receipt", "receipt_formal", "answer", "moderation"]


class Template(Told):
    """`text` may hold `{reference}`, `{name}`, `{organisation}`, `{status_link}`, `{received_at}`, `{answer}`, `{reason}`."""

    id: int
    purpose: str
    name: str
    language: Language
    title: str
    text: str
    theme_id: int | None
    team_id: int | None
    active: bool


class NewTemplate(Given):
    """Unique by purpose, name and language."""

    purpose: Purpose
    name: Annotated[str, Field(min_length=1, max_length=100)]
    language: Language
    title: Annotated[str, Field(max_length=200)] = ""
    text: Annotated[str, Field(min_length=1, max_length=50_000)]
    theme_id: Id | None = None
    team_id: Id | None = None


class TemplateChange(Given):
    """Only what is given changes."""

    title: Annotated[str, Field(max_length=200)] = ""
    text: Annotated[str, Field(min_length=1, max_length=50_000)] = "-"
    theme_id: Id | None = None
    team_id: Id | None = None
    active: bool = True


_COLUMNS = select(*(getattr(Row, name) for name in Template.model_fields))


@router.get("")
def list_templates(
    session: Transaction, me: TicketsRead, after: After = None, limit: Limit = 100
) -> pages.Page[Template]:
    """All templates, by id."""
    return pages.read(session, _COLUMNS, Row.id, after, limit, Template)


@router.post("", status_code=201, response_model=Template)
def create_template(body: NewTemplate, session: Transaction, me: TicketsWrite, once: OnceOnly) -> Response:
    """Make a template."""
    administrator(me)

    def make() -> Made:
        made = unique(session, insert(Row).values(body.model_dump()).returning(Row.id))
        audit.record(session, "template.created", by=me, on=("template", made))
        return Made(_read(session, made), f"/api/v1/templates/{made}")

    return once(me, body, make)


@router.get("/{template}", response_model=Template)
def read_template(template: Number, session: Transaction, me: TicketsRead) -> Response:
    """One template."""
    return changes.told(_read(session, template))


@router.patch("/{template}", response_model=Template)
def change_template(
    template: Number, body: TemplateChange, session: Transaction, me: TicketsWrite, if_match: IfMatch
) -> Response:
    """Change what is given."""
    administrator(me)

    def write(values: Mapping[str, Any]) -> None:
        unique(session, update(Row).where(Row.id == template).values(values).returning(Row.id))
        audit.record(session, "template.changed", by=me, on=("template", template), columns=sorted(values))

    return changes.change(lambda lock: _read(session, template, lock), if_match, body, write)


def _read(session: Session, template: int, lock: bool = False) -> Template:
    return changes.read(session, _COLUMNS.where(Row.id == template), Template, "template", lock=lock)
