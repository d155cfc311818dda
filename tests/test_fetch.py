"""Outgoing HTTP against servers that misbehave, on loopback."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from app.clock import monotonic
from app.fetch import AddressRefused, FetchError, fetch, is_public, trusting
from tests.servers.certificates import make_certificates

Talk = Callable[[socket.socket, Event], None]


@contextmanager
def server(talk: Talk, heard: list[bytes] | None = None, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server that accepts connections and lets `talk` do what it likes with each; what was asked is put into `heard`."""
    stop = Event()
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.05)

    def accept() -> None:
        while not stop.is_set():
            try:
                peer, _ = listening.accept()
            except TimeoutError:
                continue
            peer.settimeout(2)
            with tls.wrap_socket(peer, server_side=True) if tls else peer as peer:
                asked = peer.recv(65536)
                if heard is not None:
                    heard.append(asked)
                try:
                    talk(peer, stop)
                except OSError:
                    continue

    thread = Thread(target=accept)
    thread.start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{listening.getsockname()[1]}/"
    finally:
        stop.set()
        thread.join()
        listening.close()


def says(answer: bytes) -> Talk:
    return lambda peer, _: peer.sendall(answer)


def drips(first: bytes) -> Talk:
    def talk(peer: socket.socket, stop: Event) -> None:
        peer.sendall(first)
        while not stop.wait(0.05):
            peer.sendall(b"x")

    return talk


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Kind: test\r\n\r\nok"


def test_an_answer_comes_whole() -> None:
    with server(says(OK)) as url:
        fetched = fetch("POST", url, body=b"{}", foreign=False)
    assert (fetched.status, fetched.body, fetched.headers["x-kind"]) == (200, b"ok", "test")


def test_a_request_says_who_asks_for_what_and_how_long_its_body_is() -> None:
    heard: list[bytes] = []
    with server(says(OK), heard) as url:
        host = url.removeprefix("http://").rstrip("/")
        fetch("GET", url.replace("http://", "http://naam:geheim%21@") + "pad?q=a%20b&é=1", foreign=False)
        fetch("POST", url, headers={"User-Agent": "Proef", "X-Kind": "leeg"}, foreign=False)
    asked, written = ([line.lower() for line in head.split(b"\r\n")] for head in heard)
    assert asked[0] == b"get /pad?q=a%20b&%c3%a9=1 http/1.1"
    assert {f"host: {host}".encode(), b"accept-encoding: identity", b"user-agent: weerklank"} <= set(asked)
    assert b"authorization: basic bmfhbtpnzwhlaw0h" in asked
    assert not any(line.startswith(b"content-length") for line in asked)
    assert {b"content-length: 0", b"user-agent: proef", b"x-kind: leeg"} <= set(written)
    assert sum(line.startswith(b"user-agent") for line in written) == 1


def test_a_context_that_threads_share_keeps_the_protocol_that_it_was_made_with(tmp_path: Path) -> None:
    """httpcore sets the protocols at each connection, and OpenSSL forbids that while another thread connects."""
    certificates = make_certificates(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificates.certificate, certificates.key)
    tls.set_alpn_protocols(["h2", "http/1.1"])
    agreed: list[str | None] = []

    def talk(peer: socket.socket, _: Event) -> None:
        assert isinstance(peer, ssl.SSLSocket)
        agreed.append(peer.selected_alpn_protocol())
        peer.sendall(OK)

    shared = trusting(certificates.authority)
    shared.set_alpn_protocols(["h2"])
    with server(talk, tls=tls) as url:
        assert fetch("GET", url, foreign=False, verify=shared).body == b"ok"
    assert agreed == ["http/1.1"]


def test_a_header_that_comes_several_times_is_one_list() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nLink: <a>\r\nlink: <b>\r\n\r\n"
    with server(says(answer)) as url:
        assert fetch("GET", url, foreign=False).headers["link"] == "<a>, <b>"


@pytest.mark.parametrize("first", [b"HTTP/1.1 200 OK\r\nX-A: ", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"])
def test_a_dripping_server_is_left_at_the_deadline(first: bytes) -> None:
    with server(drips(first)) as url:
        began = monotonic()
        with pytest.raises(FetchError, match="deadline") as raised:
            fetch("GET", url, deadline=0.5, foreign=False)
        assert monotonic() - began < 2
    assert raised.value.sent


def test_a_silent_server_is_left_at_the_deadline() -> None:
    def silent(_: socket.socket, stop: Event) -> None:
        stop.wait(5)

    with server(silent) as url, pytest.raises(FetchError, match="deadline"):
        fetch("GET", url, deadline=0.3, foreign=False)


def test_an_endless_answer_is_cut_at_the_limit() -> None:
    def endless(peer: socket.socket, stop: Event) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not stop.is_set():
            peer.sendall(b"x" * 65536)

    with server(endless) as url, pytest.raises(FetchError, match="larger than 100000"):
        fetch("GET", url, limit=100_000, foreign=False)


def test_a_compressed_answer_is_refused_since_it_may_be_a_bomb() -> None:
    zipped = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"
    with server(says(zipped)) as url, pytest.raises(FetchError, match="compressed"):
        fetch("GET", url, foreign=False)


def test_nothing_was_sent_when_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(FetchError) as raised:
        fetch("GET", f"http://127.0.0.1:{port}/", foreign=False)
    assert not raised.value.sent


@pytest.mark.parametrize(
    "garbage", [b"", b"<html>", b"HTTP/9 banana\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"]
)
def test_half_answers_and_other_languages_are_an_error(garbage: bytes) -> None:
    with server(says(garbage)) as url, pytest.raises(FetchError):
        fetch("GET", url, foreign=False)


def test_redirects_are_followed_only_as_far_as_asked() -> None:
    with server(says(OK)) as target:
        moved = f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
        with server(says(moved)) as url:
            assert fetch("GET", url, foreign=False).status == 302
            assert fetch("GET", url, foreign=False, redirects=1).body == b"ok"


def test_a_redirect_loop_ends() -> None:
    to_itself = b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"
    with server(says(to_itself)) as url, pytest.raises(FetchError, match="redirects"):
        fetch("GET", url, foreign=False, redirects=3)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://127.1/", "http://0x7f000001/", "http://2130706433/", "http://[::1]/",
        "http://[::ffff:127.0.0.1]/", "http://localhost/", "http://169.254.169.254/latest", "http://10.0.0.1/",
        "http://192.168.1.1/", "http://0.0.0.0/", "ftp://voorbeeldstad.example/", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_addresses_inside_the_house_are_refused(url: str) -> None:
    with pytest.raises(AddressRefused) as raised:
        fetch("GET", url)
    assert not raised.value.sent


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("2606:4700::1111", True), ("172.16.0.1", False), ("100.64.0.1", False),
        ("224.0.0.1", False), ("fe80::1%eth0", False), ("fd00::1", False), ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False), ("64:ff9b::5db8:d822", True),
    ],
)  # fmt: skip
def test_what_is_public(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize("url", ["http://[half/", "http://a\x00b/", "", "http://", "http://:99999/"])
def test_what_is_no_address_is_an_error_of_ours(url: str) -> None:
    with pytest.raises(FetchError) as raised:
        fetch("GET", url)
    assert not raised.value.sent
