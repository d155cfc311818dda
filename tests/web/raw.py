"""Bytes to a server and bytes back: for what no HTTP client would send."""

import socket
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Raw:
    """An answer as it came."""

    status: int
    headers: dict[str, str]
    body: bytes


def connect(url: str) -> socket.socket:
    """A connection to the server at `url`."""
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname or "", parts.port or 80), timeout=20)


def head(method: str, path: str, **headers: str) -> bytes:
    """The beginning of a request, up to its body."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: testserver",
        *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def answer(connection: socket.socket) -> Raw:
    """What comes back, read to its end: to be asked for with `Connection: close`, or when the server hangs up."""
    received = b""
    try:
        while part := connection.recv(65536):
            received += part
    except ConnectionResetError:
        pass  # it hung up on what we were still sending; what it said before that counts
    start, _, body = received.partition(b"\r\n\r\n")
    status, *lines = start.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Raw(int(status.split()[1]) if status else 0, headers, body)


def heard(connection: socket.socket, words: bytes) -> bytes:
    """What came up to and with these words; fails when the server hangs up before it said them."""
    received = b""
    while words not in received:
        part = connection.recv(200)
        assert part, received
        received += part
    return received


def sent(url: str, request: bytes) -> Raw:
    """One request, and what comes back."""
    with connect(url) as connection:
        connection.sendall(request)
        return answer(connection)
