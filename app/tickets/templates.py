"""Text blocks that agents insert, and the texts of receipts, answers and moderation; by language, theme and team.

Placeholders are `{reference}`, `{name}`, … and nothing more: no attributes, indexes or formats, so that a template cannot
reach into anything. A placeholder without a value stays visible and is reported, so that an agent sees what is to be filled in.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from app.models import Template
from app.storage.rows import rows
from app.tickets.default_templates import DEFAULTS, Text
from app.tickets.filling import filled
from app.vocabulary import Language

_PLACE = re.compile(r"\{([a-z_]{1,40})\}")


class Block(NamedTuple):
    """A text block as the composer offers it."""

    id: int
    name: str
    title: str
    text: str


class Rendered(NamedTuple):
    """A text with its values filled in; `unknown` are the placeholders that had none, each once, in order."""

    text: str
    unknown: list[str]


def offered(
    session: Session, *, language: str, theme_id: int | None = None, team_id: int | None = None, purpose: str = "block"
) -> list[Block]:
    """The blocks for a ticket: those for its theme or team and those for everybody, by name. Dutch when the language has none."""
    wanted = [Language(language)] if language in set(Language) else []
    asked = {"purpose": purpose, "theme": theme_id, "team": team_id}
    for spoken in dict.fromkeys([*wanted, Language.DUTCH]):
        blocks = [Block(*row) for row in rows(session, _OFFERED, {**asked, "spoken": spoken})]
        if blocks:
            return blocks
    return []


def text_for(session: Session, purpose: str, language: str) -> Text:
    """The organisation's own text for a purpose (`receipt`, `receipt_formal`, `answer`, `moderation`), else the default one.

    An unknown language is answered in Dutch. Raises KeyError for an unknown purpose.
    """
    spoken = Language(language) if language in set(Language) else Language.DUTCH
    own = (
        select(Template.title, Template.text)
        .where(Template.purpose == purpose, Template.language == spoken, Template.active)
        .order_by(Template.id)
        .limit(1)
    )
    row = session.execute(own).one_or_none()
    return Text(row.title, row.text) if row else DEFAULTS[(purpose, spoken)]


def render(template: str, values: Mapping[str, str]) -> Rendered:
    """Fill in the placeholders. Values are put in as they are: a brace in a citizen's name is a brace."""
    names = dict.fromkeys(_PLACE.findall(template))
    return Rendered(filled(template, values), [name for name in names if name not in values])


_OFFERED = (
    select(Template.id, Template.name, Template.title, Template.text)
    .where(Template.purpose == bindparam("purpose"), Template.language == bindparam("spoken"), Template.active)
    .where(or_(Template.theme_id.is_(None), Template.theme_id == bindparam("theme")))
    .where(or_(Template.team_id.is_(None), Template.team_id == bindparam("team")))
    .order_by(Template.name, Template.id)
)
