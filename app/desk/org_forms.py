"""The forms of teams, colleagues and themes, as stored or as somebody just typed them."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from app.desk.forms import Field, Form
from app.desk.words import LABELS, worder
from app.identity.principal import Principal
from app.models import Agent, Team, TeamMember
from app.web.i18n import _, translated

HEADINGS = {"teams": _("New team"), "agents": _("New colleague"), "themes": _("New theme")}
DESK = ("nl", "en")
KEEPS = _("At least 12 characters. Leave empty to keep the one they have.")
Read = Callable[[str, Any], Any]


def stored(session: Session, me: Principal, kind: str, row: Any) -> Form:
    """The form of a row; empty for a new one."""

    def read(name: str, otherwise: Any) -> Any:
        if row is None:
            return otherwise
        if kind == "teams" and name in ("members", "leads"):
            return _members(session, row.id, lead=name == "leads")
        value = getattr(row, name, otherwise)
        return ", ".join(value) if isinstance(value, list) else "" if value is None else value

    return _form(session, me, kind, row, read)


def typed(session: Session, me: Principal, kind: str, row: Any, posted: FormData) -> Form:
    """The form with what was typed; a password is never written back."""

    def read(name: str, otherwise: Any) -> Any:
        if name in ("members", "leads"):
            return set(map(str, posted.getlist(name)))
        return name in posted if isinstance(otherwise, bool) else posted.get(name, otherwise)

    return _form(session, me, kind, row, read)


def _form(session: Session, me: Principal, kind: str, row: Any, read: Read) -> Form:
    makers = {"teams": _team, "agents": _agent, "themes": _theme}
    fields = makers[kind](session, me, read)
    heading = getattr(row, "name", None) or getattr(row, "name_nl", None) or translated(me.language, HEADINGS[kind])
    which = row.id if row is not None else "new"
    return Form(heading, f"/desk/organisation/{kind}/{which}", "/desk/organisation", _("Organisation"), fields)


def _team(session: Session, me: Principal, read: Read) -> list[Field]:
    word = worder(me.language)
    people = [
        tuple(row) for row in session.execute(select(Agent.id, Agent.name).where(Agent.active).order_by(Agent.name))
    ]
    return [
        Field("name", _("Name"), value=read("name", ""), required=True),
        Field(
            "mode",
            _("How it gets its work"),
            "select",
            read("mode", "next"),
            [(m, word(m, "mode")) for m in LABELS["mode"]],
        ),
        Field("push_limit", _("At most in hand by push"), "number", read("push_limit", 2)),
        Field("members", _("Members"), "many", read("members", set()), people),  # type: ignore[arg-type]
        Field("leads", _("Leads"), "many", read("leads", set()), people),  # type: ignore[arg-type]
        Field("fallback", _("Takes what nothing else decides"), "check", read("fallback", False)),
        Field("active", _("In use"), "check", read("active", True)),
    ]


def _agent(session: Session, me: Principal, read: Read) -> list[Field]:
    word = worder(me.language)
    return [
        Field("name", _("Name"), value=read("name", ""), required=True),
        Field("email", _("Email address"), "email", read("email", ""), required=True),
        Field("role", _("Role"), "select", read("role", "agent"), [(r, word(r, "role")) for r in LABELS["role"]]),
        Field(
            "language",
            _("Language of the desk"),
            "select",
            read("language", "nl"),
            [(c, word(c, "language")) for c in DESK],
        ),
        Field(
            "languages",
            _("Languages they answer in"),
            value=read("languages", "nl"),
            hint=_("Codes with commas: nl, en."),
        ),
        Field("skills", _("Skills"), value=read("skills", ""), hint=_("With commas.")),
        Field("capacity", _("How much open work fits"), "number", read("capacity", 10), hint=_("One mail is 1.")),
        Field("password", _("New password"), "password", hint=KEEPS),
        Field("active", _("May sign in"), "check", read("active", True)),
    ]


def _theme(session: Session, me: Principal, read: Read) -> list[Field]:
    teams = [tuple(row) for row in session.execute(select(Team.id, Team.name).where(Team.active).order_by(Team.name))]
    nobody = ("", translated(me.language, _("None: the rules decide")))
    return [
        Field("name_nl", _("Name in Dutch"), value=read("name_nl", ""), required=True),
        Field("name_en", _("Name in English"), value=read("name_en", ""), required=True),
        Field(
            "key",
            _("Short key"),
            value=read("key", ""),
            hint=_("Stays the same for ever, such as afval."),
            required=True,
        ),
        Field("team_id", _("Team"), "select", read("team_id", ""), [nobody, *teams]),  # type: ignore[list-item]
        Field("active", _("In use"), "check", read("active", True)),
    ]


def _members(session: Session, team_id: int, *, lead: bool) -> set[str]:
    found = select(TeamMember.agent_id).where(TeamMember.team_id == team_id)
    return {str(number) for number in session.scalars(found.where(TeamMember.lead) if lead else found)}
