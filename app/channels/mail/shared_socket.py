"""A connected socket that one thread reads while another writes, as imaplib2's threads do, with or without TLS.

The kernel allows that; OpenSSL does not: two threads may not be in one `SSL` object at a time, and only the newest releases
of Python keep them apart (CPython issue 134698). Unguarded, one connection in fifty stood still after STARTTLS, where the
server's session tickets are read just as the first command is written, and some took the whole process with them. So each
call is made under one lock, without blocking, and all waiting is done outside of it.
"""

import select
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import TypeVar

T = TypeVar("T")


class SharedSocket:
    """`timeout` in seconds bounds each wait for the other side. Takes over a socket whose TLS handshake is done."""

    def __init__(self, connected: socket.socket, timeout: float) -> None:
        connected.setblocking(False)
        self._socket = connected
        self._timeout = timeout
        self._turn = Lock()

    def receive(self, size: int) -> bytes:
        """At most `size` bytes; none when none came in time: what woke us may have been a message of TLS itself.

        Raises `ConnectionResetError` at the end of the stream, other `OSError` when the connection is broken.
        """
        while (data := self._in_turn(partial(self._socket.recv, size), select.POLLIN)) is None:
            if not self._ready(select.POLLIN):
                return b""
        if not data:
            raise ConnectionResetError("the server closed the connection")
        return data

    def send(self, data: bytes) -> None:
        """All of `data`. Raises `OSError`: `TimeoutError` when the other side takes no more of it."""
        rest = memoryview(data)
        while rest:
            sent = self._in_turn(partial(self._socket.send, rest), select.POLLOUT)
            if sent is None:
                self._await(select.POLLOUT)
            else:
                rest = rest[sent:]

    def close(self) -> None:
        """End the connection; whoever waits hears of it. That it is over already is fine.

        The descriptor is given up only when nobody reads by it: the system would give its number to another connection.
        """
        with suppress(OSError):  # the other side was first
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        with self._turn:
            self._socket.close()

    def _in_turn(self, act: Callable[[], T], usual: int) -> T | None:
        """What `act` gives; None when it has to wait for what it usually waits for.

        A write that has to read first (TLS has a message of its own half read) or the other way round is waited for with the
        lock held: the other thread would take that message, and this one would wait for something that has come already.
        """
        with self._turn:
            while True:
                try:
                    return act()
                except BlockingIOError:
                    return None
                except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
                    wanted = select.POLLIN if isinstance(error, ssl.SSLWantReadError) else select.POLLOUT
                    if wanted == usual:
                        return None
                    self._await(wanted)

    def _await(self, event: int) -> None:
        if not self._ready(event):
            raise TimeoutError("timed out")

    def _ready(self, event: int) -> bool:
        poll = select.poll()
        try:
            poll.register(self._socket, event)
        except ValueError:  # no descriptor any more
            raise ConnectionAbortedError("closed on this side") from None
        return bool(poll.poll(self._timeout * 1000))
