"""The rows of a list as markup.

Why not a template: a list of fifty rows is the page that people open all day, and a template escapes and looks up each of
its thirty values by calls of its own, which made half of the page's time. Here a row is one string, whose parts that others
wrote (subject, name, beginning of the text, names of themes) are escaped, and what all rows share is made once.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from markupsafe import Markup, escape

from app import clock
from app.desk.icons import icons
from app.desk.words import due_state, due_text, labels, since_text
from app.tickets.lists import Line
from app.vocabulary import ACTIVE_STATUSES, Language, Priority
from app.web.i18n import _, translated, translations

FAMILIES = frozenset({"mail", "comments", "phone", "polls", "social"})
TONES = {"new": "accent", "open": "accent", "solved": "good"}
URGENCY = {Priority.URGENT: "bad", Priority.HIGH: "warn"}


def rows(lines: Iterable[Line], language: Language, show_owner: bool = False) -> Markup:
    """One list item per line. `show_owner` names who has it."""
    now = clock.now()
    return Markup("\n").join([_row(line, now, language, show_owner) for line in lines])


def _row(line: Line, now: datetime, language: Language, show_owner: bool) -> Markup:
    owner = _chip("outline", "", line.agent_name, "person") if show_owner and line.agent_name else ""
    return Markup(  # noqa: S704 (each part is markup of ours, or escaped here)
        f'<li data-key="ticket-{line.id}"><div class="ticket-row{" is-new" if line.status == "new" else ""}">'
        f'{_channel(line.account_kind, line.account_name)}<div class="what">'
        f'<a class="subject" href="/desk/tickets/{line.id}">{escape(line.subject) or _said(language, NO_SUBJECT)}</a>'
        f'<p class="who"><span>{_hidden(language, FROM)}{_sender(line, language)}</span></p></div>'
        f'<p class="about">{_about(line, language)}</p>{_due(line, now, language)}'
        f'<p class="state">{_state(line.priority, line.status, language)}{owner}</p></div></li>'
    )


def _sender(line: Line, language: Language) -> str:
    name = escape(line.contact_name) if line.contact_name else _said(language, NOBODY)
    return f"{name} — {escape(line.snippet)}" if line.snippet else str(name)


def _about(line: Line, language: Language) -> str:
    theme = line.theme_nl if language is Language.DUTCH else line.theme_en
    made = _chip("", _said(language, THEME), theme, "") if theme else ""
    if line.campaign_size > 1:
        senders = translations(language).ngettext("%(num)s sender", "%(num)s senders", line.campaign_size)
        made += _chip("accent", "", senders % {"num": line.campaign_size}, "campaign")
    if line.confidentiality != "normal":
        made += _chip("warn", "", labels(language)["confidentiality"][line.confidentiality], "lock")
    return made


def _due(line: Line, now: datetime, language: Language) -> str:
    """When it is due while it is open, else when it came."""
    if line.status not in ACTIVE_STATUSES:
        said, moment, state, sign = since_text(line.received_at, now, language), line.received_at, "", "history"
    else:
        state = due_state(line.due_at, now)
        said, moment, sign = due_text(line.due_at, now, language), line.due_at, "alert" if state == "late" else "clock"
    return f'<span class="due {state}">{icons()[sign]}<time datetime="{moment.isoformat()}">{said}</time></span>'


@lru_cache(maxsize=256)
def _state(priority: Priority, status: str, language: Language) -> str:
    words, urgent = labels(language), ""
    if priority in URGENCY:
        urgent = _chip(URGENCY[priority], _said(language, PRIORITY), words["priority"][priority], "up")
    return urgent + _chip(TONES.get(status, "outline"), _said(language, STATUS), words["status"][status], "")


@lru_cache(maxsize=512)
def _channel(kind: str, account: str) -> str:
    family = kind.partition(".")[0]
    sign, name = icons()[family if family in FAMILIES else "channel"], escape(account)
    return f'<span class="channel" title="{name}">{sign}<span class="hidden-text">{name}: </span></span>'


@lru_cache(maxsize=1024)
def _chip(tone: str, label: str, text: str, sign: str) -> str:
    before = f'<span class="hidden-text">{label}: </span>' if label else ""
    return f'<span class="chip {tone}">{icons()[sign] if sign else ""}{before}<span class="cut">{escape(text)}</span></span>'


@lru_cache(maxsize=64)
def _hidden(language: Language, text: str) -> str:
    return f'<span class="hidden-text">{_said(language, text)}: </span>'


@lru_cache(maxsize=64)
def _said(language: Language, text: str) -> str:
    return str(escape(translated(language, text)))


NO_SUBJECT, NOBODY, FROM = _("(no subject)"), _("unknown sender"), _("From")
THEME, PRIORITY, STATUS = _("Theme"), _("Priority"), _("Status")
