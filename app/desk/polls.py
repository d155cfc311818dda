"""Polls at the desk: make one, look at it as voters will, publish, close, answer; the result.

Leads and administrators make and close polls and may see counts before the closing; everybody else sees them afterwards.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts import mailboxes
from app.desk import poll_form
from app.desk.frame import Notice, go, show, trouble
from app.desk.poll_form import Typed
from app.desk.posted import Posted, number, text_of
from app.errors import DomainError
from app.identity.principal import Principal
from app.models import Process
from app.polls import account, count, invite, invite_by_mail, make
from app.polls.poll import PollState, View, by_id, listed
from app.polls.questions import MOST_QUESTIONS, QuestionKind
from app.tickets import lists
from app.vocabulary import Language, Role
from app.web import poll_words
from app.web.i18n import _, translated
from app.web.principal import CurrentAgent
from app.web.state import state_of
from app.web.text import Text
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk/polls", include_in_schema=False)
PAGE, WRITTEN = 50, 25

STATES = {PollState.DRAFT: _("Draft"), PollState.OPEN: _("Open for voting"), PollState.CLOSED: _("Closed")}
KINDS = {
    QuestionKind.SINGLE: _("One answer"),
    QuestionKind.MULTIPLE: _("Several answers"),
    QuestionKind.SCALE: _("A scale"),
    QuestionKind.OPEN: _("In one's own words"),
}


@router.get("")
def all_polls(request: Request, session: Transaction, me: CurrentAgent, after: int = 2**62) -> Response:
    """Every poll, newest first."""
    rows = listed(session, after=after, limit=PAGE + 1)
    more = rows[PAGE - 1].id if len(rows) > PAGE else None
    context = {**_words(me), "polls": rows[:PAGE], "more": more, "runs": runs(me)}
    return show(request, session, me, "polls.html", context)


@router.get("/new")
def blank(request: Request, session: Transaction, me: CurrentAgent) -> Response:
    """The form of a new poll."""
    make.may_run(me)
    return _form(request, session, me, None, Typed())


@router.post("/new")
def create(request: Request, session: Transaction, me: CurrentAgent, posted: Posted) -> Response:
    """Make it as a draft; the other buttons of the form store nothing."""
    make.may_run(me)
    state = state_of(request)

    def write(typed: Typed) -> int:
        draft = poll_form.draft(typed)
        return make.make(session, me, account.ensure(session, state.keys, state.accounts, typed.account_id), draft)

    return _store(request, session, me, None, poll_form.of_form(posted), text_of(posted, "do"), write)


@router.get("/{poll_id}")
def one(request: Request, session: Transaction, me: CurrentAgent, poll_id: int) -> Response:
    """Where it stands, and what may be done with it."""
    return page_of(request, session, me, by_id(session, poll_id))


@router.get("/{poll_id}/edit")
def edit(request: Request, session: Transaction, me: CurrentAgent, poll_id: int) -> Response:
    """The form of a draft."""
    make.may_run(me)
    return _form(request, session, me, poll_id, poll_form.of_poll(by_id(session, poll_id)))


@router.post("/{poll_id}/edit")
def change(request: Request, session: Transaction, me: CurrentAgent, poll_id: int, posted: Posted) -> Response:
    """Change a draft."""
    make.may_run(me)

    def write(typed: Typed) -> int:
        make.change(session, me, poll_id, poll_form.draft(typed), typed.version)
        return poll_id

    return _store(request, session, me, poll_id, poll_form.of_form(posted), text_of(posted, "do"), write)


@router.post("/{poll_id}/publish")
def publish(request: Request, session: Transaction, me: CurrentAgent, poll_id: int) -> Response:
    """Open the voting."""
    return _do(request, session, me, poll_id, lambda: make.publish(session, me, poll_id))


@router.post("/{poll_id}/close")
def close(request: Request, session: Transaction, me: CurrentAgent, poll_id: int) -> Response:
    """End the voting; the result is shown from now on."""
    return _do(request, session, me, poll_id, lambda: make.close(session, me, poll_id))


@router.post("/{poll_id}/answer")
def answer(request: Request, session: Transaction, me: CurrentAgent, poll_id: int, posted: Posted) -> Response:
    """The answer to everybody who left no address."""
    nl, en = text_of(posted, "nl"), text_of(posted, "en")
    return _do(request, session, me, poll_id, lambda: make.answer_all(session, me, poll_id, nl=nl, en=en))


@router.post("/{poll_id}/mailbox")
def mailbox(
    request: Request,
    session: Transaction,
    me: CurrentAgent,
    poll_id: int,
    mail_account_id: Annotated[Text, Form()] = "",
) -> Response:
    """By which mailbox people who left an address are answered, in all polls of this account."""
    make.may_run(me)
    account_id = by_id(session, poll_id).account_id
    chosen = number(mail_account_id)
    return _do(request, session, me, poll_id, lambda: account.answer_by(session, account_id, chosen))


def _do(request: Request, session: Session, me: Principal, poll_id: int, act: Callable[[], None]) -> Response:
    try:
        with session.begin_nested():
            act()
    except DomainError as error:
        return page_of(request, session, me, by_id(session, poll_id), error)
    return go(f"/desk/polls/{poll_id}", "changed")


def _store(
    request: Request, session: Session, me: Principal, poll_id: int | None, typed: Typed, do: str,
    write: Callable[[Typed], int],
) -> Response:  # fmt: skip
    if do != "save":
        return _form(request, session, me, poll_id, typed)
    try:
        with session.begin_nested():
            made = write(typed)
    except DomainError as error:
        return _form(request, session, me, poll_id, typed, error)
    return go(f"/desk/polls/{made}", "saved")


def _form(
    request: Request,
    session: Session,
    me: Principal,
    poll_id: int | None,
    typed: Typed,
    error: DomainError | None = None,
) -> Response:
    name = Process.name_nl if me.language is Language.DUTCH else Process.name_en
    context = {
        **_words(me), "typed": typed, "poll_id": poll_id, "most": MOST_QUESTIONS, "faults": _faults(error),
        "processes": session.execute(select(Process.id, name).order_by(name)).all(), "accounts": account.listed(session),
    }  # fmt: skip
    notices = [trouble(error, me.language)] if error else []
    return show(request, session, me, "poll_form.html", context, status=400 if error else 200, notices=notices)


def _faults(error: DomainError | None) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for fault in error.faults if error else ():
        found.setdefault(fault.field.replace(".", "-"), []).append(fault.fix)
    return found


def page_of(
    request: Request, session: Session, me: Principal, poll: View, error: DomainError | None = None,
    given: Mapping[str, str] = MappingProxyType({}),
) -> Response:  # fmt: skip
    """The poll's page; after a mistake with what it was and what was `given`."""
    state = state_of(request)
    sees = poll.state is not PollState.DRAFT and make.sees_counts(me, poll)
    result = count.counted(session, poll) if sees else None
    base = f"{state.settings.base_url}/polls/{poll.key}"
    accounts = {row.id: row.mail_account_id for row in account.listed(session)}
    context: dict[str, Any] = {
        **_words(me), "poll": poll, "title": poll.title(me.language), "spoken": me.language, "runs": runs(me),
        "result": result, "apart": poll_words.apart(result, me.language) if result else [], "public_url": base,
        "mailboxes": mailboxes.listed(session, state.accounts, accounts.get(poll.account_id)),
        "preview_url": f"{base}?preview={state.keys.sign('poll preview', str(poll.id))}", "base_url": state.settings.base_url,
        "mailbox": accounts.get(poll.account_id), "invitations": invite.count(session, poll.id),
        "written": _written(session, me, poll),
        "mailed": invite_by_mail.mailed(session, poll.id) if runs(me) else None, "given": given,
    }  # fmt: skip
    notices: list[Notice] = [trouble(error, me.language)] if error else []
    return show(request, session, me, "poll.html", context, status=400 if error else 200, notices=notices)


def _written(session: Session, me: Principal, poll: View) -> Sequence[lists.Line]:
    """The newest tickets that its written answers became, of those that the asker may see."""
    return lists.about(session, me, poll.account_id, f"poll:{poll.key}", limit=WRITTEN)


def _words(me: Principal) -> dict[str, Any]:
    return {
        "poll_state": {state.value: translated(me.language, word) for state, word in STATES.items()},
        "question_kind": {kind.value: translated(me.language, word) for kind, word in KINDS.items()},
    }


def runs(me: Principal) -> bool:
    """Whether they make, publish and close polls."""
    return me.role is not Role.AGENT
