"""One thread reads, another writes: never in the TLS object at a time, and neither waits for the other without end."""

import select
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from app.channels.mail.shared_socket import SharedSocket
from tests.channels.mail.scripted import Peer, serving
from tests.servers.certificates import make_certificates

PATIENT = 10.0
SHORT = 0.2


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    theirs.settimeout(PATIENT)
    with ours, theirs:
        yield ours, theirs


class Watched:
    """A socket that answers by a list of outcomes, and tells when two threads were in it at a time."""

    def __init__(self, real: socket.socket, *outcomes: Exception) -> None:
        self.real = real
        self.outcomes = list(outcomes)
        self.let_others_run = Event()
        self.inside = 0
        self.met = False

    def fileno(self) -> int:
        return self.real.fileno()

    def setblocking(self, blocking: bool) -> None:
        self.real.setblocking(blocking)

    def recv(self, size: int) -> bytes:
        return self._one_by_one(lambda: self.real.recv(size))  # type: ignore[no-any-return]

    def send(self, data: bytes) -> int:
        return self._one_by_one(lambda: self.real.send(data))  # type: ignore[no-any-return]

    def _one_by_one(self, act: Any) -> Any:
        self.inside += 1
        try:
            self.let_others_run.wait(0.00001)  # it would be met here
            self.met = self.met or self.inside > 1
            if self.outcomes:
                raise self.outcomes.pop(0)
            return act()
        finally:
            self.inside -= 1


def read_all(end: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        data += end.recv(1_000_000)
    return bytes(data)


def test_reader_and_writer_are_never_in_the_socket_at_a_time(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    watched = Watched(ours)
    shared = SharedSocket(watched, PATIENT)  # type: ignore[arg-type]
    heard = bytearray()

    def read() -> None:
        while len(heard) < 20_000:
            heard.extend(shared.receive(10))

    def write() -> None:
        for _ in range(2_000):
            shared.send(b"0123456789")

    threads = [Thread(target=one, daemon=True) for one in (read, write)]
    theirs.sendall(b"x" * 20_000)
    for thread in threads:
        thread.start()
    assert read_all(theirs, 20_000) == b"0123456789" * 2_000
    for thread in threads:
        thread.join(PATIENT)
    assert bytes(heard) == b"x" * 20_000
    assert not watched.met


def test_a_command_right_after_the_handshake_meets_the_tickets_and_is_answered(tmp_path: Path) -> None:
    """As after STARTTLS: the client speaks first, while the server's session tickets come in."""
    certificates = make_certificates(tmp_path, host="localhost")

    def echo(peer: Peer) -> None:
        peer.say(peer.hear())

    with serving(echo, certificates) as port:
        context = ssl.create_default_context(cafile=str(certificates.authority))
        for n in range(100):
            connected = socket.create_connection(("localhost", port), PATIENT)
            with context.wrap_socket(connected, server_hostname="localhost") as safe:
                shared, heard = SharedSocket(safe, PATIENT), [b""]
                reader = Thread(target=lambda s=shared, h=heard: h.append(s.receive(100)), daemon=True)
                reader.start()
                shared.send(b"%d\r\n" % n)
                reader.join(PATIENT)
                assert heard[-1] == b"%d\r\n" % n


def test_a_writer_that_must_wait_does_not_keep_the_reader_from_reading(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    """A server may take no more commands before we have read its answers."""
    ours, theirs = ends
    shared = SharedSocket(ours, PATIENT)
    writer = Thread(target=shared.send, args=[b"x" * 5_000_000], daemon=True)
    writer.start()
    theirs.sendall(b"an answer")
    assert shared.receive(100) == b"an answer"
    assert read_all(theirs, 5_000_000) == b"x" * 5_000_000
    writer.join(PATIENT)
    assert not writer.is_alive()


def test_a_write_that_must_read_first_waits_for_that(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    theirs.sendall(b"the rest of a message of TLS")
    SharedSocket(Watched(ours, ssl.SSLWantReadError()), PATIENT).send(b"command")  # type: ignore[arg-type]
    assert theirs.recv(100) == b"command"


@pytest.mark.parametrize("error", [ssl.SSLWantReadError(), ssl.SSLWantWriteError(), BlockingIOError()])
def test_a_read_goes_on_after_what_was_no_data(ends: tuple[socket.socket, socket.socket], error: Exception) -> None:
    ours, theirs = ends
    theirs.sendall(b"data")
    assert SharedSocket(Watched(ours, error), PATIENT).receive(100) == b"data"  # type: ignore[arg-type]


def test_what_never_comes_is_not_waited_for(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    assert SharedSocket(ours, SHORT).receive(100) == b""
    with pytest.raises(TimeoutError):
        SharedSocket(Watched(ours, ssl.SSLWantReadError()), SHORT).send(b"command")  # type: ignore[arg-type]
    with pytest.raises(TimeoutError):
        SharedSocket(ours, SHORT).send(b"x" * 5_000_000)
    assert theirs.recv(10) == b"x" * 10


def test_closing_ends_a_wait_on_this_side_too(ends: tuple[socket.socket, socket.socket]) -> None:
    shared, waiting = SharedSocket(ends[0], PATIENT), Event()

    def read() -> None:
        waiting.set()
        with pytest.raises(OSError):
            shared.receive(100)

    reader = Thread(target=read, daemon=True)
    reader.start()
    waiting.wait(PATIENT)
    shared.close()
    reader.join(PATIENT)
    assert not reader.is_alive()
    shared.close()
    for act in (lambda: shared.receive(100), lambda: shared.send(b"command"), lambda: shared._ready(select.POLLIN)):
        with pytest.raises(OSError):
            act()


def test_the_end_of_the_stream_is_an_error_and_ends_a_wait(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    shared, outcome, waiting = SharedSocket(ours, PATIENT), [], Event()

    def read() -> None:
        waiting.set()
        with pytest.raises(ConnectionResetError):
            shared.receive(100)
        outcome.append("ended")

    reader = Thread(target=read, daemon=True)
    reader.start()
    waiting.wait(PATIENT)
    theirs.close()
    reader.join(PATIENT)
    assert outcome == ["ended"]
