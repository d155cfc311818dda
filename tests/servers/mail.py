"""Postfix and Dovecot wired together, and what a test does with them: make a mailbox, send, look into an inbox."""

import imaplib
import shutil
import smtplib
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from itertools import count
from pathlib import Path

from tests.servers.certificates import Certificates, make_certificates
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.postfix import Postfix
from tests.until import until

TOWN = "voorbeeldstad.example"
CITIZENS = "burgers.example"

_numbers = count(1)


@dataclass(frozen=True)
class Mailbox:
    """An address with its password; both are also the IMAP and submission sign-in."""

    address: str
    password: str


class MailServers:
    """A Dovecot and a Postfix that delivers to it; `dovecot.imaps`, `postfix.submission` and so on are loopback ports."""

    def __init__(self, folder: Path) -> None:
        self.certificates: Certificates = make_certificates(folder)
        for name in ("dovecot", "postfix"):
            (folder / name).mkdir()
        self.dovecot = Dovecot(folder / "dovecot", self.certificates)
        self.postfix = Postfix(folder / "postfix", self.certificates, self.dovecot, [TOWN, CITIZENS])

    @property
    def authority(self) -> Path:
        """The PEM file of the authority that signed the servers' certificate (for localhost and 127.0.0.1)."""
        return self.certificates.authority

    def mailbox(self, name: str = "", domain: str = TOWN) -> Mailbox:
        """A mailbox, new and empty when no name is given; `name`+tag@ arrives there too.

        Only niemand@ does not exist (mail to it is accepted and bounces).
        """
        return Mailbox(f"{name or f'box{next(_numbers)}'}@{domain}", PASSWORD)

    def citizen(self, name: str = "") -> Mailbox:
        """A mailbox outside the town's domain."""
        return self.mailbox(name or f"burger{next(_numbers)}", CITIZENS)

    def send(self, message: EmailMessage | bytes, sender: str, *recipients: str) -> None:
        """Hand a mail to Postfix as another mail server would."""
        raw = message if isinstance(message, bytes) else message.as_bytes()
        with smtplib.SMTP("127.0.0.1", self.postfix.smtp, timeout=10) as smtp:
            smtp.sendmail(sender, recipients, raw)

    def inbox(self, mailbox: Mailbox, folder: str = "INBOX") -> list[bytes]:
        """Every mail in a folder, oldest first, without marking it as seen."""
        with self.imap(mailbox) as client:
            client.select(folder, readonly=True)
            found = client.uid("FETCH", "1:*", "(BODY.PEEK[])")[1]
            return [part[1] for part in found if isinstance(part, tuple)]

    @contextmanager
    def imap(self, mailbox: Mailbox) -> Iterator[imaplib.IMAP4_SSL]:
        """A signed-in IMAP client of the standard library, over verified TLS."""
        context = ssl.create_default_context(cafile=str(self.authority))
        with imaplib.IMAP4_SSL("127.0.0.1", self.dovecot.imaps, ssl_context=context, timeout=10) as client:
            client.login(mailbox.address, mailbox.password)
            yield client

    def arrived(self, mailbox: Mailbox, number: int = 1, seconds: float = 20) -> list[bytes]:
        """The inbox once it holds at least so many mails."""
        return until(lambda: found if len(found := self.inbox(mailbox)) >= number else None, seconds, 0.05) or []

    def start(self) -> None:
        """Start both."""
        self.dovecot.start()
        self.postfix.start()

    def stop(self) -> None:
        """Stop both."""
        self.postfix.stop()
        self.dovecot.stop()


@contextmanager
def running_mail_servers() -> Iterator[MailServers]:
    """Both servers in a folder that their own users can enter (pytest's are closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix="weerklank-mail-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        servers = MailServers(folder)
        try:
            servers.start()
            yield servers
        finally:
            servers.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
