"""Channel accounts: how each is doing, and making or changing one on a form drawn from its kind's own settings.

A new account for comments leads on to its website (`site.py`), without which nobody can comment.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.responses import Response

from app.accounts import change, health, mailboxes, sites
from app.accounts.directory import AccountRow, read_row
from app.accounts.mailboxes import Mailbox
from app.desk import drawn
from app.desk.able import Line, able
from app.desk.allowance import allowance
from app.desk.connect import connection
from app.desk.frame import Notice, go, show, trouble
from app.desk.posted import Posted, choice, must_manage, number
from app.desk.refusals import said
from app.errors import DomainError, NotFound
from app.identity.principal import Principal
from app.identity.staff import own_organisation
from app.models import Account, AccountState, Theme
from app.vocabulary import Language
from app.web.i18n import _, translated
from app.web.principal import CurrentAgent
from app.web.state import state_of
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk/accounts", include_in_schema=False)

_ALL = (
    select(
        Account.id, Account.name, Account.kind, Account.active, AccountState.succeeded_at, AccountState.failing_since,
        AccountState.problem, AccountState.retry_at, AccountState.behind, AccountState.seen, AccountState.unauthentic,
        AccountState.spent, AccountState.health,
    )
    .outerjoin(AccountState, AccountState.account_id == Account.id)
    .order_by(Account.name)
)  # fmt: skip
MAILED = frozenset({"comments", "polls"})
"""Families in which people may leave a mail address that only a mailbox can answer."""
UNSAVED = AccountRow(0, "", "", 0, None, None, Language.DUTCH, True, True, "", 0)


@router.get("")
def listed(request: Request, session: Transaction, me: CurrentAgent) -> Response:
    """Every account with its health."""
    must_manage(me)
    accounts = state_of(request).accounts
    kinds = [(key, kind.labels.get(me.language, key)) for key, kind in sorted(accounts.kinds.items())]
    names = dict(kinds)
    rows = session.execute(_ALL).all()
    allowances = {row.id: allowance(row.health, row.spent, me.language) for row in rows}
    context = {"accounts": rows, "kinds": kinds, "kind_names": names, "allowances": allowances}
    return show(request, session, me, "accounts.html", context)


@router.get("/new")
def blank(request: Request, session: Transaction, me: CurrentAgent, kind: str) -> Response:
    """The form for a new account of a kind."""
    must_manage(me, admin=True)
    return _form(request, session, me, kind, None, None, {})


@router.post("/new")
def create(request: Request, session: Transaction, me: CurrentAgent, posted: Posted, kind: str) -> Response:
    """Make it; with `do=check` the connection is tried first and nothing is stored."""
    must_manage(me, admin=True)
    return _store(request, session, me, kind, None, posted)


@router.get("/{account_id}")
def edit(request: Request, session: Transaction, me: CurrentAgent, account_id: int) -> Response:
    """The form of an account; its secrets are never shown."""
    must_manage(me, admin=True)
    row = read_row(session, account_id)
    settings, shut = _opened(request, row, me.language)
    return _form(request, session, me, row.kind, row, settings, {}, shut)


@router.post("/{account_id}")
def update(request: Request, session: Transaction, me: CurrentAgent, account_id: int, posted: Posted) -> Response:
    """Change it, or check the connection with what is filled in."""
    must_manage(me, admin=True)
    row = read_row(session, account_id)
    return _store(request, session, me, row.kind, row, posted)


@router.post("/{account_id}/try")
def try_now(session: Transaction, me: CurrentAgent, account_id: int) -> Response:
    """Try a failing account again at once."""
    must_manage(me)
    health.try_now(session, account_id)
    return go("/desk/accounts", "changed")


def _store(
    request: Request, session: Session, me: Principal, kind: str, row: AccountRow | None, form: FormData
) -> Response:
    accounts = state_of(request).accounts
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    before = _opened(request, row, me.language)[0] if row is not None else None
    try:
        settings = drawn.read(accounts.kind(kind).settings, given, before)
        if given.get("do") == "check":
            session.rollback()  # no transaction is open while the service is asked
            notice = _checked(request, kind, row, settings, me.language)
            return _form(request, session, me, kind, row, before, given, notice)
        account_id = _save(request, session, me, kind, row, settings, given)
    except DomainError as error:
        session.rollback()
        return _form(request, session, me, kind, row, before, given, trouble(error, me.language), error)
    return go(f"/desk/accounts/{account_id}/site" if row is None and kind == sites.KIND else "/desk/accounts", "saved")


def _opened(request: Request, row: AccountRow, language: Language) -> tuple[BaseModel | None, Notice | None]:
    """The stored settings; None and why where no key opens them, so that they can be entered anew."""
    try:
        return state_of(request).accounts.settings(row.id, row.kind), None
    except DomainError as error:
        return None, trouble(error, language)


def _save(
    request: Request, session: Session, me: Principal, kind: str, row: AccountRow | None, settings: BaseModel,
    given: Mapping[str, str],
) -> int:  # fmt: skip
    columns: dict[str, Any] = {
        "name": given.get("name", "").strip() or kind,
        "theme_id": number(given.get("theme_id")),
        "language": choice(given, "language", Language, Language.DUTCH),
        "receipts": given.get("receipts") == "on",
        "active": given.get("active") == "on",
    }
    if kind.partition(".")[0] in MAILED:
        columns["mail_account_id"] = number(given.get("mail_account_id"))
    keys = state_of(request).keys
    if row is not None:
        change.update_account(session, keys, row.id, settings=settings, by=me.agent_id, **columns)
        return row.id
    organisation = own_organisation(session)
    if organisation is None:
        raise NotFound("organisation", "Make the organisation first.")
    return change.create(
        session, keys, organisation_id=organisation, kind=kind, settings=settings, by=me.agent_id, **columns
    )


def _checked(request: Request, kind: str, row: AccountRow | None, settings: BaseModel, language: Language) -> Notice:
    """Try the connection with these settings, stored or not."""
    known = row or AccountRow(**{**{name: getattr(UNSAVED, name) for name in AccountRow.__slots__}, "kind": kind})
    found = state_of(request).accounts.build(known, settings).check()
    if found.problem is None:
        return Notice(translated(language, _("The connection works. Save to use it.")))
    return Notice(
        translated(language, _("It does not work yet: %(problem)s"), problem=said(language, found.problem)), "bad"
    )


def _form(
    request: Request, session: Session, me: Principal, kind: str, row: AccountRow | None, settings: BaseModel | None,
    given: Mapping[str, str], notice: Notice | None = None, error: DomainError | None = None,
) -> Response:  # fmt: skip
    chosen = state_of(request).accounts.kind(kind)
    label = Theme.name_nl if me.language is Language.DUTCH else Theme.name_en
    context = {
        "kind": kind,
        "kind_name": chosen.labels.get(me.language, kind),
        "row": row,
        "given": given,
        "groups": drawn.grouped(drawn.boxes(chosen.settings, settings, given, me.language)),
        "faults": {drawn.PREFIX + fault.field: fault.fix for fault in error.faults} if error else {},
        "themes": session.execute(select(Theme.id, label).where(Theme.active).order_by(label)).all(),
        "mailboxes": _mailboxes(request, session, row) if kind.partition(".")[0] in MAILED else None,
        "connection": connection(state_of(request), kind, settings) if row else "",
        "public_url": _hook(request, row),
        "able": _able(request, session, row, me.language) if row else (),
    }
    return show(
        request, session, me, "account.html", context, status=400 if error else 200, notices=[notice] if notice else []
    )


def _mailboxes(request: Request, session: Session, row: AccountRow | None) -> list[Mailbox]:
    return mailboxes.listed(session, state_of(request).accounts, row.mail_account_id if row else None)


def _able(request: Request, session: Session, row: AccountRow, language: Language) -> Sequence[Line]:
    """What the account can do as it is stored; nothing for one whose settings cannot be opened, which is said elsewhere."""
    accounts = state_of(request).accounts
    try:
        channel, settings = accounts.channel_of(row), accounts.settings(row.id, row.kind)
    except DomainError:
        return ()
    state = session.get(AccountState, row.id)
    return able(channel, settings, state.health if state else None, state.spent if state else None, language)


def _hook(request: Request, row: AccountRow | None) -> str:
    """Where a service pushes to this account; empty for kinds that nobody pushes to at that address."""
    if row is None or row.kind == sites.KIND or "Receives" not in state_of(request).accounts.capabilities(row.kind):
        return ""
    return f"{state_of(request).settings.base_url}/hooks/{row.public_key}"
