"""Outgoing HTTP with a deadline, a byte limit and an address guard.

httpx's time-outs bound each read, not the request: a server that drips a byte every few seconds holds one for ever. Here
the deadline holds for the whole call, down to the socket. The guard resolves a name once, refuses it when *any* of its
addresses is not public, and connects to the very address that it checked, so that a name that changes its mind between the
check and the connection gains nothing; redirects are followed by ourselves and checked again.

Why httpcore and not the httpx above it: only where the socket is opened and read can both promises be kept, and a client of
httpx, made for one call, takes as long as the rest of that call. httpx reads the addresses.
"""

import ipaddress
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpcore
import httpx

from app.clock import monotonic

WRITES = frozenset({"POST", "PUT", "PATCH"})
"""What says how long its body is also where it has none."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
READ_AT_ONCE = 65_536
NO_ANSWER = (
    httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, httpx.HTTPError, httpx.InvalidURL, OSError,
)  # fmt: skip


class FetchError(Exception):
    """`sent` tells whether the request may have reached the other side (then a write must not be repeated blindly)."""

    def __init__(self, detail: str, *, sent: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.sent = sent


class AddressRefused(FetchError):
    """The address is not one that we call for somebody else: private, loopback, link-local, or not http(s)."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The whole answer; `url` is where it came from after redirects, header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


def fetch(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    deadline: float = 10.0,
    limit: int = 1_048_576,
    foreign: bool = True,
    redirects: int = 0,
    verify: ssl.SSLContext | None = None,
) -> Fetched:
    """One request, done within `deadline` seconds and `limit` bytes, whatever the other side does.

    `foreign` (the default) refuses addresses that are not public; turn it off only for addresses that an administrator
    has entered. Any status is an answer; `FetchError` means that there was none.
    """
    ends = monotonic() + deadline
    for _ in range(redirects + 1):
        fetched = _once(method, url, dict(headers or {}), body, ends, limit, foreign, verify)
        if fetched.status not in REDIRECTS or redirects == 0 or "location" not in fetched.headers:
            return fetched
        url = str(httpx.URL(url).join(fetched.headers["location"]))
        if fetched.status == 303:
            method, body = "GET", b""
    raise FetchError(f"more than {redirects} redirects", sent=True)


def _once(
    method: str,
    url: str,
    headers: dict[str, str],
    body: bytes,
    ends: float,
    limit: int,
    foreign: bool,
    verify: ssl.SSLContext | None,
) -> Fetched:
    to, backend = _address(url), _Backend(ends, foreign)
    target = httpcore.URL(scheme=to.raw_scheme, host=to.raw_host, port=to.port, target=to.raw_path)
    sent = _own_headers(to) | {name.lower().encode(): value.encode() for name, value in headers.items()}
    content = body if body or method in WRITES else None
    try:
        with (
            httpcore.ConnectionPool(ssl_context=verify or _trusted(), network_backend=backend) as pool,
            pool.stream(method, target, headers=list(sent.items()), content=content) as response,
        ):
            found = _told(response.headers)
            if found.get("content-encoding", "identity") != "identity":
                raise FetchError("the answer is compressed although plain was asked for", sent=True)
            return Fetched(response.status, found, _bounded(response.iter_stream(), limit), url)
    except httpcore.TimeoutException:
        raise FetchError("no whole answer within the deadline", sent=backend.wrote) from None
    except NO_ANSWER as error:
        raise FetchError(_why(error), sent=backend.wrote) from None


def _own_headers(to: httpx.URL) -> dict[bytes, bytes]:
    """Asking for the plain bytes keeps the limit honest: a compressed answer can be a thousand times its size."""
    own = {b"host": to.netloc, b"accept": b"*/*", b"accept-encoding": b"identity", b"user-agent": b"Weerklank"}
    if to.userinfo:
        own[b"authorization"] = b"Basic " + b64encode(f"{to.username}:{to.password}".encode())
    return own


def _told(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """By names in lower case; one that came several times is one list (RFC 9110, 5.3)."""
    found: dict[str, str] = {}
    for raw, value in headers:
        name, said = raw.decode("latin-1").lower(), value.decode("latin-1")
        found[name] = f"{found[name]}, {said}" if name in found else said
    return found


def _why(error: Exception) -> str:
    """A certificate is what an administrator can ask the other side about; the rest is the network's."""
    _, refused, why = str(error).partition("certificate verify failed: ")
    return (
        f"its certificate is not valid: {why.partition(' (')[0]}" if refused else f"no answer: {type(error).__name__}"
    )


def _address(url: str) -> httpx.URL:
    try:
        to = httpx.URL(url)
    except httpx.InvalidURL:
        to = httpx.URL()
    if to.scheme not in ("http", "https"):
        raise AddressRefused("only http and https addresses are called")
    return to


class _Shared(ssl.SSLContext):
    """A context that many threads connect by: httpcore sets its protocols at each connection, OpenSSL forbids it then."""

    def set_alpn_protocols(self, alpn_protocols: Iterable[str]) -> None:
        """Nothing: they were set when this was made."""


def trusting(authorities: Path | None = None) -> ssl.SSLContext:
    """What `fetch` verifies by: a file of authorities, or those of the system. Many threads may share it."""
    context = _Shared(ssl.PROTOCOL_TLS_CLIENT)
    ssl.SSLContext.set_alpn_protocols(context, ["http/1.1"])
    if authorities is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(authorities)
    return context


@cache
def _trusted() -> ssl.SSLContext:
    """The system's authorities, read once: it takes longer than many a request."""
    return trusting()


def _bounded(chunks: Iterable[bytes], limit: int) -> bytes:
    parts, size = [], 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise FetchError(f"the answer is larger than {limit} bytes", sent=True)
        parts.append(chunk)
    return b"".join(parts)


def public_addresses(host: str, port: int) -> list[str]:
    """All addresses of a host; raises `AddressRefused` when one of them is not public, `OSError` when there are none."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not all(is_public(address) for address in found):
        raise AddressRefused("this name leads to an address that is not public")
    return found


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet; an IPv4 address inside an IPv6 one is judged itself."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if ip in ipaddress.ip_network("64:ff9b::/96"):  # NAT64 (RFC 6052)
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not ip.is_multicast


class _Backend(httpcore.NetworkBackend):
    """Opens sockets to checked addresses only, and lets no operation outlive the deadline."""

    def __init__(self, ends: float, foreign: bool) -> None:
        self._ends = ends
        self._foreign = foreign
        self._inner = httpcore.SyncBackend()
        self.wrote = False

    def left(self) -> float:
        """Seconds until the deadline; raises when there are none."""
        left = self._ends - monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        address = public_addresses(host, port)[0] if self._foreign else host
        stream = self._inner.connect_tcp(address, port, self.left(), local_address, socket_options)
        return _Socket(stream, self)

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(min(seconds, self.left()))


class _Socket(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, backend: _Backend) -> None:
        self._inner = inner
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(min(max_bytes, READ_AT_ONCE), self._backend.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._backend.wrote = True
        self._inner.write(buffer, self._backend.left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Socket(self._inner.start_tls(ssl_context, server_hostname, self._backend.left()), self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
