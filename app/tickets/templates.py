"""Text blocks that agents insert, and the texts of receipts, answers and moderation; by language, theme and team.

Placeholders are `{reference}`, `{name}`, … and nothing more: no attributes, indexes or formats, so that a template cannot
reach into anything. A placeholder without a value stays visible and is reported, so that an agent sees what is to be filled in.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

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

    name: str
    id: int
    title: str
    text: str
    language: Language


class Rendered(NamedTuple):
    """A text with its values filled in; `unknown` are the placeholders that had none, each once, in order."""

    text: str
    unknown: list[str]


def asked(*, theme_id: int | None = None, team_id: int | None = None, purpose: str = "block") -> dict[str, Any]:
    """The named parameters of `OFFERED`."""
    return {"purpose": purpose, "theme": theme_id, "team": team_id}


def preferred(blocks: Sequence[Block], language: str) -> list[Block]:
    """Of the rows of `OFFERED` those in this language; Dutch when there are none."""
    own, dutch = ([block for block in blocks if block.language == chosen] for chosen in (language, Language.DUTCH))
    return own or dutch


def offered(session: Session, *, language: str, **where: Any) -> list[Block]:
    """The blocks for a ticket (`where` as in `asked`): those for its theme or team and those for everybody, by name."""
    found = rows(session, OFFERED, asked(**where))
    return preferred([Block(*row) for row in found], language)


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


OFFERED = (
    select(Template.name, Template.id, Template.title, Template.text, Template.language)
    .where(Template.purpose == bindparam("purpose"), Template.active)
    .where(or_(Template.theme_id.is_(None), Template.theme_id == bindparam("theme")))
    .where(or_(Template.team_id.is_(None), Template.team_id == bindparam("team")))
    .order_by(Template.name, Template.id)
)
