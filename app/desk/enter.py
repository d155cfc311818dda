"""Entering by hand: a call, a letter, a visit, and forty cards of a meeting evening in a row without a mouse.

Without script: the first field has the focus, Tab goes on, Enter in a line saves, and the next card starts with the
evening, theme and language of the last. Script adds Ctrl+Enter from the text itself.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from app import clock
from app.channels.phone_number import e164
from app.desk import around
from app.desk.enter_form import ANSWERS, KEPT, WAYS, Typed, languages, typed, way_of
from app.desk.frame import Notice, go, show, trouble
from app.desk.posted import Posted, number, text_of
from app.desk.words import LABELS, worder
from app.errors import DomainError, Fault, Invalid
from app.identity.principal import Principal
from app.models import Contact
from app.tickets import by_hand, contact_by_hand, lists, reference
from app.tickets.enter import Scan, Way, addresses, enter
from app.web.formats import ZONE
from app.web.i18n import _, translated
from app.web.kept_file import keep
from app.web.principal import CurrentAgent
from app.web.state import state_of
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk/enter", include_in_schema=False)
OTHERS = 5
FOUND = {False: _("Nobody has this number or address yet."), True: _("Found: %(name)s.")}


@router.get("")
def blank(request: Request, session: Transaction, me: CurrentAgent) -> Response:
    """An empty form; what the last card of the same evening had is filled in."""
    asked = request.query_params
    values = {name: asked.get(name, "") for name in KEPT}
    count = number(asked.get("count")) or 0
    notices = [_saved(me, asked.get("last", ""), count)] if count else []
    return _form(request, session, me, values, notices=notices, count=count)


@router.post("")
@router.post("/attachments")
def store(request: Request, session: Transaction, me: CurrentAgent, form: Posted) -> Response:
    """Look up who it is (`do=find`), or write it in and go to the ticket (`do=open`) or the next card (`do=next`)."""
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    if given.get("do") == "find":
        return _found(request, session, me, given, typed(form, _today, ()))
    try:
        with session.begin_nested():
            ticket_id = _write(request, session, me, typed(form, _today, _scans(request, form)))
    except DomainError as error:
        return _form(
            request, session, me, given, notices=[trouble(error, me.language)], error=error, count=_count(form)
        )
    if given.get("do") != "next":
        return go(f"/desk/tickets/{ticket_id}")
    kept = {name: given[name] for name in KEPT if given.get(name)}
    after = {**kept, "count": _count(form) + 1, "last": reference.of(ticket_id)}
    return RedirectResponse(f"/desk/enter?{urlencode(after)}", 303)


def _write(request: Request, session: Session, me: Principal, written: Typed) -> int:
    if written.faults:
        raise Invalid("entry", "Correct what is marked; nothing was lost.", written.faults)
    state = state_of(request)
    account_id = by_hand.account(session, state.accounts, state.keys)
    return enter(session, me, written.entry, account_id=account_id).ticket_id


def _scans(request: Request, form: FormData) -> list[Scan]:
    """The files that came along, stored. Their type is what their content says."""
    files = [file for file in form.getlist("scan") if isinstance(file, UploadFile) and file.filename]
    return [Scan(*keep(state_of(request), file)) for file in files]


def _found(request: Request, session: Session, me: Principal, given: Mapping[str, str], written: Typed) -> Response:
    """The form with who it is, and their open tickets to choose from."""
    wrong = [Fault("phone", "phone", _("Give the whole number, such as 06 12345678, or +49 … from elsewhere."))]
    phone = given.get("phone", "").strip()
    if phone and e164(phone) is None:
        error = Invalid("entry", "Correct what is marked; nothing was lost.", wrong)
        return _form(request, session, me, given, notices=[trouble(error, me.language)], error=error)
    pairs = addresses(written.entry).items()
    known = (contact_by_hand.find(session, kind, address) for kind, address in pairs)
    contact_id = next((contact for contact in known if contact is not None), None)
    name = session.get_one(Contact, contact_id).name if contact_id is not None else ""
    others = lists.all_tickets(session, me, lists.Filters(contact_id=contact_id))[:OTHERS] if contact_id else []
    said = translated(
        me.language, FOUND[contact_id is not None], name=name or translated(me.language, _("unknown sender"))
    )
    values = {**given, "name": given.get("name") or name}
    return _form(request, session, me, values, notices=[Notice(said)], others=others)


def _form(
    request: Request, session: Session, me: Principal, values: Mapping[str, str], *, notices: list[Notice],
    error: DomainError | None = None, others: list[lists.Line] | None = None, count: int = 0,
) -> Response:  # fmt: skip
    way, word = way_of(values.get("way", "")), worder(me.language)
    context: dict[str, Any] = {
        "way": way.value,
        "ways": [(one.value, translated(me.language, label)) for one, label in WAYS.items()],
        "given": {"language": "nl", **{name: value for name, value in values.items() if value}},
        "faults": {_field(fault.field): fault.fix for fault in error.faults} if error else {},
        "themes": around.themes(session, me.language),
        "processes": around.processes(session, me.language),
        "kinds": [(value, word(value, "kind")) for value in LABELS["kind"]],
        "languages": languages(me.language),
        "answers": [(one.value, translated(me.language, label)) for one, label in ANSWERS.items()],
        "others": others or [],
        "today": _today().isoformat(),
        "count": count,
        "in_a_row": way is Way.MEETING,
    }
    return show(request, session, me, "enter.html", context, status=400 if error else 200, notices=notices)


def _field(name: str) -> str:
    return {"theme_id": "theme", "process_id": "process", "ticket_id": "ticket"}.get(name, name)


def _saved(me: Principal, last: str, count: int) -> Notice:
    text = _("Entered as %(reference)s. Number %(count)s in this row.")
    known = reference.of(found) if (found := reference.parse(last)) is not None else "–"
    return Notice(translated(me.language, text, reference=known, count=str(count)))


def _count(form: FormData) -> int:
    return min(number(text_of(form, "count")) or 0, 10_000)


def _today() -> Any:
    return clock.now().astimezone(ZONE).date()
