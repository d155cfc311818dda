"""imaplib2 with the four things that it leaves out: verified TLS, time limits, threads kept apart, and an end that ends.

As it comes, imaplib2 verifies no certificate and never the host name, connects and writes without a time limit, reads and
writes one TLS connection from two threads at a time, puts the command (for LOGIN: with the password) in its error text, and
needs half a second to notice that a peer is gone. All of it is corrected by overriding the methods that it documents as
overridable, and `ssl_wrap_socket`. Nothing outside this file and `imap.py` touches the library, so that another can take
its place.
"""

import socket
from collections.abc import Callable
from typing import Any

from imaplib2 import IMAP4

from app.channels.contract import Unreachable
from app.channels.mail.server import Security, Server
from app.channels.mail.shared_socket import SharedSocket

KEEP_ALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}  # a dead peer is noticed within two minutes


class VerifiedImap(IMAP4):  # type: ignore[misc]  # imaplib2 carries no types
    """One connection. `timeout` in seconds bounds connecting, the handshake, every read, every write, every answer."""

    def __init__(self, server: Server, timeout: float) -> None:
        self._server = server
        self._timeout = timeout
        super().__init__(server.host, server.port, timeout=timeout)

    def open(self, host: str | None = None, port: int | None = None) -> None:
        """Connect, by TLS where that comes first (RFC 8314)."""
        self.host, self.port = self._server.host, self._server.port
        self.sock = socket.create_connection((self.host, self.port), self._timeout)
        _keep_alive(self.sock)
        if self._server.security is Security.TLS:
            self.ssl_wrap_socket()
        else:
            self._share()

    def ssl_wrap_socket(self) -> None:
        """Turn the socket into a verified TLS one; `starttls` calls this too."""
        plain = self.sock
        plain.settimeout(self._timeout)
        try:
            self.sock = self._server.tls().wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise
        self._share()

    def _share(self) -> None:
        """From here on the library's reader and writer, two threads, use the socket side by side."""
        self.read_fd = self.sock.fileno()
        self._shared = SharedSocket(self.sock, self._timeout)

    def read(self, size: int) -> bytes:
        """Bytes from the server; an end of the stream is an error at once, not after five more tries."""
        return self._shared.receive(size)

    def send(self, data: bytes) -> None:
        """Bytes to the server."""
        self._shared.send(data)

    def shutdown(self) -> None:
        """Close the socket; that it is closed already is fine."""
        self._shared.close()

    def _mesg(self, s: str, tn: str | None = None, secs: float | None = None) -> None:
        """Nothing: the library would write what was said, citizens' words included, to standard error."""

    def _request_push(self, tag: str | None = None, name: str | None = None, **kw: Any) -> Any:
        """A request that waits for its answer; over at once when the connection ended just before.

        The library looks whether the connection stands, and only then adds the request: one that falls in between would be
        waited for without end.
        """
        request = super()._request_push(tag, name, **kw)
        if self.Terminate:
            with self.commands_lock:
                waiting = self.tagged_commands.pop(request.tag if tag is None else tag, None)
            if waiting is not None:
                waiting.abort(self.abort, "the connection has ended")
        return request

    def hang_up(self) -> None:
        """End without a word to the server: for a peer that may no longer answer. All threads are gone afterwards."""
        self.inq.put((self.abort, "hung up"))
        self._close_threads()


def connect(server: Server, timeout: float) -> VerifiedImap:
    """A connection that is signed in. Raises `Unreachable`, whose text never holds what we sent."""
    try:
        connection = VerifiedImap(server, timeout)
    except (OSError, IMAP4.error) as error:
        raise Unreachable(f"cannot connect to {server.host}:{server.port}: {error}") from error
    try:
        if server.security is Security.STARTTLS:
            guarded(connection.starttls)
        _sign_in(connection, server)
        guarded(connection._get_capabilities)  # what a server offers may differ after signing in
    except BaseException:
        connection.hang_up()
        raise
    return connection


def guarded(command: Callable[..., Any], *args: Any, **kw: Any) -> tuple[str, list[Any]]:
    """The library's answer `(type, data)`. Raises `Unreachable` for all that can go wrong on the way."""
    try:
        answer: tuple[str, list[Any]] = command(*args, **kw)
    except (OSError, IMAP4.error) as error:
        raise Unreachable(f"the mailbox server stopped answering: {error}") from error
    return answer


def said(data: list[Any]) -> str:
    """What the server said in words, short enough for a page."""
    words = data[-1] if data else b""
    return words.decode("utf-8", "replace")[:200] if isinstance(words, bytes) else str(words or "")[:200]


def _sign_in(connection: VerifiedImap, server: Server) -> None:
    secret = server.password.get_secret_value()
    try:
        if "AUTH=PLAIN" in connection.capabilities:
            answer = f"\0{server.user}\0{secret}".encode()
            connection.authenticate("PLAIN", lambda _: answer)
        elif "LOGINDISABLED" in connection.capabilities:
            raise Unreachable("the mailbox server takes no password on this connection; choose tls or starttls")
        else:
            connection.login(_quoted(server.user), secret)
    except UnicodeEncodeError:
        raise Unreachable("the mailbox server takes no password with such characters; choose another") from None
    except (connection.abort, OSError) as error:
        raise Unreachable(f"the mailbox server stopped answering at sign-in: {type(error).__name__}") from None
    except connection.error as error:
        raise Unreachable(f"the mailbox server refuses user or password{_reason(error)}") from None


def _reason(error: Exception) -> str:
    """The server's own words, unless the library has put our command beside them."""
    words = error.args[0] if error.args else ""
    if isinstance(words, bytes):
        return f": {words.decode('utf-8', 'replace')[:200]}"
    return ""


def _quoted(user: str) -> str:
    return '"' + user.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _keep_alive(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEP_ALIVE.items():
        if hasattr(socket, name):  # Linux has all three; other systems keep their own pace
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
