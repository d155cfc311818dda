"""What an administrator fills in for one mail account.

One address with its aliases, and up to two servers: IMAP to read (without it, mail comes in by LMTP or `mail-in` alone)
and SMTP to send (without it, nobody can answer over this account). Which of the two are filled in decides what the
channel can do: see `channel.py`.

Why `backfill_since` is a date and no number of days: "the last 30 days" means something else each time it is asked. When
a server renumbers a mailbox (UIDVALIDITY) the folder is read again from the start, and a ledger compares what is there
with what we have; both must draw the line where the first reading drew it.
"""

import ipaddress
from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from app.channels.labels import labels
from app.channels.mail.envelope import domain_of, is_address
from app.channels.mail.server import Security, Server

Port = Annotated[int, Field(ge=1, le=65535)]

IMAP_PORTS = {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143}
SMTP_PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}


class MailSettings(BaseModel):
    """One mail account. Sizes in bytes; ports may be left out where the usual one is meant."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    address: str = Field(
        description="The address that answers come from.", json_schema_extra=labels("Adres", "Address")
    )
    aliases: tuple[str, ...] = Field(
        (), description="Other addresses that arrive here.", json_schema_extra=labels("Andere adressen", "Aliases")
    )
    display_name: str = Field(
        "",
        description="Organisation's name, shown as sender.",
        json_schema_extra=labels("Afzendernaam", "Sender name"),
    )

    imap_host: str | None = Field(
        None, description="Mailbox server; empty without IMAP.", json_schema_extra=labels("IMAP-server", "IMAP server")
    )
    imap_port: Port | None = Field(
        None, description="Empty: 993 or 143.", json_schema_extra=labels("IMAP-poort", "IMAP port")
    )
    imap_security: Security = Field(
        Security.TLS, description="none: this machine only.", json_schema_extra=labels("Beveiliging", "Security")
    )
    imap_user: str = Field("", description="Mailbox user.", json_schema_extra=labels("Gebruiker", "User"))
    imap_password: SecretStr = Field(
        SecretStr(""), description="Mailbox password.", json_schema_extra=labels("Wachtwoord", "Password")
    )
    imap_folder: str = Field("INBOX", description="Folder to read.", json_schema_extra=labels("Map", "Folder"))
    imap_sent_folder: str = Field(
        "",
        description="Where the mail server itself keeps what was sent; empty when it keeps nothing.",
        json_schema_extra=labels("Map met verzonden mail", "Sent folder"),
    )
    imap_ca_file: str | None = Field(
        None, description="Own certificate authority, PEM.", json_schema_extra=labels("CA-bestand", "CA file")
    )
    backfill_since: date | None = Field(
        None,
        description="Mail that arrived before this day is left alone; empty takes all that is in the folder.",
        json_schema_extra=labels("Lees mail vanaf", "Read mail from"),
    )

    smtp_host: str | None = Field(
        None,
        description="Server that sends; empty: cannot answer.",
        json_schema_extra=labels("SMTP-server", "SMTP server"),
    )
    smtp_port: Port | None = Field(
        None, description="Empty: 465, 587 or 25.", json_schema_extra=labels("SMTP-poort", "SMTP port")
    )
    smtp_security: Security = Field(
        Security.STARTTLS, description="none: this machine only.", json_schema_extra=labels("Beveiliging", "Security")
    )
    smtp_user: str = Field(
        "", description="Empty when no sign-in is needed.", json_schema_extra=labels("Gebruiker", "User")
    )
    smtp_password: SecretStr = Field(
        SecretStr(""), description="Password to send.", json_schema_extra=labels("Wachtwoord", "Password")
    )
    smtp_ca_file: str | None = Field(
        None, description="Own certificate authority, PEM.", json_schema_extra=labels("CA-bestand", "CA file")
    )

    reply_address: str = Field(
        "",
        description="Where answers to our mail come home, with {token}: info+{token}@… or {token}@antwoord.….",
        json_schema_extra=labels("Antwoordadres", "Reply address"),
    )
    message_id_domain: str = Field(
        "",
        description="Right half of our message ids.",
        json_schema_extra=labels("Domein van bericht-id's", "Id domain"),
    )
    form_senders: tuple[str, ...] = Field(
        (),
        description="Addresses from which a website's form mails on behalf of a citizen.",
        json_schema_extra=labels("Afzenders van webformulieren", "Form senders"),
    )
    authserv_ids: tuple[str, ...] = Field(
        (),
        description="Names under which our own mail server signs Authentication-Results.",
        json_schema_extra=labels("Naam van onze mailserver", "Authentication server names"),
    )
    max_bytes: Annotated[int, Field(ge=65_536, le=1_073_741_824)] = Field(
        67_108_864, description="Largest mail kept whole.", json_schema_extra=labels("Grootste mail", "Largest mail")
    )

    @field_validator("address")
    @classmethod
    def _one_address(cls, value: str) -> str:
        if not is_address(value):
            raise ValueError("give one mail address, such as info@voorbeeldstad.example")
        return value

    @field_validator("aliases", "form_senders")
    @classmethod
    def _addresses(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [v for v in values if not is_address(v)]:
            raise ValueError(f"number {values.index(wrong[0]) + 1} is no mail address")
        return values

    @field_validator("reply_address")
    @classmethod
    def _has_token(cls, value: str) -> str:
        if value and (value.count("{token}") != 1 or not is_address(value.replace("{token}", "t"))):
            raise ValueError("write {token} once in an address, such as info+{token}@voorbeeldstad.example")
        if "{token}" in domain_of(value):
            raise ValueError("put {token} before the @")
        return value

    @field_validator("message_id_domain")
    @classmethod
    def _domain(cls, value: str) -> str:
        if value and not is_address(f"x@{value}"):
            raise ValueError("give a domain, such as voorbeeldstad.example")
        return value

    @field_validator("imap_host", "smtp_host", "imap_ca_file", "smtp_ca_file", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @model_validator(mode="after")
    def _clear_text_stays_here(self) -> Self:
        for host, security in ((self.imap_host, self.imap_security), (self.smtp_host, self.smtp_security)):
            if host and security is Security.NONE and not _is_loopback(host):
                raise ValueError(
                    "an unprotected connection is for a server on this machine only; choose tls or starttls"
                )
        if self.imap_host and not self.imap_user:
            raise ValueError("give the user of the mailbox")
        return self

    @property
    def imap(self) -> Server | None:
        """Where to read, or None."""
        if self.imap_host is None:
            return None
        port = self.imap_port or IMAP_PORTS[self.imap_security]
        return Server(self.imap_host, port, self.imap_security, self.imap_user, self.imap_password, self.imap_ca_file)

    @property
    def smtp(self) -> Server | None:
        """Where to send, or None."""
        if self.smtp_host is None:
            return None
        port = self.smtp_port or SMTP_PORTS[self.smtp_security]
        return Server(self.smtp_host, port, self.smtp_security, self.smtp_user, self.smtp_password, self.smtp_ca_file)

    @property
    def id_domain(self) -> str:
        """The right half of our message ids."""
        return self.message_id_domain or domain_of(self.address)

    @property
    def reply_template(self) -> str:
        """The reply address with `{token}` in it: as given, or the main address with a plus tag."""
        if self.reply_address:
            return self.reply_address
        local, _, domain = self.address.rpartition("@")
        return f"{local}+{{token}}@{domain}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
