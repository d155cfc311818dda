"""Who may see a ticket, and who may do what with it. Every list, search, count, verb and event stream asks here.

Seeing, by the ticket's confidentiality: *normal* every employee (everybody may join the conversation), *team* the members
of its team and its owner, *strict* its owner and the leads of its team. Administrators see everything; a site's own program
sees the tickets of its site's account.

Doing, by mandate: a row for the agent or for one of their teams, on this account and theme or on every one, the highest
level counts. Members of the ticket's own team answer without a row, unless a row for them, or for that team, says less. A
ticket without a team is sorted out by leads. Everybody else who sees it reads, and writes notes.

What the asker may not see does not exist for them: `NotFound`, the same as for a number that was never given out.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from typing import Any, NamedTuple, Protocol

from sqlalchemy import BigInteger, ColumnElement, and_, any_, bindparam, false, func, literal_column, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.errors import Forbidden, NotFound
from app.identity.principal import Principal
from app.models import Agent, Mandate, Site, TeamMember, Ticket
from app.vocabulary import Confidentiality, MandateLevel, Role

# Agent or team (the other is None) and level of each mandate, as a list of three.
Rows = Sequence[Sequence[Any]]

_TYPES: Mapping[str, Any] = {
    "asker": BigInteger(), "asker_site": BigInteger(), "asker_teams": ARRAY(BigInteger), "asker_led": ARRAY(BigInteger),
}  # fmt: skip
_HEIGHT = {MandateLevel.READ: 1, MandateLevel.DRAFT: 2, MandateLevel.ANSWER: 3}


class Placed(Protocol):
    """What decides about a ticket: where it belongs. A row of these columns will do."""

    @property
    def account_id(self) -> int: ...  # noqa: D102
    @property
    def theme_id(self) -> int | None: ...  # noqa: D102
    @property
    def team_id(self) -> int | None: ...  # noqa: D102
    @property
    def agent_id(self) -> int | None: ...  # noqa: D102
    @property
    def confidentiality(self) -> Confidentiality: ...  # noqa: D102


class Place(NamedTuple):
    """A `Placed` made by hand: where a ticket would be after a change."""

    account_id: int
    theme_id: int | None
    team_id: int | None
    agent_id: int | None
    confidentiality: Confidentiality


class Sight(Enum):
    """In which way somebody sees tickets: it decides the shape of a condition, and so which statement is used."""

    EVERYTHING = auto()
    STAFF = auto()
    SITE = auto()
    NOTHING = auto()


def sight(principal: Principal) -> Sight:
    """The asker's way of seeing."""
    if principal.site_id is not None:
        return Sight.SITE
    if principal.is_admin:
        return Sight.EVERYTHING
    return Sight.NOTHING if principal.agent_id is None else Sight.STAFF


def values(principal: Principal) -> dict[str, Any]:
    """The named parameters of `seen_in` and of `rows_on`, for this asker."""
    return {
        "asker": principal.agent_id,
        "asker_teams": list(principal.team_ids),
        "asker_led": list(principal.led_team_ids),
        "asker_site": principal.site_id,
    }


def seen_in(way: Sight, ticket: type[Ticket] = Ticket) -> ColumnElement[bool]:
    """`visible` for everybody who sees this way, with parameters named as in `values`: for statements that are made once."""
    return _condition(way, ticket, _named)


def visible(principal: Principal, ticket: type[Ticket] = Ticket) -> ColumnElement[bool]:
    """The condition on `Ticket` that holds for exactly the tickets that the asker may know of. `ticket` may be an alias."""
    given = values(principal)
    return _condition(sight(principal), ticket, lambda name: bindparam(None, given[name], _TYPES[name]))


def sees(principal: Principal, ticket: Placed) -> bool:
    """`visible`, for a ticket that is already read. A site's program is not asked this: it acts on no ticket."""
    if principal.site_id is not None:
        return False
    if principal.is_admin:
        return True
    if principal.agent_id is None:
        return False
    if ticket.confidentiality is Confidentiality.NORMAL or ticket.agent_id == principal.agent_id:
        return True
    if ticket.team_id in principal.led_team_ids:
        return True
    return ticket.confidentiality is Confidentiality.TEAM and ticket.team_id in principal.team_ids


def level(session: Session, principal: Principal, ticket: Placed) -> MandateLevel | None:
    """How far the asker may go with this ticket; None = they may not even know of it. One statement at most."""
    if not sees(principal, ticket):
        return None
    if principal.is_admin:
        return MandateLevel.ANSWER
    asked = {**values(principal), "account": ticket.account_id, "theme": ticket.theme_id}
    return by_rows(principal, ticket, session.connection().execute(_ROWS, asked).scalar_one())


def by_rows(principal: Principal, ticket: Placed, rows: Rows) -> MandateLevel:
    """`level` for somebody who sees the ticket, from what `rows_on` gave."""
    return MandateLevel.ANSWER if principal.is_admin else _decided(principal, ticket, rows)


def rows_on(account_id: Any, theme_id: Any) -> ColumnElement[Any]:
    """The asker's mandates for an account and a theme, as a column of another statement: see `Rows` and `values`."""
    mine = or_(Mandate.agent_id == _named("asker"), Mandate.team_id == any_(_named("asker_teams")))
    found = func.jsonb_agg(func.jsonb_build_array(Mandate.agent_id, Mandate.team_id, Mandate.level))
    return (
        select(func.coalesce(found, literal_column("'[]'::jsonb")))
        .where(mine)
        .where(or_(Mandate.account_id.is_(None), Mandate.account_id == account_id))
        .where(or_(Mandate.theme_id.is_(None), Mandate.theme_id == theme_id))
        .scalar_subquery()
    )


def must_read(principal: Principal, ticket: Placed) -> None:
    """Raise `NotFound` unless the asker may see this ticket."""
    if not sees(principal, ticket):
        raise unknown()


def must_handle(session: Session, principal: Principal, ticket: Placed) -> MandateLevel:
    """Raise `NotFound`, or `Forbidden` for who may read only; else the level, which is draft or answer."""
    found = level(session, principal, ticket)
    if found is None:
        raise unknown()
    if found is MandateLevel.READ:
        raise Forbidden(
            "mandate_read", "You may read this ticket and add notes. Ask its team's lead for a mandate to work on it."
        )
    return found


def must_answer(session: Session, principal: Principal, ticket: Placed) -> None:
    """Raise `NotFound`, or `Forbidden` unless the asker may answer citizens in this ticket themselves."""
    if must_handle(session, principal, ticket) is MandateLevel.DRAFT:
        raise Forbidden(
            "mandate_draft",
            "Your mandate is to draft. Save the answer for release: a colleague looks at it and sends it.",
        )


def unknown() -> NotFound:
    """The answer to whoever asks for a ticket that is not theirs to see, or is not there."""
    return NotFound("ticket_unknown", "There is no such ticket, or it is not open to you. Check the reference.")


def as_agent(session: Session, agent_id: int) -> Principal:
    """The agent as somebody who could ask: for checks on who is to receive a ticket. Raises `NotFound` when inactive."""
    agent = session.execute(
        select(Agent.name, Agent.role, Agent.language).where(Agent.id == agent_id, Agent.active)
    ).one_or_none()
    if agent is None:
        raise NotFound("agent_unknown", "There is no such colleague, or they no longer work here.")
    teams = session.execute(select(TeamMember.team_id, TeamMember.lead).where(TeamMember.agent_id == agent_id)).all()
    return Principal(
        agent_id,
        agent.name,
        agent.role,
        agent.language,
        frozenset(row.team_id for row in teams),
        frozenset(row.team_id for row in teams if row.lead),
    )


def _condition(way: Sight, ticket: type[Ticket], value: Callable[[str], Any]) -> ColumnElement[bool]:
    if way is Sight.SITE:
        return ticket.account_id == select(Site.account_id).where(Site.id == value("asker_site")).scalar_subquery()
    if way is not Sight.STAFF:
        return true() if way is Sight.EVERYTHING else false()
    return or_(
        ticket.confidentiality == literal_column("'normal'"),
        ticket.agent_id == value("asker"),
        and_(ticket.confidentiality == literal_column("'team'"), ticket.team_id == any_(value("asker_teams"))),
        ticket.team_id == any_(value("asker_led")),
    )


def _named(name: str) -> Any:
    return bindparam(name, type_=_TYPES[name])


def _decided(principal: Principal, ticket: Placed, rows: Rows) -> MandateLevel:
    levels = [MandateLevel(level) for _agent, _team, level in rows]
    speaks_of_them = any(agent == principal.agent_id or team == ticket.team_id for agent, team, _level in rows)
    if _at_home(principal, ticket) and not speaks_of_them:
        levels.append(MandateLevel.ANSWER)
    return max(levels, key=_HEIGHT.__getitem__, default=MandateLevel.READ)


def _at_home(principal: Principal, ticket: Placed) -> bool:
    if ticket.team_id is None:
        return principal.role is Role.LEAD
    return ticket.team_id in principal.team_ids or ticket.team_id in principal.led_team_ids


_ROWS = select(rows_on(bindparam("account", type_=BigInteger), bindparam("theme", type_=BigInteger)))
