"""Fills an empty installation with Voorbeeldstad, through the same doors that real reactions come by."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.accounts.change import create as create_account
from app.assignment import policies
from app.assignment.route import Router
from app.channels.contract import WebhookRequest
from app.clock import now
from app.demo import polling, town
from app.identity import staff
from app.identity.passwords import passwords
from app.identity.principal import SYSTEM
from app.intake.admit import admit_waiting
from app.intake.means import Means
from app.intake.receive import receive
from app.models import Account, Site, Template, Theme
from app.system import System
from app.vocabulary import Language

FORM = "comments.form"


@dataclass(frozen=True, slots=True)
class Demo:
    """What a newcomer needs to know. `base_url` is where this installation is reached."""

    base_url: str
    fresh: bool

    @property
    def words(self) -> str:
        """For a terminal."""
        return (
            "\n"
            f"  Voorbeeldpagina / example page   {self.base_url}/example\n"
            f"  Bureau / desk                    {self.base_url}/desk\n"
            f"    medewerker / employee          {town.CLERK}\n"
            f"    beheerder / administrator      {town.ADMIN}\n"
            f"    wachtwoord / password          {town.PASSWORD}\n"
        )


def demo(system: System) -> Demo:
    """Make the municipality unless somebody already works here; safe to run at every start."""
    with system.database.unit_of_work() as session:
        fresh = staff.own_organisation(session) is None
        if fresh:
            _people(session, system)
            _site(session, system)
    if fresh:
        _reactions(system)
    return Demo(system.settings.base_url, fresh)


def _people(session: Session, system: System) -> None:
    hashes = passwords(system.settings.password_cost)
    organisation = staff.create_organisation(session, **town.ORGANISATION)  # type: ignore[arg-type]
    teams = {
        key: staff.create_team(session, organisation_id=organisation, **columns) for key, columns in town.TEAMS.items()
    }
    for described in town.AGENTS:
        columns = {key: value for key, value in described.items() if key != "teams"}
        agent = staff.create_agent(
            session, hashes, organisation_id=organisation, password=town.PASSWORD, presence_at=now(), **columns
        )
        for team, lead in described["teams"]:
            staff.add_member(session, teams[team], agent, lead=lead)
    themes = {key: _theme(session, key, nl, en, teams[team]) for key, nl, en, team in town.THEMES}
    policies.put_in_force(
        session, SYSTEM, policies.draft(session, SYSTEM, [_rule(rule, themes) for rule in town.RULES])
    )
    for name, language, text in town.TEMPLATES:
        values = {"purpose": "block", "name": name, "language": Language(language), "text": text}
        session.execute(insert(Template).values(values))


def _theme(session: Session, key: str, nl: str, en: str, team: int) -> int:
    values = {"key": key, "name_nl": nl, "name_en": en, "team_id": team}
    made: int = session.execute(insert(Theme).values(values).returning(Theme.id)).scalar_one()
    return made


def _rule(rule: dict[str, Any], themes: dict[str, int]) -> dict[str, Any]:
    return {**rule, "then": {**rule["then"], "theme": themes[rule["then"]["theme"]]}}


def _site(session: Session, system: System) -> None:
    organisation = staff.own_organisation(session)
    assert organisation is not None
    theme = session.scalars(select(Theme.id).where(Theme.key == "overig")).one()
    settings = system.accounts.kind(FORM).settings()
    account = create_account(
        session, system.keys, organisation_id=organisation, kind=FORM, name="Reacties op voorbeeldstad.example",
        settings=settings, theme_id=theme,
    )  # fmt: skip
    values = {
        "account_id": account, "key": town.SITE, "name": "voorbeeldstad.example", "origins": [system.settings.base_url],
        "moderated": False,
    }  # fmt: skip
    session.execute(insert(Site).values(values))


def _reactions(system: System) -> None:
    """A few comments to begin with, by the site's own server, so that no form has to be handed out first; and two polls."""
    means = Means(system.database, system.accounts, system.keys, system.blobs)
    with system.database.read_only() as session:
        account_id = session.scalars(select(Account.id).where(Account.kind == FORM)).one()
    account = system.accounts.row(account_id)
    for number, (name, text, page) in enumerate(town.COMMENTS, start=1):
        body = {"id": f"demo-{number}", "page": page, "page_title": _title(page), "text": text, "name": name}
        request = WebhookRequest(
            "POST", f"{system.settings.base_url}/sites/{town.SITE}/comments", {"content-type": "application/json"},
            json.dumps(body).encode(), "127.0.0.1", now(), caller="site:demo",
        )  # fmt: skip
        receive(means, account, request)
    while admit_waiting(means):
        continue
    polling.polls(system, means)
    router = Router(system.database)
    while router.route_waiting():
        continue


def _title(page: str) -> str:
    return "De groene bak: elke twee weken" if page == town.PAGE else "Onderhoud in het park"
