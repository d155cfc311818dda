"""A town hall with a real mailbox: an installation over a real database, an employee, and short ways to ask and to look."""

from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from uuid import uuid4

from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import clock
from app.accounts.change import create as create_account
from app.channels.mail.server import Security
from app.channels.mail.settings import MailSettings
from app.identity import staff
from app.identity.passwords import passwords
from app.identity.principal import Principal
from app.intake import ledger
from app.settings import PREFIX, Settings
from app.system import System
from app.tickets import read
from app.tickets.reply import Replied, reply
from app.vocabulary import MessageKind, Role
from tests.servers.mail import Mailbox, MailServers
from tests.until import until

NAME = "Gemeente Voorbeeldstad"
PASSWORD = "geheim-van-de-balie"


class TownHall:
    """What stands in the database of `system`, made by `furnish`, and what an employee does there."""

    def __init__(self, system: System, clerk: Principal) -> None:
        self.system = system
        self.clerk = clerk

    def rows(self, query: str, **values: Any) -> list[Any]:
        with self.system.database.read_only() as session:
            return [tuple(row) for row in session.execute(text(query), values)]

    def one(self, query: str, **values: Any) -> Any:
        """The only column of the only row; None when there is no row."""
        found = self.rows(query, **values)
        assert len(found) <= 1, found
        return found[0][0] if found else None

    def do(self, statement: str, **values: Any) -> None:
        with self.system.database.unit_of_work() as session:
            session.execute(text(statement), values)

    def ticket_about(self, subject: str, seconds: float = 15) -> int:
        """The ticket with this subject, once it is there and routed."""
        query = "SELECT id FROM ticket WHERE subject = :s AND team_id IS NOT NULL"
        return int(until(lambda: self.one(query, s=subject), seconds, saying=f"a ticket about {subject}"))

    def answer(self, ticket_id: int, words: str, undo_seconds: float = 0) -> Replied:
        """The clerk answers what they have read."""
        with self.system.database.unit_of_work() as session:
            return self._reply(session, read.ticket(session, self.clerk, ticket_id), words, undo_seconds)

    def answer_once(self, ticket_id: int, words: str) -> None:
        """The clerk answers unless somebody has, or just does: then the send guard stops them."""
        with self.system.database.unit_of_work() as session:
            view = read.ticket(session, self.clerk, ticket_id)
            if not any(entry.kind == MessageKind.REPLY for entry in view.messages):
                self._reply(session, view, words, 0)

    def _reply(self, session: Session, view: read.TicketView, words: str, undo_seconds: float) -> Replied:
        assert view.answers is not None
        channel = self.system.accounts.channel(view.answers.account_id)
        return reply(
            session, self.clerk, view.head.id, text=words, seen_message_id=view.seen_message_id, limits=channel.limits,
            undo_seconds=undo_seconds,
        )  # fmt: skip

    def state(self, delivery_id: int) -> str:
        return str(self.one("SELECT state FROM delivery WHERE id = :d", d=delivery_id))

    def balanced(self) -> bool:
        """Whether the ledger of every account holds at this moment."""
        with self.system.database.read_only(snapshot=True) as session:
            return all(account.difference == 0 for account in ledger.read(session))


def furnish(system: System) -> TownHall:
    """An organisation, one team that takes everything, and a clerk in it."""
    with system.database.unit_of_work() as session:
        organisation = staff.create_organisation(
            session, NAME, website="https://voorbeeldstad.example", signature_nl=NAME, signature_en="Voorbeeldstad"
        )
        team = staff.create_team(session, organisation_id=organisation, name="Klantcontact", fallback=True)
        clerk = staff.create_agent(
            session, passwords("low"), organisation_id=organisation, email="balie@voorbeeldstad.example",
            name="Medewerker Balie", role=Role.AGENT, password=PASSWORD, languages=["nl", "en"],
        )  # fmt: skip
        staff.add_member(session, team, clerk)
    return TownHall(system, Principal(clerk, "Medewerker Balie", Role.AGENT, team_ids=frozenset({team})))


def mail_account(system: System, servers: MailServers, box: Mailbox, name: str = "Post", **other: Any) -> int:
    """A mailbox that is read by IMAP over TLS and answers by submission over STARTTLS, signed in; gives the account."""
    authority = str(servers.authority)
    settings = {
        "address": box.address, "display_name": NAME, "imap_host": "localhost", "imap_port": servers.dovecot.imaps,
        "imap_user": box.address, "imap_password": SecretStr(box.password), "imap_ca_file": authority,
        "smtp_host": "localhost", "smtp_port": servers.postfix.submission, "smtp_security": Security.STARTTLS,
        "smtp_user": box.address, "smtp_password": SecretStr(box.password), "smtp_ca_file": authority, **other,
    }  # fmt: skip
    return open_account(system, name, MailSettings(**settings))


def open_account(system: System, name: str, settings: MailSettings) -> int:
    """An account of the organisation that `furnish` made."""
    with system.database.unit_of_work() as session:
        organisation = staff.own_organisation(session)
        assert organisation is not None
        return create_account(
            session, system.keys, organisation_id=organisation, kind="mail", name=name, settings=settings
        )


def environment(settings: Settings, **other: str) -> dict[str, str]:
    """The environment in which a `weerklank` process has these settings."""
    plain: dict[str, Any] = settings.model_dump(exclude_none=True)
    values = {PREFIX + key.upper(): _plain(value) for key, value in plain.items()}
    return {**values, **other}


def _plain(value: Any) -> str:
    return str(value.get_secret_value() if isinstance(value, SecretStr) else value)


def letter(sender: str, to: str, subject: str, words: str, headers: Mapping[str, str] | None = None) -> EmailMessage:
    """A mail as an ordinary client writes it, with a Message-ID of its own.

    Without a Date, Postfix would write one at each handing over, and the same mail would be another a second later.
    """
    mail = EmailMessage()
    mail["From"] = f"Een Bewoner <{sender}>"
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{uuid4().hex}@burgers.example>"
    for name, value in (headers or {}).items():
        del mail[name]
        mail[name] = value
    mail.set_content(words)
    return mail
