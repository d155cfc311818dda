"""The frame of every page of the desk: what the rail shows, in which words, and what has just been done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi import Request
from markupsafe import Markup
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from app import clock
from app.desk import rail
from app.desk.assets import asset
from app.desk.refusals import said
from app.desk.words import due_state, due_text, worder
from app.errors import DomainError
from app.identity.principal import Principal
from app.vocabulary import Language
from app.web.i18n import _, language_of, translated
from app.web.state import state_of
from app.web.templates import environment, page

# What a page says after something was done: its address carries the code (`?said=`), never a text.
SAID: Mapping[str, str] = {
    "taken": _("The ticket is yours."),
    "handed_over": _("Handed over."),
    "replied": _("Your answer goes out when the time to call it back is over."),
    "kept_for_release": _("Saved for release: a colleague with the mandate looks at it and sends it."),
    "released": _("Released: the answer goes out when the time to call it back is over."),
    "called_back": _("Called back; your text is in the answer box again."),
    "taking_back": _("It is being taken back; the conversation shows when that is done."),
    "correcting": _("The correction is on its way; the conversation shows when it stands there."),
    "noted": _("The note is in the conversation, for colleagues only."),
    "no_answer": _("Marked: no answer needed."),
    "changed": _("Changed."),
    "saved": _("Saved."),
    "draft_saved": _("Draft saved."),
    "accepted": _("Accepted: the two are one conversation now."),
    "declined": _("Declined: the ticket stays on its own."),
    "merged": _("Merged. It can be undone."),
    "unmerged": _("Taken apart again."),
    "moderated": _("Done; the author can see it on the status page."),
    "settled": _("Noted."),
    "attached": _("The file is with your draft."),
    "released_item": _("It is tried again now."),
    "discarded": _("Discarded; the reason is kept."),
    "none_left": _("There is nothing in your queues that you could take now."),
    "checked": _("The connection works."),
    "connected": _("Connected. Reactions come in from now on."),
    "disconnected": _("Disconnected. What came in and went out stays."),
    "disconnected_here": _(
        "Disconnected here. The service did not end our rights: end them there, among the apps that the account allows."
    ),
    "spam": _("Marked as spam: it is out of the queues."),
    "no_spam": _("No spam after all: it is back."),
}

WARNING = frozenset({"none_left", "disconnected_here"})


@dataclass(frozen=True, slots=True)
class Notice:
    """One message at the top of a page. `tone`: good, warn or bad. `text` is already in the reader's language."""

    text: str
    tone: str = "good"
    faults: Sequence[str] = ()


def show(
    request: Request,
    session: Session,
    me: Principal,
    name: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
    notices: Sequence[Notice] = (),
) -> Response:
    """A page within the frame, in the agent's own language."""
    settings, shown = state_of(request).settings, rail.read(session, me)
    frame = {
        **plain(request, me.language),
        "me": me,
        "rail": shown,
        "notices": [*_said(request, me.language), *notices],
        "sheets": _sheets(me.language, me.preferences.get("shortcuts") == "off"),
        "stream_url": f"/desk/events?after={shown.newest_event}",
        "session_idle": settings.session_idle_minutes * 60_000,
        "session_ends": max(0, int((request.state.session_ends - clock.now()).total_seconds() * 1000)),
    }
    return page(request, f"desk/{name}", {**frame, **context}, status=status, language=me.language)


def plain(request: Request, language: Language) -> dict[str, Any]:
    """What also a page without a signed-in agent needs."""
    return {
        "me": None,
        "path": request.url.path,
        "asset": asset,
        "word": worder(language),
        "due_state": due_state,
        "due_text": lambda moment: due_text(moment, clock.now(), language),
        "say": lambda text: said(language, text),
    }


def trouble(error: DomainError, language: Language) -> Notice:
    """What went wrong, as a notice."""
    faults = [said(language, fault.fix) for fault in error.faults]
    return Notice(
        said(language, error.fix), "bad", [text for text in dict.fromkeys(faults) if text != said(language, error.fix)]
    )


def go(address: str, done: str = "") -> Response:
    """After a form: to a page that can be reloaded, which says what was done."""
    path, mark, anchor = address.partition("#")
    sign = "&" if "?" in path else "?"
    return RedirectResponse(f"{path}{sign}said={done}{mark}{anchor}" if done else address, 303)


def spoken(request: Request, me: Principal | None) -> Language:
    """The language of a page that may have nobody signed in."""
    return me.language if me is not None else language_of(request)


@cache
def _sheets(language: Language, off: bool) -> Markup:
    """What every page carries hidden: the list of keys, the warning, the words for script. The same for everybody."""
    context = {"shortcuts_off": off}
    return Markup(environment(language).get_template("desk/sheets.html").render(context))  # noqa: S704 (our own template)


def _said(request: Request, language: Language) -> list[Notice]:
    code = request.query_params.get("said", "")
    text, tone = SAID.get(code), "warn" if code in WARNING else "good"
    return [Notice(translated(language, text), tone)] if text else []
