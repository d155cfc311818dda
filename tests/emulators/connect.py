"""Accounts at emulated services, made in an installation as if somebody had gone through each consent page."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.accounts.change import create, update_account
from app.identity import staff
from app.models import Account, Theme
from app.system import System
from tests.emulators.services import Service


def connect(system: System, service: Service, url: str) -> int:
    """The account of a service whose emulator answers at `url`, made or brought up to date; its id."""
    given: Mapping[str, Any] = service.settings(url)
    settings = system.accounts.kind(service.kind).settings.model_validate(given)
    name = f"{service.name} (nagebootst)"
    with system.database.unit_of_work() as session:
        known = session.scalar(select(Account.id).where(Account.name == name))
        if known is not None:
            update_account(session, system.keys, known, settings=settings)
            return known
        organisation = staff.own_organisation(session)
        assert organisation is not None, "the demo makes one"
        theme = session.scalar(select(Theme.id).where(Theme.key == "overig"))
        return create(
            session, system.keys, organisation_id=organisation, kind=service.kind, name=name, settings=settings,
            theme_id=theme,
        )  # fmt: skip


def hook_of(system: System, account_id: int) -> str:
    """Where the world pushes to an account."""
    return f"{system.settings.base_url}/hooks/{system.accounts.row(account_id).public_key}"
