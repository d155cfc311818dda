"""A small, plainly fictional office for the desk's tests: teams, colleagues, a mailbox, a site, and tickets that came in."""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from pydantic import SecretStr
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from app import clock
from app.accounts import change
from app.channels.mail.settings import MailSettings
from app.channels.registry import kind
from app.identity import staff
from app.models import Agent, Contact, ContactAddress, Decision, Policy, RawItem, Template, Theme, Ticket, WorldVersion
from app.storage.keys import Keys
from app.tickets.create import NewMessage, NewTicket, append, open_ticket
from app.vocabulary import AddressKind, Language, Presence, Role, TeamMode
from tests.web import made

_numbers = count(1)

LAMP = """Goedemiddag,

Op de hoek van de Proefstraat en het Testplein brandt de lantaarnpaal al een week niet. Het is daar 's avonds erg donker, \
en er komen veel kinderen langs op de fiets.

Kunt u er iets aan doen?

Op 3 november schreef Gemeente Voorbeeldstad:
> Bedankt voor uw bericht over de Proefstraat.
> Wij hebben het doorgegeven.

Met vriendelijke groet,
Inwoner Een"""


WAITING = (
    "Boom hangt over het fietspad", "Vraag over de nieuwe lantaarns", "Verkeersdrempel gewenst in de Testlaan",
    "Straatnaambord is weg", "Complimenten voor de snelle reparatie",
)  # fmt: skip
THEMES = {
    "licht": ("Straatverlichting", "Street lighting"),
    "wegen": ("Wegen en stoepen", "Roads and pavements"),
    "groen": ("Bomen en groen", "Trees and green"),
}
BLOCKS = {
    "Groet": "Met vriendelijke groet,\nGemeente Voorbeeldstad",
    "Doorgegeven": "Wij hebben uw melding {reference} doorgegeven aan onze monteurs.",
}


@dataclass
class Office:
    """Ids of what stands in the database, and the people who can sign in."""

    streets: int = 0
    green: int = 0
    themes: dict[str, int] = field(default_factory=dict)
    mailbox: int = 0
    ada: made.Person = field(default=made.Person(0, "", "", ""))
    ben: made.Person = field(default=made.Person(0, "", "", ""))
    chief: made.Person = field(default=made.Person(0, "", "", ""))
    tickets: list[int] = field(default_factory=list)

    def arrives(self, session: Session, subject: str = "Lantaarnpaal stuk", text: str = LAMP, **columns: Any) -> int:
        """A new ticket by mail, waiting in the streets' queue unless `columns` say otherwise."""
        contact, address = _citizen(session, columns.pop("citizen", "Inwoner Een"))
        place = {
            "account_id": self.mailbox,
            "theme_id": self.themes["licht"],
            "team_id": self.streets,
            "language": "nl",
        }
        moment = clock.now() - columns.pop("ago", timedelta(minutes=20))
        later = {name: columns.pop(name) for name in list(columns) if name not in NewTicket.__slots__}
        ticket = NewTicket(**{**place, "received_at": moment, "contact_id": contact, "subject": subject, **columns})
        opened = open_ticket(session, ticket, _said(self.mailbox, contact, address, text, subject, moment))
        values = {"due_at": ticket.due_at or clock.now() + timedelta(hours=6), "decision_id": 0, **later}
        session.execute(update(Ticket).where(Ticket.id == opened.ticket_id).values(**values))
        self.tickets.append(opened.ticket_id)
        return opened.ticket_id

    def writes_again(self, session: Session, ticket_id: int, text: str = "Is er al nieuws?") -> int:
        """The citizen of a ticket writes again; the message's id."""
        contact = session.get_one(Ticket, ticket_id).contact_id
        address = session.query(ContactAddress.id).where(ContactAddress.contact_id == contact).limit(1).scalar()
        message = _said(self.mailbox, contact or 0, address, text, "Re: Lantaarnpaal stuk", clock.now())
        return append(session, ticket_id, message).message_id


def _citizen(session: Session, name: str) -> tuple[int, int]:
    number = next(_numbers)
    contact = session.execute(insert(Contact).values(name=name, language="nl").returning(Contact.id)).scalar_one()
    row = {"contact_id": contact, "kind": AddressKind.EMAIL, "address": f"inwoner{number}@voorbeeld.example"}
    return contact, session.execute(insert(ContactAddress).values(row).returning(ContactAddress.id)).scalar_one()


def _said(account: int, contact: int, address: int | None, text: str, title: str, moment: Any) -> NewMessage:
    number = next(_numbers)
    start, end = text.find("Op 3 november schreef"), text.find("\n\nMet vriendelijke groet")
    folds = [[start, end, "quote"], [end + 2, len(text), "signature"]] if 0 < start < end else []
    return NewMessage(
        account_id=account, contact_id=contact, address_id=address, author_name="Inwoner Een", text=text, title=title,
        identity=f"desk-{number}", external_id=f"<desk-{number}@voorbeeld.example>", folds=folds, language="nl",
        received_at=moment,
    )  # fmt: skip


def build(session: Session, keys: Keys) -> Office:
    """Two teams (one by next, one by push), three colleagues, themes, a mailbox, text blocks."""
    office = Office()
    organisation = made.organisation(session)
    office.streets = staff.create_team(
        session, organisation_id=organisation, name="Straten en licht", mode=TeamMode.NEXT
    )
    office.green = staff.create_team(session, organisation_id=organisation, name="Groen", mode=TeamMode.PUSH)
    for key, (nl, en) in THEMES.items():
        team = office.green if key == "groen" else office.streets
        theme = insert(Theme).values(key=key, name_nl=nl, name_en=en, team_id=team, active=True)
        office.themes[key] = session.execute(theme.returning(Theme.id)).scalar_one()
    settings = MailSettings(
        address="info@voorbeeldstad.example", display_name="Gemeente Voorbeeldstad", imap_host="localhost", imap_user="info",
        imap_password=SecretStr("geheim"), smtp_host="localhost",
    )  # fmt: skip
    office.mailbox = change.create(
        session, keys, organisation_id=organisation, kind=kind("mail").key, name="Postbus info@", settings=settings
    )
    office.ada = made.person(session, "Ada Voorbeeld", team_id=office.streets)
    office.ben = made.person(session, "Ben Proef", team_id=office.streets)
    office.chief = made.person(session, "Chef Demo", Role.ADMIN, team_id=office.streets, lead=True)
    session.execute(update(Agent).values(presence=Presence.AVAILABLE))
    for name, text in BLOCKS.items():
        block = {
            "purpose": "block",
            "name": name,
            "language": Language.DUTCH,
            "text": text,
            "title": "",
            "active": True,
        }
        session.execute(insert(Template).values(block))
    return office


def decided(session: Session, ticket_id: int, steps: list[dict[str, Any]], **chosen: int | None) -> int:
    """A stored decision with this trace, as routing records one."""
    policy = session.execute(insert(Policy).values(rules=[]).returning(Policy.id)).scalar_one()
    digest = {"digest": f"digest-{next(_numbers)}", "staff": {}}
    world = session.execute(insert(WorldVersion).values(digest).returning(WorldVersion.id)).scalar_one()
    row: dict[str, Any] = {
        "ticket_id": ticket_id, "engine_version": 1, "policy_id": policy, "world_version_id": world,
        "facts": {}, "trace": steps, "outcome": {}, **chosen,
    }  # fmt: skip
    decision: int = session.execute(insert(Decision).values(row).returning(Decision.id)).scalar_one()
    session.execute(update(Ticket).where(Ticket.id == ticket_id).values(decision_id=decision))
    return decision


def busy_day(session: Session, office: Office) -> None:
    """A believable morning: some work in hand, some waiting, one late, one urgent."""
    now = clock.now()
    ada: dict[str, Any] = {"agent_id": office.ada.id, "status": "open"}
    roads: dict[str, Any] = {**ada, "theme_id": office.themes["wegen"]}
    first = office.arrives(session, **ada)
    tile = {"citizen": "Mevrouw Proefpersoon", "ago": timedelta(days=2), "due_at": now - timedelta(hours=5)}
    office.arrives(session, "Losse stoeptegel voor de bibliotheek", "Ik struikelde er bijna over.", **tile, **roads)
    hole = {"citizen": "Fietser Twee", "priority": "urgent", "rank": 0, "due_at": now + timedelta(hours=1)}
    office.arrives(session, "Gat in het fietspad", "Er zit een diep gat in het fietspad bij de brug.", **hole, **roads)
    for number, subject in enumerate(WAITING):
        when = {"ago": timedelta(hours=number + 1), "due_at": now + timedelta(hours=3 + 5 * number)}
        said = "Goedendag, hierbij een vraag over mijn straat."
        office.arrives(session, subject, said, citizen=f"Inwoner {number + 2}", **when)
    trees = {"theme_id": office.themes["groen"], "team_id": office.green, "citizen": "Vereniging Voorbeeld"}
    office.arrives(session, "Kapvergunning", "Waarom moeten er zoveel bomen weg?", **trees)
    chosen = {"theme_id": office.themes["licht"], "team_id": office.streets, "agent_id": office.ada.id}
    decided(session, first, trace(office), **chosen)


def aside(session: Session, office: Office) -> int:
    """An item that could not be understood; its id."""
    row = {
        "account_id": office.mailbox, "key": f"imap:1:{next(_numbers)}", "media_type": "message/rfc822", "size": 10,
        "state": "set_aside", "reason": "unreadable", "error": "Traceback: no boundary", "meta": {}, "completed": {}, "tries": 3,
    }  # fmt: skip
    return int(session.execute(insert(RawItem).values(row).returning(RawItem.id)).scalar_one())


def trace(office: Office) -> list[dict[str, Any]]:
    """A whole decision: a rule, a theme, a team, people who fell away, and a choice."""
    return [
        {
            "check": "rule",
            "outcome": "matched",
            "params": {"rule": "lantaarns", "set": {"theme": office.themes["licht"]}},
        },
        {"check": "theme", "outcome": "by_rule", "params": {"theme": office.themes["licht"]}},
        {"check": "priority", "outcome": "as_given", "params": {"priority": "normal"}},
        {"check": "team", "outcome": "by_theme", "params": {"team": office.streets, "left": 3}},
        {"check": "skills", "outcome": "not_asked", "params": {}},
        {"check": "presence", "outcome": "kept", "params": {"left": 2}, "dropped": [office.chief.id]},
        {"check": "preference", "outcome": "least_loaded", "params": {"agent": office.ada.id, "load": 30}},
    ]
