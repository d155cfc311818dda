"""What the ticket page needs beside the ticket: names, themes, text blocks, other routes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, any_, bindparam, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.accounts.directory import BY_ID, AccountRow
from app.identity import mandates
from app.identity.principal import Principal
from app.models import Account, Agent, Process, Team, Theme, Ticket
from app.storage.gathered import Gathered
from app.tickets import templates
from app.tickets.read import TicketView
from app.tickets.templates import Block
from app.tickets.ticket_rows import Head
from app.vocabulary import Language

DROPPED_SHOWN = 12  # names of those who fell away at one step; a team of hundreds would fill the page

HISTORY = 5  # of a contact's other tickets

Named = Mapping[int, str]


class Line(NamedTuple):
    """Another ticket of the same contact."""

    id: int
    subject: str
    received_at: datetime


class Around(NamedTuple):
    """What the agents and teams of the decision are called, and every theme in use. `history` has the newest other tickets of
    the contact that the reader may see, `other_routes` the names of the other accounts by which messages of the ticket reached
    us, `account` that over which an answer goes.
    """

    agents: Named
    teams: Named
    themes: Named
    history: list[Line]
    blocks: list[Block]
    other_routes: list[str]
    account: AccountRow | None


def read(session: Session, me: Principal, view: TicketView) -> Around:
    """All of it in one statement."""
    head = view.head
    agents, teams, themes = _named_in(view.decision.trace if view.decision else [])
    asked = {
        "agents": [*agents, *([head.agent_id] if head.agent_id else [])],
        "teams": [*teams, *([head.team_id] if head.team_id else [])],
        "themes": list(themes),
        "contact": head.contact_id,
        "here": head.id,
        "routes": list({route for entry in view.messages for route in entry.routes if route != entry.account_id}),
        "account": view.answers.account_id if view.answers else None,
        **templates.asked(theme_id=head.theme_id, team_id=head.team_id),
        **mandates.values(me),
    }
    found = _around(mandates.sight(me), me.language).ask(session, asked)
    people, groups, subjects, history, blocks, routes, accounts = found
    return Around(
        agents=dict(people),
        teams=dict(groups),
        themes=dict(subjects),
        history=history[::-1],
        blocks=templates.preferred(blocks, head.language or me.language),
        other_routes=[name for name, _ in routes],
        account=accounts[0] if accounts else None,
    )


def named(session: Session, language: Language) -> tuple[Named, Named]:
    """What every team and every theme is called."""
    teams = {row.id: row.name for row in session.execute(select(Team.id, Team.name))}
    label = Theme.name_nl if language is Language.DUTCH else Theme.name_en
    return teams, {row.id: row.name for row in session.execute(select(Theme.id, label.label("name")))}


def themes(session: Session, language: Language) -> list[tuple[int, str]]:
    """Every theme in use, by name."""
    return [(row.id, row.name) for row in session.execute(_THEMES_NL if language is Language.DUTCH else _THEMES_EN)]


def processes(session: Session, language: Language) -> list[tuple[int, str]]:
    """Every participation process, by name."""
    name = Process.name_nl if language is Language.DUTCH else Process.name_en
    return [(row.id, row.name) for row in session.execute(select(Process.id, name.label("name")).order_by(name))]


def blocks(session: Session, me: Principal, head: Head) -> list[Block]:
    """The text blocks offered for this ticket, in its language."""
    return templates.offered(
        session, language=head.language or me.language, theme_id=head.theme_id, team_id=head.team_id
    )


@cache
def _around(way: mandates.Sight, language: Language) -> Gathered:
    theme = Theme.name_nl if language is Language.DUTCH else Theme.name_en
    return Gathered(
        (_pair, select(Agent.id, Agent.name).where(_among(Agent.id, "agents"))),
        (_pair, select(Team.id, Team.name).where(_among(Team.id, "teams"))),
        (_pair, select(Theme.id, theme).where(or_(_among(Theme.id, "themes"), Theme.active))),
        (Line, _history(way)),
        (Block, templates.OFFERED),
        (_pair, select(Account.name, Account.id).where(_among(Account.id, "routes"))),
        (AccountRow, BY_ID),
    )


def _pair(*both: Any) -> tuple[Any, ...]:
    return both


def _among(column: Any, name: str) -> ColumnElement[bool]:
    chosen: ColumnElement[bool] = column == any_(bindparam(name, type_=ARRAY(BigInteger)))
    return chosen


def _history(way: mandates.Sight) -> Select[*tuple[Any, ...]]:
    return (
        select(Ticket.id, Ticket.subject, Ticket.received_at)
        .where(Ticket.contact_id == bindparam("contact"), Ticket.id != bindparam("here"))
        .where(~Ticket.spam, Ticket.merged_into_id.is_(None), mandates.seen_in(way))
        .order_by(Ticket.id.desc())
        .limit(HISTORY)
    )


def _named_in(trace: Sequence[Mapping[str, Any]]) -> tuple[set[int], set[int], set[int]]:
    sets: tuple[set[int], set[int], set[int]] = (set(), set(), set())
    for step in trace:
        params = step["params"]
        sets[0].update(step.get("dropped", ())[:DROPPED_SHOWN])
        for place, name in enumerate(("agent", "team", "theme")):
            for value in (params.get(name), params.get("set", {}).get(name)):
                if isinstance(value, int):
                    sets[place].add(value)
    return sets


_THEMES_NL = select(Theme.id, Theme.name_nl.label("name")).where(Theme.active).order_by(Theme.name_nl)
_THEMES_EN = select(Theme.id, Theme.name_en.label("name")).where(Theme.active).order_by(Theme.name_en)
