"""A small municipality for these tests: two teams, a lead, agents, themes, a mail account, citizens. All fictional."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from app.channels.contract import Audience, Limits
from app.identity.principal import Principal
from app.models import Account, Agent, Contact, ContactAddress, Mandate, Organisation, Team, TeamMember, Theme, Ticket
from app.tickets.create import NewMessage, NewTicket, append, open_ticket
from app.vocabulary import AddressKind, Confidentiality, Language, MandateLevel, Role

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MAIL = Limits(
    audience=Audience(public=False, labels={"nl": "Alleen de afzender", "en": "Only the sender"}), max_attachments=5
)

_numbers = count(1)


@dataclass
class Town:
    """Ids of what stands in the database, and the principals who can ask."""

    session: Session
    organisation_id: int = 0
    streets: int = 0  # a team
    parks: int = 0  # another
    roads: int = 0  # the streets' theme
    trees: int = 0  # the parks' theme
    mailbox: int = 0
    admin: Principal = field(default=Principal(0, "", Role.ADMIN))
    lead: Principal = field(default=Principal(0, "", Role.LEAD))
    ann: Principal = field(default=Principal(0, "", Role.AGENT))
    bob: Principal = field(default=Principal(0, "", Role.AGENT))
    cas: Principal = field(default=Principal(0, "", Role.AGENT))

    def agent(
        self, name: str, role: Role = Role.AGENT, teams: Iterable[int] = (), leads: Iterable[int] = ()
    ) -> Principal:
        """A new employee, as who they are when they ask."""
        agent = Agent(
            organisation_id=self.organisation_id,
            email=f"{name}-{next(_numbers)}@voorbeeldstad.example",
            name=name,
            role=role,
        )
        self.session.add(agent)
        self.session.flush()
        leads = frozenset(leads)
        for team in {*teams, *leads}:
            self.session.add(TeamMember(team_id=team, agent_id=agent.id, lead=team in leads))
        self.session.flush()
        return Principal(agent.id, name, role, Language.DUTCH, frozenset(teams) | leads, leads)

    def mandate(self, level: MandateLevel, **of: int | None) -> None:
        """Give a mandate to agent_id= or team_id=, on account_id= and theme_id= or on all."""
        self.session.add(Mandate(level=level, **of))
        self.session.flush()

    def citizen(self, name: str = "Bewoner") -> tuple[int, int]:
        """A new contact with a mail address: (contact id, address id)."""
        contact = Contact(name=name, language="nl")
        self.session.add(contact)
        self.session.flush()
        number = next(_numbers)
        address = ContactAddress(
            contact_id=contact.id, kind=AddressKind.EMAIL, address=f"bewoner-{number}@voorbeeld.example"
        )
        self.session.add(address)
        self.session.flush()
        return contact.id, address.id

    def ticket(
        self, *, citizen: tuple[int, int] | None = None, message: dict[str, Any] | None = None, **columns: Any
    ) -> int:
        """A ticket in the streets' queue unless `columns` say otherwise, with one reaction."""
        contact_id, address_id = citizen or self.citizen()
        creating = {k: columns.pop(k) for k in list(columns) if k in NewTicket.__slots__}
        place = {
            "account_id": self.mailbox,
            "theme_id": self.roads,
            "team_id": self.streets,
            "received_at": MONDAY,
            "language": "nl",
        }
        subject = {"subject": "Een kapotte stoeptegel", "contact_id": contact_id}
        first = {**self.said(contact_id, address_id, "De stoep is stuk."), **(message or {})}
        opened = open_ticket(self.session, NewTicket(**{**place, **subject, **creating}), NewMessage(**first))
        ticket = self.session.get_one(Ticket, opened.ticket_id)
        ticket.decision_id = columns.pop("decision_id", 1)
        for name, value in columns.items():
            setattr(ticket, name, value)
        self.session.flush()
        self.session.expire_all()
        return opened.ticket_id

    def said(self, contact_id: int, address_id: int, text: str, **columns: Any) -> dict[str, Any]:
        """The columns of a mail from this citizen."""
        number = next(_numbers)
        return {
            "account_id": self.mailbox,
            "contact_id": contact_id,
            "address_id": address_id,
            "author_name": "Bewoner",
            "text": text,
            "title": "Een kapotte stoeptegel",
            "identity": f"test-{number}",
            "external_id": f"<{number}@voorbeeld.example>",
            "received_at": MONDAY,
            "language": "nl",
            **columns,
        }

    def writes(self, ticket_id: int, text: str = "Is er al nieuws?", **columns: Any) -> int:
        """The ticket's contact, or `contact_id`/`address_id`, writes again; the message's id."""
        ticket = self.session.get_one(Ticket, ticket_id)
        contact_id = columns.pop("contact_id", ticket.contact_id)
        address_id = columns.pop("address_id", None)
        if address_id is None:
            query = self.session.query(ContactAddress.id).where(ContactAddress.contact_id == contact_id)
            address_id = query.limit(1).scalar()
        return append(
            self.session, ticket_id, NewMessage(**self.said(contact_id, address_id, text, **columns))
        ).message_id

    def read(self, ticket_id: int) -> Ticket:
        """The row as it is now."""
        self.session.expire_all()
        return self.session.get_one(Ticket, ticket_id)


def build(session: Session) -> Town:
    """Put the town into the database."""
    town = Town(session)
    organisation = Organisation(name=f"Gemeente Voorbeeldstad {next(_numbers)}")
    session.add(organisation)
    session.flush()
    town.organisation_id = organisation.id
    teams = [Team(organisation_id=organisation.id, name=f"{name} {next(_numbers)}") for name in ("Straten", "Parken")]
    session.add_all(teams)
    session.flush()
    town.streets, town.parks = (team.id for team in teams)
    themes = [
        Theme(key=f"{nl}-{next(_numbers)}", name_nl=nl, name_en=en, team_id=team.id)
        for nl, en, team in (("wegen", "roads", teams[0]), ("bomen", "trees", teams[1]))
    ]
    session.add_all(themes)
    session.flush()
    town.roads, town.trees = (theme.id for theme in themes)
    number = next(_numbers)
    account = Account(
        organisation_id=organisation.id, kind="mail", name=f"info {number}", settings=b"", public_key=f"key-{number}"
    )
    session.add(account)
    session.flush()
    town.mailbox = account.id
    town.admin = town.agent("Beheerder", Role.ADMIN)
    town.lead = town.agent("Leider", Role.LEAD, leads=[town.streets])
    town.ann = town.agent("Ann", teams=[town.streets])
    town.bob = town.agent("Bob", teams=[town.streets])
    town.cas = town.agent("Cas", teams=[town.parks])
    return town


STRICTNESS = list(Confidentiality)
