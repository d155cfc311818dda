"""Templates: text blocks for agents, and the texts of receipts and answers, per language."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from app.api import pages
from app.api.asked import Active, After, Limit, Number, TicketsRead, TicketsWrite, administrator
from app.api.resource import Resource
from app.models import Template as Row
from app.vocabulary import Language
from app.web.etag import IfMatch
from app.web.idempotency import OnceOnly
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


_templates = Resource(Row, Template, "template")


@router.get("")
def list_templates(
    session: Transaction, me: TicketsRead, active: Active = None, after: After = None, limit: Limit = 100
) -> pages.Page[Template]:
    """All templates, by id."""
    return _templates.page(session, after, limit, *_templates.that_are(active))


@router.post("", status_code=201, response_model=Template)
def create_template(body: NewTemplate, session: Transaction, me: TicketsWrite, once: OnceOnly) -> Response:
    """Make a template."""
    administrator(me)
    return once(me, body, lambda: _templates.insert(session, me, body.model_dump()))


@router.get("/{template}", response_model=Template)
def read_template(template: Number, session: Transaction, me: TicketsRead) -> Response:
    """One template."""
    return _templates.told(session, template)


@router.patch("/{template}", response_model=Template)
def change_template(
    template: Number, body: TemplateChange, session: Transaction, me: TicketsWrite, if_match: IfMatch
) -> Response:
    """Change what is given."""
    administrator(me)
    return _templates.update(session, me, template, if_match, body)
