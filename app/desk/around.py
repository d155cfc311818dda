"""What the ticket page needs beside the ticket: names, themes, text blocks, other routes."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, String, any_, bindparam, false, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.identity import mandates
from app.identity.principal import Principal
from app.models import Account, Agent, Process, Team, Theme, Ticket
from app.storage.rows import rows
from app.tickets import templates
from app.tickets.read import TicketView
from app.tickets.templates import Block
from app.tickets.ticket_rows import Head
from app.vocabulary import Language

DROPPED_SHOWN = 12  # names of those who fell away at one step; a team of hundreds would fill the page

HISTORY = 5  # of a contact's other tickets

Named = Mapping[int, str]


def names(
    session: Session, language: Language, trace: Sequence[Mapping[str, Any]], head: Head
) -> tuple[Named, Named, Named]:
    """What the agents and teams in a trace are called, and every theme in use: one statement."""
    agents, teams, themes = _named_in(trace)
    agents |= {head.agent_id} if head.agent_id else set()
    found: dict[str, dict[int, str]] = {"agent": {}, "team": {}, "theme": {}}
    if head.team_id is not None and head.team_name is not None:
        found["team"][head.team_id] = head.team_name
    statement = _NAMES_NL if language is Language.DUTCH else _NAMES_EN
    asked = {"agents": list(agents), "teams": list(teams), "themes": list(themes)}
    for kind, number, name in rows(session, statement, asked):
        found[kind][number] = name
    return found["agent"], found["team"], found["theme"]


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


def history(session: Session, me: Principal, head: Head) -> Sequence[Any]:
    """The newest other tickets of this contact that the reader may see: id, subject, received_at."""
    if head.contact_id is None or not head.other_tickets:
        return ()
    asked = {**mandates.values(me), "contact": head.contact_id, "here": head.id}
    return rows(session, _history(mandates.sight(me)), asked)


def other_routes(session: Session, view: TicketView) -> list[str]:
    """The names of the other accounts by which messages of this ticket reached us."""
    others = {route for entry in view.messages for route in entry.routes if route != entry.account_id}
    if not others:
        return []
    return list(session.scalars(select(Account.name).where(Account.id.in_(others)).order_by(Account.name)))


@cache
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


def _names(label: Any) -> Any:
    def part(kind: str, table: Any, name: Any, also: Any) -> Any:
        word = literal(kind, String).label("kind")
        chosen = table.id == any_(bindparam(f"{kind}s", type_=ARRAY(BigInteger)))
        return select(word, table.id.label("id"), name.label("name")).where(or_(chosen, also))

    return union_all(
        part("agent", Agent, Agent.name, false()),
        part("team", Team, Team.name, false()),
        part("theme", Theme, label, Theme.active),
    )


_NAMES_NL, _NAMES_EN = _names(Theme.name_nl), _names(Theme.name_en)
_THEMES_NL = select(Theme.id, Theme.name_nl.label("name")).where(Theme.active).order_by(Theme.name_nl)
_THEMES_EN = select(Theme.id, Theme.name_en.label("name")).where(Theme.active).order_by(Theme.name_en)
