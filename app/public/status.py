"""The private status page: what somebody wrote, where it stands, what we answered; and a form to add something."""

import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.channels.contract import ChannelError
from app.errors import NotFound
from app.public import follow_up, status_rows, status_token
from app.public.assets import asset
from app.public.body import FormOrJson
from app.public.checks import TEXT_EMPTY, TEXT_LONG
from app.public.status_rows import Said, Status
from app.public.status_token import PRIVATE, Opened
from app.tickets import reference
from app.vocabulary import Publication, TicketStatus
from app.web import throttle
from app.web.i18n import _, language_of, translated
from app.web.state import state_of
from app.web.templates import page
from app.web.transaction import Transaction, Turn

router = APIRouter()

STAGES = (_("Received"), _("Being handled"), _("Answered"), _("Closed"))
RECEIVED, HANDLED, ANSWERED, CLOSED = range(len(STAGES))
EXPLAINED = {
    RECEIVED: _("We have your message. A colleague will look at it soon."),
    HANDLED: _("A colleague is working on your message."),
    ANSWERED: _("We have answered. You find the answer below."),
    CLOSED: _("We have closed this. Is there something left? Add it below, and we open it again."),
}
READ_ONLY = _("We have read your message. It did not ask for an answer.")
# On the page itself, and why.
PUBLISHED = {
    Publication.HELD: _("Not on the page yet: a colleague looks at it first."),
    Publication.PUBLISHED: _("Your comment is on the page."),
    Publication.HIDDEN: _("Your comment is hidden on the page."),
    Publication.REMOVED: _("Your comment is not shown on the page."),
    Publication.WITHDRAWN: _("You withdrew this comment; it is no longer on the page."),
}
HELD = {
    "trap_filled": _("A field that people do not see was filled in, which programs often do."),
    "too_fast": _("It was sent very soon after the form was opened, which programs often do."),
    "form_not_ours": _("It did not come from our own form, or the form was very old."),
}


@router.get("/status/{token}")
def status(token: str, request: Request, session: Transaction) -> Response:
    """The page of one token; every token that opens nothing gets the same 404."""
    opened = status_token.find(session, state_of(request).keys, token)
    if opened is None:
        return status_token.unknown(request)
    if opened.moved:
        return RedirectResponse(f"/status/{opened.moved}", 303, headers=PRIVATE)
    if not opened.ticket_id:
        return page(request, "public/waiting.html", {"asset": asset}, headers={**PRIVATE, "Refresh": "10"})
    return _page(request, opened, status_rows.read(session, opened), token)


@router.post("/status/{token}")
def add(token: str, request: Request, body: FormOrJson, _turn: Turn) -> Response:
    """Add a message to the conversation; the ticket comes back to whoever handles it."""
    state = state_of(request)
    with state.database.read_only() as session:
        opened = status_token.find(session, state.keys, token)
        known = (
            status_rows.read(session, opened) if opened is not None and opened.ticket_id and not opened.moved else None
        )
    if opened is None or known is None:
        return status_token.unknown(request)
    throttle.count(request, "follow-up", throttle.COMMENTS_AN_HOUR)
    account, channel = follow_up.door(state, known)
    if account is None:
        raise NotFound("follow_up", _("Add something by answering our mail."))
    text, most = body.fields.get("text", ""), channel.limits.max_length if channel else None
    wrong = TEXT_EMPTY if not text.strip() else TEXT_LONG if most is not None and len(text.strip()) > most else ""
    if wrong:
        said = translated(language_of(request), wrong).replace("%(most)s", str(most))
        return _page(request, opened, known, token, typed=text, wrong=said, code=400)
    try:
        follow_up.send(request, account, opened, known, token, body.fields)
    except ChannelError:
        said = translated(language_of(request), _("This could not be read. Look at it and send it again."))
        return _page(request, opened, known, token, typed=text, wrong=said, code=400)
    return RedirectResponse(f"/status/{token}?sent=1&lang={language_of(request)}", 303, headers=PRIVATE)


def _page(
    request: Request, opened: Opened, known: Status, token: str, *, typed: str = "", wrong: str = "", code: int = 200
) -> Response:
    language = language_of(request)
    reached = stage(known)
    context: dict[str, Any] = {
        "asset": asset,
        "reference": reference.of(opened.ticket_id),
        "known": known,
        "stages": [translated(language, name) for name in STAGES],
        "reached": reached,
        "explained": translated(language, explained(known, reached)),
        "shown": lambda said: {name: translated(language, text) for name, text in on_the_page(said).items()},
        "token": token,
        "can_add": follow_up.door(state_of(request), known)[0] is not None,
        "id": secrets.token_hex(12),
        "typed": typed,
        "wrong": wrong,
        "sent": "sent" in request.query_params,
    }
    return page(request, "public/status.html", context, status=code, headers=PRIVATE)


def stage(known: Status) -> int:
    """Where it stands, in four steps that a citizen knows. Pure."""
    match known.status:
        case TicketStatus.CLOSED:
            return CLOSED
        case TicketStatus.SOLVED:
            return ANSWERED if known.answered else CLOSED
        case TicketStatus.NEW:
            return RECEIVED
    return ANSWERED if known.answered else HANDLED


def explained(known: Status, reached: int) -> str:
    """One sentence about it, marked for translation. Pure."""
    unanswered = not any(said.ours for said in known.said)
    return READ_ONLY if reached == CLOSED and unanswered and not known.answer_needed else EXPLAINED[reached]


def on_the_page(said: Said) -> Mapping[str, str]:
    """Where a comment stands on its page, and why; nothing for what was never to be published. Pure."""
    if said.publication is None:
        return {}
    state = Publication.WITHDRAWN if said.withdrawn else said.publication
    found = {"state": PUBLISHED[state]}
    if state is Publication.HELD and said.held in HELD:
        found["why"] = HELD[said.held]
    return found
