"""Accounts: the configured channels, their settings and how they are doing."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts import change, health, sealed
from app.accounts.directory import COLUMNS, Accounts, read_row
from app.api import changes, pages
from app.api.asked import AccountsRead, AccountsWrite, After, Limit, Number, administrator
from app.api.organisations import or_own
from app.api.schemas.accounts import (
    Account,
    AccountChange,
    AccountSettings,
    Checked,
    Health,
    Kind,
    ListedAccount,
    NewAccount,
)
from app.errors import Conflict, Fault, Invalid
from app.models import Account as Row
from app.models import AccountState
from app.web import etag
from app.web.etag import Expected
from app.web.idempotency import Made, OnceOnly
from app.web.state import State, state_of
from app.web.transaction import Transaction

router = APIRouter(prefix="/accounts", tags=["accounts"])
kinds = APIRouter(prefix="/account-kinds", tags=["accounts"])
_HEALTH = (
    *(getattr(AccountState, name) for name in Health.model_fields if name != "found"),
    AccountState.health.label("found"),
)
_STATE = select(*_HEALTH)


@kinds.get("")
def list_kinds(request: Request, me: AccountsRead) -> list[Kind]:
    """The kinds of channel that this installation has."""
    accounts = state_of(request).accounts
    return [
        Kind(
            key=kind.key,
            labels=dict(kind.labels),
            capabilities=list(accounts.capabilities(kind.key)),
            settings_schema=kind.settings.model_json_schema(),
        )
        for kind in sorted(accounts.kinds.values(), key=lambda kind: kind.key)
    ]


@router.get("")
def list_accounts(
    request: Request, session: Transaction, me: AccountsRead, after: After = None, limit: Limit = 100
) -> pages.Page[ListedAccount]:
    """All accounts with how they are doing, by id."""
    query = select(*COLUMNS, *_HEALTH).join(AccountState, AccountState.account_id == Row.id)
    rows = session.execute(query.where(Row.id > (after or 0)).order_by(Row.id).limit(limit + 1)).all()
    following = rows[limit - 1].id if len(rows) > limit else None
    return pages.Page[ListedAccount](items=[_listed(request, row) for row in rows[:limit]], next=following)


@router.post("", status_code=201, response_model=Account)
def create_account(
    body: NewAccount, request: Request, session: Transaction, me: AccountsWrite, once: OnceOnly
) -> Response:
    """Configure a channel."""
    administrator(me)
    state = state_of(request)

    def make() -> Made:
        kind = state.accounts.kind(body.kind)
        values = body.model_dump(exclude={"settings", "organisation_id"})
        settings = _settings(kind.settings, body.settings)
        owner = or_own(session, body.organisation_id)
        made = change.create(session, state.keys, organisation_id=owner, settings=settings, by=me.agent_id, **values)
        return Made(_read(session, request, made), f"/api/v1/accounts/{made}", headers=etag.headers(1))

    return once(me, body, make)


@router.get("/{account}", response_model=Account)
def read_account(account: Number, request: Request, session: Transaction, me: AccountsRead) -> Response:
    """One account, without its settings."""
    return changes.told(_read(session, request, account))


@router.patch("/{account}", response_model=Account)
def change_account(
    account: Number, body: AccountChange, request: Request, session: Transaction, me: AccountsWrite, expected: Expected
) -> Response:
    """Change what is given; every process uses it within a second."""
    administrator(me)
    session.execute(select(Row.id).where(Row.id == account).with_for_update())
    state, before = state_of(request), read_row(session, account)
    if expected not in (None, before.version):
        raise Conflict("changed", "The account changed since you last saw it. Read it again, then decide.")
    values = dict(changes.given(body))
    if "settings" in values:
        values["settings"] = _changed(state, account, before.kind, values["settings"])
    change.update_account(session, state.keys, account, by=me.agent_id, **values)
    return changes.told(_read(session, request, account))


@router.get("/{account}/settings", response_model=AccountSettings)
def read_settings(account: Number, request: Request, session: Transaction, me: AccountsRead) -> Response:
    """The settings of an account; secrets are never told."""
    administrator(me)
    row = read_row(session, account)
    settings = state_of(request).accounts.settings(account, row.kind)
    return changes.told(AccountSettings(version=row.version, settings=sealed.shown(settings)))


@router.get("/{account}/health")
def read_health(account: Number, session: Transaction, me: AccountsRead) -> Health:
    """How reading this account goes."""
    return changes.read(session, _STATE.where(AccountState.account_id == account), Health, "account")


@router.post("/{account}/check")
def check_account(account: Number, request: Request, session: Transaction, me: AccountsWrite) -> Checked:
    """Ask the service now whether it can be reached, with which rights."""
    administrator(me)
    session.rollback()  # the token was looked up in it; no transaction is open while the service is asked
    state = state_of(request)
    found = state.accounts.channel(account).check()
    health.checked(session, account, found)
    return Checked(problem=found.problem, missing_scopes=list(found.missing_scopes), expires_at=found.expires_at)


@router.post("/{account}/try", status_code=202)
def try_account(account: Number, session: Transaction, me: AccountsWrite) -> None:
    """Read it now, instead of when its wait is over."""
    administrator(me)
    read_row(session, account)
    health.try_now(session, account)


def _changed(state: State, account: int, kind: str, given: Mapping[str, Any]) -> Any:
    before = state.accounts.settings(account, kind)
    return _settings(type(before), given, before)


def _settings(model: Any, given: Mapping[str, Any], before: Any = None) -> Any:
    try:
        return sealed.read(model, dict(given), before)
    except Invalid as error:
        faults = [Fault(f"settings.{fault.field}", fault.code, fault.fix) for fault in error.faults]
        raise Invalid(error.code, error.fix, faults) from None


def _read(session: Session, request: Request, account: int) -> Account:
    return _shown(request, read_row(session, account))


def _listed(request: Request, row: Any) -> ListedAccount:
    health = Health.model_validate({name: getattr(row, name) for name in Health.model_fields})
    return ListedAccount(**dict(_shown(request, row)), health=health)


def _shown(request: Request, row: Any) -> Account:
    state = state_of(request)
    values = {name: getattr(row, name) for name in Account.model_fields if hasattr(row, name)}
    address = f"{state.settings.base_url}/hooks/{row.public_key}"
    return Account(**values, public_url=address, capabilities=_capabilities(state.accounts, row.kind))


def _capabilities(accounts: Accounts, kind: str) -> list[str]:
    return list(accounts.capabilities(kind)) if kind in accounts.kinds else []
