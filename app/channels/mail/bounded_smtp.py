"""smtplib with an end to everything: a conversation that can be cut off at any point, and answers that must be whole.

smtplib takes half a line for an answer when the connection ends in it, so that a cut-off `2` could pass for a yes; it reads
the greeting before a caller can put a limit to it; and it asks the DNS for our own name, which may take seconds.
"""

import smtplib
import socket
from typing import BinaryIO

from app.channels.mail.server import Security, Server


class BoundedSmtp(smtplib.SMTP):
    """Not connected yet; `seconds` bounds each single read and write, `cut` ends all at once from another thread."""

    def __init__(self, server: Server, seconds: float) -> None:
        super().__init__(timeout=seconds, local_hostname=_own_name())
        self._server = server
        self._host = server.host  # what `starttls` verifies the certificate against
        self._ended = False

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Known as `sock` before the handshake, which a slow peer could stretch too."""
        self.sock = socket.create_connection((host, port), timeout)
        if self._server.security is Security.TLS:
            context = self._server.tls()
            safe = context.wrap_socket(self.sock, server_hostname=host, do_handshake_on_connect=False)
            self.sock = safe
            safe.do_handshake()
        if self._ended:
            raise TimeoutError("the time for this mail is over")
        return self.sock

    def getreply(self) -> tuple[int, bytes]:
        """The next answer, or an error when it is not whole."""
        if self.file is None and self.sock is not None:
            self.file = _WholeLines(self.sock.makefile("rb"))
        return super().getreply()

    def cut(self) -> None:
        """End the conversation now: whoever waits in it gets an error."""
        self._ended = True
        if self.sock is not None:
            try:
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
            except OSError:
                return  # closed in the meantime, which is all that was wanted


class _WholeLines:
    """What smtplib reads answers from."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readline(self, limit: int) -> bytes:
        """A line with its end. Raises `ConnectionResetError` for one that was cut off."""
        line = self._file.readline(limit)
        if line and len(line) < limit and not line.endswith(b"\n"):
            raise ConnectionResetError("the connection ended in the middle of an answer")
        return line

    def close(self) -> None:
        """Close what is read from."""
        self._file.close()


def _own_name() -> str:
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"
