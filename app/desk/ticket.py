"""The ticket page: read once, shown in the reader's words."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app import clock
from app.accounts.directory import AccountRow, read_row
from app.channels.contract import Limits
from app.desk import around
from app.desk.around import Around
from app.desk.explain import Explanation, Names, explain
from app.desk.frame import Notice, show
from app.desk.last_list import back
from app.desk.measured import audience, choices, measured
from app.desk.rows import FAMILIES
from app.desk.thread import address, bubbles
from app.desk.words import LABELS, MARKS, advice_of, worder
from app.errors import DomainError
from app.identity.principal import Principal
from app.tickets import read
from app.tickets.read import TicketView
from app.tickets.thread_rows import Entry
from app.tickets.ticket_rows import DraftRow, Head
from app.vocabulary import EventType, Language, MandateLevel, Visibility
from app.web.formats import when
from app.web.i18n import _, translated, translations
from app.web.principal import CurrentAgent
from app.web.state import state_of
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk/tickets", include_in_schema=False)
GIVEN = (EventType.TAKEN, EventType.HANDED_OVER, EventType.REPLIED)
"""By which a person, not the routing, may have decided whose a ticket is."""
FORMS = ("comments.form", "polls.own")
"""Channels whose authors have a private status page."""


@router.get("/{ticket_id}")
def ticket(request: Request, session: Transaction, me: CurrentAgent, ticket_id: int, mode: str = "reply") -> Response:
    """The page."""
    return show_ticket(request, session, me, ticket_id, mode=mode)


@router.get("/{ticket_id}/earlier")
def earlier(request: Request, session: Transaction, me: CurrentAgent, ticket_id: int, before: int) -> Response:
    """The messages before those on the page."""
    view = read.ticket(session, me, ticket_id)
    entries = read.earlier(session, me, ticket_id, before)
    shown = list(bubbles(entries, view.deliveries, view.events))
    context = {"view": view, "bubbles": shown, "before": entries[0].id if entries else 0, "handles": False}
    return show(request, session, me, "earlier.html", {**context, **_fixed(me)})


def show_ticket(
    request: Request,
    session: Session,
    me: Principal,
    ticket_id: int,
    *,
    mode: str = "reply",
    text: str | None = None,
    problem: str = "",
    visibility: Visibility | None = None,
    missed: Sequence[Entry] = (),
    notices: Sequence[Notice] = (),
    correcting: tuple[int, str] | None = None,
    status: int = 200,
) -> Response:
    """The page; with `text` (what somebody tried to send, seen by `visibility`), `problem` beside it and `missed` (what came
    in meanwhile), or with `correcting` (an answer, and what somebody tried to correct it to).
    """
    view = read.ticket(session, me, ticket_id)
    beside = around.read(session, me, view)
    composer = _composer(request, me, view, beside, text, mode, problem, visibility)
    context = {
        **_fixed(me),
        "view": view,
        "family": family if (family := view.head.account_kind.partition(".")[0]) in FAMILIES else "channel",
        "bubbles": list(bubbles(view.messages, view.deliveries, view.events)),
        "missed": missed,
        "handles": view.level is not MandateLevel.READ,
        "level": view.level,
        "correcting": correcting or (0, ""),
        "changes": not composer["shut"] and "Amends" in state_of(request).accounts.capabilities(view.head.account_kind),
        "back": back(request),
        "why": _why(me, view, beside),
        "themes": sorted(beside.themes.items(), key=lambda theme: theme[1].casefold()),
        "without_theme": _without_theme(view.head, beside.themes, me.language),
        "history": beside.history,
        "other_routes": beside.other_routes,
        **composer,
    }
    return show(request, session, me, "ticket.html", context, status=status, notices=notices)


def _without_theme(head: Head, themes: around.Named, language: Language) -> str | None:
    """What the list of themes says for "as it is": the ticket has none, or one that is no longer in use. A theme is changed,
    never taken away.
    """
    if head.theme_id is None:
        return translated(language, _("None"))
    name = head.theme_nl if language is Language.DUTCH else head.theme_en
    return None if head.theme_id in themes else name


def _why(me: Principal, view: TicketView, beside: Around) -> Explanation:
    """The newest decision in plain words."""
    head, decision = view.head, view.decision
    trace = decision.trace if decision else []
    names = Names(
        beside.agents, beside.teams, beside.themes, worder(me.language), lambda moment: when(moment, me.language)
    )
    say = translations(me.language).gettext
    chosen, team = (decision.agent_id, decision.team_id) if decision else (None, None)
    giver = next((event.agent_id for event in reversed(view.events) if event.type in GIVEN), None)
    return explain(trace, names, say, owner=head.agent_id, chosen=chosen, team=team, me=me.agent_id, giver=giver)


def limits_of(request: Request, session: Session, account_id: int) -> Limits:
    """What an answer over this account may be."""
    return state_of(request).accounts.channel_of(read_row(session, account_id)).limits


def _composer(
    request: Request,
    me: Principal,
    view: TicketView,
    beside: Around,
    text: str | None,
    mode: str,
    problem: str,
    visibility: Visibility | None,
) -> dict[str, Any]:
    drafts = {draft.purpose: draft for draft in view.drafts if draft.agent_id == me.agent_id and not draft.for_release}
    reply, note = drafts.get("reply"), drafts.get("note")
    limits, shut = _opened(request, view, beside.account)
    recipient = _recipient(view)
    written = text if text is not None and mode == "reply" else reply.text if reply else ""
    chosen = visibility if text is not None and mode == "reply" else reply.visibility if reply else None
    limited = _limited(view, limits, written, me.language, chosen)
    return {
        "can_reply": limits is not None,
        "shut": shut,
        "mode": mode,
        **limited,
        "recipient": recipient,
        "recipient_address": address(recipient) if recipient else "",
        "reached": _reached(view, limited["public"]),
        "templates": beside.blocks if limits is not None else [],
        "reply_text": written,
        "note_text": text if text is not None and mode == "note" else note.text if note else "",
        "reply_problem": problem,
        "files": reply.attachments if reply else [],
        "draft_at": reply.updated_at if reply and reply.text else None,
        "to_release": [draft for draft in view.drafts if draft.for_release],
        "seen": view.seen_message_id if text is not None else _seen(view, reply),
        "status_after": "pending" if not view.head.is_public else "solved",
    }


def _opened(request: Request, view: TicketView, account: AccountRow | None) -> tuple[Limits | None, str]:
    """What an answer may be; None where none can be given, with why when that is an account that cannot be opened.

    Whoever lost its key must not lose the ticket with it: everything but answering goes on.
    """
    if account is None or view.level is MandateLevel.READ:
        return None, ""
    try:
        return state_of(request).accounts.channel_of(account).limits, ""
    except DomainError as error:
        return None, error.fix


def _limited(
    view: TicketView, limits: Limits | None, text: str, language: Language, chosen: Visibility | None
) -> dict[str, Any]:
    """What the answer may be, who will see it, who may be chosen to see it, and how what is written so far fits."""
    if limits is None or view.answers is None:
        return {"limits": None, "public": False, "audience": "", "audiences": (), "measured": None}
    mailed = view.answers.copy_account_id is not None
    public, words = audience(limits, chosen or view.answers.visibility, language, mailed=mailed)
    own = limits.seen(chosen or view.answers.visibility)
    return {
        "limits": own,
        "public": public,
        "audience": words,
        "audiences": choices(limits, view.answers.visibility, language, mailed=mailed),
        "narrowed": chosen is not None,
        "measured": measured(own, text, language),
    }


def _seen(view: TicketView, draft: DraftRow | None) -> int:
    """What the writer has seen: this page shows all of it, whatever an older draft knew."""
    return view.seen_message_id if draft is None else max(view.seen_message_id, draft.seen_message_id or 0)


def _recipient(view: TicketView) -> Entry | None:
    """The reaction that is answered, where it came from an address that people can check before they answer."""
    answered = view.answers.message_id if view.answers else None
    entry = next((e for e in view.messages if e.id == answered), None)
    return entry if entry is not None and entry.address_kind in ("email", "phone", "handle") else None


def _reached(view: TicketView, public: bool) -> str:
    """How an answer finds its reader besides standing in public: `mailed` to an address that they typed, `direct` by the
    channel, on their `status` page alone, or not at all.
    """
    answers = view.answers
    entry = next((e for e in view.messages if answers and e.id == answers.message_id), None)
    if answers is None or entry is None:
        return ""
    if answers.copy_account_id is not None or answers.account_id != entry.account_id:
        return "mailed"
    if public:
        return ""
    return "status" if entry.account_kind in FORMS else "direct"


def _fixed(me: Principal) -> dict[str, Any]:
    word = worder(me.language)
    kinds = ("kind", "status", "priority", "confidentiality")
    choices = {name: [(value, word(value, name)) for value in LABELS[name]] for name in kinds}
    return {
        "kinds": choices["kind"],
        "statuses": choices["status"],
        "priorities": choices["priority"],
        "confidentialities": choices["confidentiality"],
        "mark_words": MARKS,
        "advice_of": advice_of,
        "view_language": me.language,
        "left": lambda moment: max(0, int((moment - clock.now()).total_seconds() * 1000)),
    }
