"""A mailbox of the tests' Dovecot as our channel sees it, and ways to put mail into it."""

from email.message import EmailMessage

from pydantic import SecretStr

from app.channels.mail.imap import Mailbox, Opener
from app.channels.mail.server import Security, Server
from tests.servers.mail import Mailbox as Box
from tests.servers.mail import MailServers


def imap_of(servers: MailServers, box: Box, security: Security = Security.TLS) -> Server:
    """Where to read `box`, over TLS unless told otherwise."""
    port = servers.dovecot.imaps if security is Security.TLS else servers.dovecot.imap
    return Server("localhost", port, security, box.address, SecretStr(box.password), str(servers.authority))


def opener(servers: MailServers, box: Box, folder: str = "INBOX", timeout: float = 10) -> Opener:
    """Opens `folder` of `box` anew at each call."""
    server = imap_of(servers, box)
    return lambda: Mailbox(server, folder, timeout)


def mail(subject: str = "Lantaarnpaal kapot", text: str = "In de Dorpsstraat.", sender: str = "") -> bytes:
    """A small plain mail."""
    message = EmailMessage()
    message["From"] = sender or "burger@burgers.example"
    message["To"] = "info@voorbeeldstad.example"
    message["Subject"] = subject
    message["Message-ID"] = f"<{subject.replace(' ', '.')}@burgers.example>"
    message.set_content(text)
    return message.as_bytes().replace(b"\n", b"\r\n")


def put(servers: MailServers, box: Box, *mails: bytes, folder: str = "INBOX", when: str | None = None) -> None:
    """Lay mails in a folder, as another program with the same mailbox would."""
    with servers.imap(box) as client:
        for one in mails:
            assert client.append(folder, "", when or "", one)[0] == "OK"  # "" = now


def subjects(items: "list[bytes]") -> list[str]:
    """The Subject lines of raw mails."""
    return [line[9:].decode() for raw in items for line in raw.split(b"\r\n") if line.startswith(b"Subject: ")]
