"""The lists: my work, a team's queue, what nobody has, and everything by filter."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.desk.frame import show
from app.desk.keyset import more_of, position_of
from app.desk.last_list import remember
from app.desk.rows import rows
from app.desk.words import LABELS, worder
from app.errors import NotFound
from app.identity.principal import Principal
from app.models import Team, Theme
from app.tickets import lists
from app.vocabulary import Language, TeamMode, TicketKind, TicketStatus
from app.web.i18n import _, translations
from app.web.principal import CurrentAgent
from app.web.text import Text
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk", include_in_schema=False)

After = Annotated[str, Query()]


@router.get("")
def mine(request: Request, session: Transaction, me: CurrentAgent, after: After = "") -> Response:
    """My open work."""
    page = lists.mine(session, me, after=position_of(after))
    texts = (_("My work"), _("What you are working on, most urgent first."), _("You have no open tickets."))
    return _open(request, session, me, page, texts, takes=True)


@router.get("/unassigned")
def unassigned(request: Request, session: Transaction, me: CurrentAgent, after: After = "") -> Response:
    """What nobody has."""
    page = lists.unassigned(session, me, after=position_of(after))
    texts = (_("Unassigned"), _("What nobody has taken yet, over all teams."), _("Everything has an owner."))
    return _open(request, session, me, page, texts)


@router.get("/queues/{team_id}")
def queue(request: Request, session: Transaction, me: CurrentAgent, team_id: int, after: After = "") -> Response:
    """A team's queue."""
    team = session.execute(select(Team.name, Team.mode).where(Team.id == team_id, Team.active)).one_or_none()
    if team is None:
        raise NotFound("team", _("There is no such team."))
    page = lists.queue(session, me, team_id, after=position_of(after))
    texts = (team.name, _("What waits in this team's queue, most urgent first."), _("Nothing waits in this queue."))
    return _open(request, session, me, page, texts, takes=team.mode is TeamMode.NEXT, team_id=team_id)


@router.get("/tickets")
def everything(
    request: Request,
    session: Transaction,
    me: CurrentAgent,
    after: After = "",
    status: Annotated[Text, Query()] = "",
    theme: Annotated[Text, Query()] = "",
    kind: Annotated[Text, Query()] = "",
    campaign: Annotated[Text, Query()] = "",
    contact: Annotated[Text, Query()] = "",
    spam: Annotated[Text, Query()] = "",
) -> Response:
    """Every ticket, newest first, by filter."""
    filters = lists.Filters(
        status=frozenset({TicketStatus(status)}) if status in set(TicketStatus) else None,
        theme_id=_id(theme),
        kind=TicketKind(kind) if kind in set(TicketKind) else None,
        campaign_id=_id(campaign),
        contact_id=_id(contact),
        spam=spam == "on",
    )
    lines = lists.all_tickets(session, me, filters, after=_id(after))
    count = lists.how_many(session, me, filters)
    say = translations(me.language)
    found = say.ngettext("%(num)s ticket", "%(num)s tickets", count) % {
        "num": f"{lists.CAP}+" if count > lists.CAP else count
    }
    context = {
        **_texts(me, (_("All tickets"), _("Everything that you may see, newest first."), _("Nothing fits this."))),
        "rows": rows(lines, me.language, show_owner=True),
        "total": found,
        "more": more_of(request, str(lines[-1].id)) if len(lines) == lists.PAGE else None,
        "filters": {"status": status, "theme": theme, "kind": kind, "spam": spam == "on"},
        **_choices(session, me),
    }
    return remember(request, show(request, session, me, "list.html", context))


def _open(
    request: Request, session: Session, me: Principal, page: lists.Page, texts: tuple[str, str, str],
    *, takes: bool = False, team_id: int | None = None,
) -> Response:  # fmt: skip
    mode = _pulls(session, me) if takes and team_id is None else takes
    context = {
        **_texts(me, texts),
        "rows": rows(page.lines, me.language),
        "total": "",
        "more": more_of(request, "_".join(map(_part, page.next))) if page.next else None,
        "filters": None,
        "takes": mode,
        "team_id": team_id,
    }
    return remember(request, show(request, session, me, "list.html", context))


def _part(value: Any) -> str:
    return str(value.isoformat() if hasattr(value, "isoformat") else value)


def _texts(me: Principal, texts: tuple[str, str, str]) -> dict[str, Any]:
    title, lead, empty = (translations(me.language).gettext(text) for text in texts)
    return {"title": title, "lead": lead, "empty": empty, "takes": False, "team_id": None}


def _choices(session: Session, me: Principal) -> dict[str, Any]:
    word = worder(me.language)
    label = Theme.name_nl if me.language is Language.DUTCH else Theme.name_en
    return {
        "statuses": [(value, word(value, "status")) for value in LABELS["status"]],
        "kinds": [(value, word(value, "kind")) for value in LABELS["kind"]],
        "themes": [tuple(row) for row in session.execute(select(Theme.id, label).where(Theme.active).order_by(label))],
    }


def _pulls(session: Session, me: Principal) -> bool:
    return (
        session.scalar(select(Team.id).where(Team.id.in_(me.team_ids), Team.mode == TeamMode.NEXT).limit(1)) is not None
    )


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
