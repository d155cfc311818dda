"""A mail server to talk to, and TLS that verifies whom it talks to.

Both libraries verify nothing unless told (imaplib2 never checks the host name at all), so every connection gets its
context from here: chain and host name, by the system's authorities or by a file of the organisation's own.
"""

import ssl
from dataclasses import dataclass
from enum import StrEnum

from pydantic import SecretStr


class Security(StrEnum):
    """How a connection is protected. NONE is accepted for this machine only (checked in the settings)."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Server:
    """Where and how to connect. An empty `user` means no sign-in."""

    host: str
    port: int
    security: Security
    user: str
    password: SecretStr
    ca_file: str | None = None

    def tls(self) -> ssl.SSLContext:
        """A context that verifies chain and host name. Raises `OSError` for a CA file that cannot be read."""
        context = ssl.create_default_context(cafile=self.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context
