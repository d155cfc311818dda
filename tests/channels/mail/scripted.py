"""A server on the loopback address that follows a script: for what no real server can be made to do."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import BinaryIO

from tests.servers.certificates import Certificates


class Peer:
    """The client, as the script sees it."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._file: BinaryIO = connection.makefile("rb")
        self.heard: list[bytes] = []

    def say(self, *lines: bytes) -> None:
        """Send lines."""
        self.connection.sendall(b"".join(line + b"\r\n" for line in lines))

    def hear(self) -> bytes:
        """The next line, without its end; empty when the client has gone."""
        line = b"" if self._file.closed else self._file.readline().rstrip(b"\r\n")
        self.heard.append(line)
        return line

    def hear_until(self, last: bytes) -> bytes:
        """All lines before the line `last`."""
        lines = []
        while (line := self._file.readline()) not in (last + b"\r\n", b""):
            lines.append(line)
        return b"".join(lines)

    def vanish(self) -> None:
        """End without a word."""
        self._file.close()
        self.connection.close()


@contextmanager
def serving(script: Callable[[Peer], None], certificates: Certificates | None = None) -> Iterator[int]:
    """The port where every connection meets `script` in a thread of its own; `certificates` puts TLS before it."""
    context = None
    if certificates:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.certificate, certificates.key)
    listening = socket.create_server(("127.0.0.1", 0))
    talks: list[Thread] = []

    def talk(connection: socket.socket) -> None:
        try:
            with context.wrap_socket(connection, server_side=True) if context else connection as safe:
                script(Peer(safe))
        except OSError:
            connection.close()  # the client hung up, which is what some tests are about

    def accept() -> None:
        while True:
            try:
                connection = listening.accept()[0]
            except OSError:
                return
            talks.append(Thread(target=talk, args=[connection], daemon=True))
            talks[-1].start()

    accepting = Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        accepting.join(5)
        for one in talks:
            one.join(5)


def imap_script(
    *more: Callable[[Peer, bytes, bytes], bool], capabilities: bytes = b"IMAP4rev1"
) -> Callable[[Peer], None]:
    """Sign-in and an empty folder; each command is offered to `more` (peer, tag, command) first: True = answered."""

    def script(peer: Peer) -> None:
        peer.say(b"* OK ready")
        while line := peer.hear():
            tag, _, command = line.partition(b" ")
            if any(answer(peer, tag, command) for answer in more):
                continue
            if command.startswith(b"CAPABILITY"):
                peer.say(b"* CAPABILITY " + capabilities)
            if command.startswith(b"EXAMINE"):
                peer.say(b"* 0 EXISTS", b"* OK [UIDVALIDITY 7] ok", b"* OK [UIDNEXT 1] ok")
            if command.startswith(b"UID SEARCH"):
                peer.say(b"* SEARCH")
            if command.startswith(b"LOGOUT"):
                peer.say(b"* BYE bye")
            peer.say(tag + b" OK done")

    return script
