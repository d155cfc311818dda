"""Teams, colleagues and themes: lists, and a form for each."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.responses import Response

from app.desk import org_forms
from app.desk.forms import show_form, store
from app.desk.frame import show
from app.desk.posted import Posted, choice, must_manage, number, text_of
from app.errors import Fault, Invalid, NotFound
from app.identity import audit, staff
from app.identity.passwords import passwords
from app.identity.principal import Principal
from app.identity.unique import unique
from app.models import Agent, Team, TeamMember, Theme
from app.vocabulary import Language, Role, TeamMode
from app.web.i18n import _
from app.web.principal import CurrentAgent
from app.web.state import state_of
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk/organisation", include_in_schema=False)
_TEAMS = select(Team.id, Team.name, Team.mode, Team.fallback, Team.active).order_by(Team.name)
_AGENTS = select(Agent.id, Agent.name, Agent.email, Agent.role, Agent.active).order_by(Agent.name)
_THEMES = (
    select(Theme.id, Theme.name_nl, Theme.name_en, Theme.active, Team.name.label("team"))
    .outerjoin(Team, Team.id == Theme.team_id)
    .order_by(Theme.name_nl)
)
KINDS: dict[str, Any] = {"teams": Team, "agents": Agent, "themes": Theme}


@router.get("")
def listed(request: Request, session: Transaction, me: CurrentAgent) -> Response:
    """All three lists."""
    must_manage(me, admin=True)
    statements = {"teams": _TEAMS, "agents": _AGENTS, "themes": _THEMES}
    lists = {name: session.execute(statement).all() for name, statement in statements.items()}
    return show(request, session, me, "organisation.html", lists)


@router.get("/{kind}/{which}")
def form(request: Request, session: Transaction, me: CurrentAgent, kind: str, which: str) -> Response:
    """The form of one, or of a new one."""
    must_manage(me, admin=True)
    return show_form(request, session, me, org_forms.stored(session, me, kind, _row(session, kind, which)))


@router.post("/{kind}/{which}")
def save(request: Request, session: Transaction, me: CurrentAgent, kind: str, which: str, posted: Posted) -> Response:
    """Make or change it."""
    must_manage(me, admin=True)
    row = _row(session, kind, which)
    cost = state_of(request).settings.password_cost
    writers = {
        "teams": lambda: _team(session, me, number(which), posted),
        "agents": lambda: _agent(session, me, number(which), posted, cost),
        "themes": lambda: _theme(session, me, number(which), posted),
    }
    return store(request, session, me, lambda: org_forms.typed(session, me, kind, row, posted), writers[kind])


def _row(session: Session, kind: str, which: str) -> Any:
    if kind not in KINDS or (which != "new" and number(which) is None):
        raise NotFound("page", _("Check the address, or go back to the start."))
    if which == "new":
        return None
    row = session.get(KINDS[kind], number(which))
    if row is None:
        raise NotFound(kind, _("Check the address, or go back to the start."))
    return row


def _needed(posted: FormData, *names: str) -> None:
    faults = [Fault(name, "empty", _("Fill this in.")) for name in names if not text_of(posted, name).strip()]
    if faults:
        raise Invalid("empty", _("Correct these fields."), faults)


def _team(session: Session, me: Principal, team_id: int | None, posted: FormData) -> None:
    _needed(posted, "name")
    values: dict[str, Any] = {
        "name": text_of(posted, "name").strip()[:100],
        "mode": choice(posted, "mode", TeamMode, TeamMode.NEXT),
        "push_limit": max(1, min(number(posted.get("push_limit")) or 2, 50)),
        "fallback": text_of(posted, "fallback") == "on",
        "active": text_of(posted, "active") == "on",
    }
    if team_id is None:
        team_id = staff.create_team(session, organisation_id=_own(session), by=me, **values)
    else:
        staff.change_team(session, team_id, values, by=me)
    wanted = {n for value in posted.getlist("members") if (n := number(value))}
    leads = {n for value in posted.getlist("leads") if (n := number(value))}
    before = set(session.scalars(select(TeamMember.agent_id).where(TeamMember.team_id == team_id)))
    for agent in before - wanted - leads:
        staff.remove_member(session, team_id, agent, by=me)
    for agent in wanted | leads:
        staff.add_member(session, team_id, agent, lead=agent in leads, by=me)


def _agent(session: Session, me: Principal, agent_id: int | None, posted: FormData, cost: str) -> None:
    _needed(posted, "name", "email")
    values: dict[str, Any] = {
        "name": text_of(posted, "name").strip()[:100],
        "role": choice(posted, "role", Role, Role.AGENT),
        "language": choice(posted, "language", Language, Language.DUTCH),
        "capacity": max(1, min(number(posted.get("capacity")) or 10, 1000)),
        "skills": [w.strip() for w in text_of(posted, "skills").split(",") if w.strip()],
        "languages": [w.strip() for w in text_of(posted, "languages").split(",") if w.strip()] or ["nl"],
        "active": text_of(posted, "active") == "on",
    }
    password = text_of(posted, "password")
    if agent_id is None:
        email, hasher = text_of(posted, "email"), passwords(cost)
        staff.create_agent(
            session, hasher, organisation_id=_own(session), email=email, password=password or None, by=me, **values
        )
        return
    staff.change_agent(session, agent_id, {**values, "email": staff.address(text_of(posted, "email"))}, by=me)
    if password:
        staff.set_password(session, passwords(cost), agent_id, password, by=me)


def _theme(session: Session, me: Principal, theme_id: int | None, posted: FormData) -> None:
    _needed(posted, "name_nl", "name_en", "key")
    values = {
        "key": text_of(posted, "key").strip()[:40],
        "name_nl": text_of(posted, "name_nl").strip()[:100],
        "name_en": text_of(posted, "name_en").strip()[:100],
        "team_id": number(posted.get("team_id")),
        "active": text_of(posted, "active") == "on",
    }
    done = (
        insert(Theme).values(values) if theme_id is None else update(Theme).where(Theme.id == theme_id).values(values)
    )
    made = unique(session, done.returning(Theme.id))
    audit.record(session, "theme.created" if theme_id is None else "theme.changed", by=me, on=("theme", made))


def _own(session: Session) -> int:
    found = staff.own_organisation(session)
    if found is None:
        raise NotFound("organisation", _("Make the organisation first."))
    return found
