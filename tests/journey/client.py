"""A citizen with an ordinary mail client: sends by SMTP, looks into the mailbox, answers as clients do."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr

from tests.journey.hall import letter
from tests.servers.mail import Mailbox, MailServers
from tests.until import until


class Citizen:
    """One mailbox outside the town's domain. `machine` answers are what a vacation responder writes."""

    def __init__(self, servers: MailServers, box: Mailbox | None = None) -> None:
        self.servers = servers
        self.box = box or servers.citizen()

    @property
    def address(self) -> str:
        return self.box.address

    def write(self, to: Mailbox | str, subject: str, words: str) -> EmailMessage:
        """Send a new mail; gives it as it went."""
        address = to if isinstance(to, str) else to.address
        mail = letter(self.address, address, subject, words)
        self.servers.send(mail, self.address, address)
        return mail

    def inbox(self) -> list[EmailMessage]:
        return [_read(raw) for raw in self.servers.inbox(self.box)]

    def gets(self, words: str, seconds: float = 20) -> EmailMessage:
        """The first mail in the mailbox whose text has these words, once it is there."""

        def found() -> EmailMessage | None:
            return next((mail for mail in self.inbox() if words in text_of(mail)), None)

        mail = until(found, seconds, 0.05, f"a mail that says {words!r}")
        assert mail is not None
        return mail

    def replies(self, mail: EmailMessage, words: str) -> EmailMessage:
        """Answer a mail: to its Reply-To, with In-Reply-To and References, the mail itself quoted below."""
        quoted = "\n".join(f"> {line}" for line in text_of(mail).splitlines())
        to = parseaddr(mail["Reply-To"] or mail["From"])[1]
        subject = mail["Subject"] if mail["Subject"].lower().startswith("re:") else f"Re: {mail['Subject']}"
        references = " ".join([*(mail["References"] or "").split(), mail["Message-ID"]])
        said = letter(
            self.address, to, subject, f"{words}\n\nOp di 24 nov. 2026 om 10:00 schreef {mail['From']}:\n{quoted}\n",
            {"In-Reply-To": mail["Message-ID"], "References": references},
        )  # fmt: skip
        self.servers.send(said, self.address, to)
        return said


def text_of(mail: EmailMessage) -> str:
    """The words that a client shows, as lines without a carriage return."""
    body = mail.get_body(("plain",))
    return str(body.get_content()).replace("\r\n", "\n") if body is not None else ""


def _read(raw: bytes) -> EmailMessage:
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail
