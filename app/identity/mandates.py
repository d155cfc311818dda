"""Who may see a ticket, and who may do what with it. Every list, search, count, verb and event stream asks here.

Seeing, by the ticket's confidentiality: *normal* every employee (everybody may join the conversation), *team* the members
of its team and its owner, *strict* its owner and the leads of its team. Administrators see everything; a site's own program
sees the tickets of its site's account.

Doing, by mandate: a row for the agent or for one of their teams, on this account and theme or on every one, the highest
level counts. Members of the ticket's own team answer without a row, unless a row for them, or for that team, says less. A
ticket without a team is sorted out by leads. Everybody else who sees it reads, and writes notes.

What the asker may not see does not exist for them: `NotFound`, the same as for a number that was never given out.
"""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from sqlalchemy import ColumnElement, Row, Select, and_, false, or_, select, true
from sqlalchemy.orm import Session

from app.errors import Forbidden, NotFound
from app.identity.principal import Principal
from app.models import Agent, Mandate, Site, TeamMember, Ticket
from app.vocabulary import Confidentiality, MandateLevel, Role

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


def visible(principal: Principal, ticket: type[Ticket] = Ticket) -> ColumnElement[bool]:
    """The condition on `Ticket` that holds for exactly the tickets that the asker may know of. `ticket` may be an alias."""
    if principal.site_id is not None:
        return ticket.account_id == select(Site.account_id).where(Site.id == principal.site_id).scalar_subquery()
    if principal.is_admin:
        return true()
    if principal.agent_id is None:
        return false()
    return or_(
        ticket.confidentiality == Confidentiality.NORMAL,
        ticket.agent_id == principal.agent_id,
        and_(ticket.confidentiality == Confidentiality.TEAM, ticket.team_id.in_(principal.team_ids)),
        ticket.team_id.in_(principal.led_team_ids),
    )


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
    return _decided(principal, ticket, session.execute(_rows(principal, ticket)).all())


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


def _rows(principal: Principal, ticket: Placed) -> Select[int | None, int | None, MandateLevel]:
    return select(Mandate.agent_id, Mandate.team_id, Mandate.level).where(
        or_(Mandate.agent_id == principal.agent_id, Mandate.team_id.in_(principal.team_ids)),
        or_(Mandate.account_id.is_(None), Mandate.account_id == ticket.account_id),
        or_(Mandate.theme_id.is_(None), Mandate.theme_id == ticket.theme_id),
    )


def _decided(
    principal: Principal, ticket: Placed, rows: Iterable[Row[int | None, int | None, MandateLevel]]
) -> MandateLevel:
    rows = list(rows)
    levels = [row.level for row in rows]
    speaks_of_them = any(row.agent_id == principal.agent_id or row.team_id == ticket.team_id for row in rows)
    if _at_home(principal, ticket) and not speaks_of_them:
        levels.append(MandateLevel.ANSWER)
    return max(levels, key=_HEIGHT.__getitem__, default=MandateLevel.READ)


def _at_home(principal: Principal, ticket: Placed) -> bool:
    if ticket.team_id is None:
        return principal.role is Role.LEAD
    return ticket.team_id in principal.team_ids or ticket.team_id in principal.led_team_ids
