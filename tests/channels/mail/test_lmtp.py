"""LMTP: 250 only when stored, an answer for each recipient, and nothing that one sender does stops another."""

import asyncio
import smtplib
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread, active_count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.channels.contract import HandedOver, Refused
from app.channels.mail.lmtp import LmtpServer
from app.channels.mail.lmtp_session import read_data
from tests.channels.mail.boxes import mail
from tests.loop import alone
from tests.until import until

KNOWN = ("info@voorbeeldstad.example", "balie@voorbeeldstad.example", "ge\u00efnd@voorbeeldstad.example")


class Store:
    """What `store` was given; `failing` makes it raise for a recipient, `waiting` makes it wait."""

    def __init__(self) -> None:
        self.kept: list[HandedOver] = []
        self.failing: set[str] = set()
        self.waiting: Event | None = None
        self.entered = Event()

    def __call__(self, handed: HandedOver) -> None:
        self.entered.set()
        if self.waiting is not None:
            self.waiting.wait(10)
        if handed.recipient in self.failing:
            raise ConnectionError("the database is away")
        self.kept.append(handed)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def server(store: Store) -> Iterator[LmtpServer]:
    running = LmtpServer("127.0.0.1:0", store, lambda a: a in KNOWN, max_bytes=200_000)
    running.start()
    yield running
    running.stop()


def client(server: LmtpServer) -> smtplib.LMTP:
    host, _, port = server.address.rpartition(":")
    return smtplib.LMTP(host, int(port), timeout=10)


class Talk:
    """A bare conversation, for what smtplib would not send."""

    def __init__(self, server: LmtpServer) -> None:
        host, _, port = server.address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=10)
        self._file = self.socket.makefile("rb")
        self.answer()

    def say(self, *lines: bytes) -> None:
        self.socket.sendall(b"".join(line + b"\r\n" for line in lines))

    def answer(self) -> bytes:
        """One whole answer, its last line."""
        while True:
            line: bytes = self._file.readline()
            if line[3:4] != b"-":
                return line.rstrip()

    def ask(self, line: bytes) -> bytes:
        self.say(line)
        return self.answer()

    def addressed(self, *recipients: str) -> list[bytes]:
        self.ask(b"LHLO mx.voorbeeldstad.example")
        self.ask(b"MAIL FROM:<burger@burgers.example>")
        return [self.ask(b"RCPT TO:<" + r.encode() + b">") for r in recipients]

    def close(self) -> None:
        self._file.close()
        self.socket.close()


@pytest.fixture
def talk(server: LmtpServer) -> Iterator[Talk]:
    talking = Talk(server)
    yield talking
    talking.close()


def test_a_stored_mail_is_answered_with_250_and_comes_byte_for_byte(store: Store, talk: Talk) -> None:
    raw = mail() + b"\0nul \xff\xe9 8bit\r\n"
    assert talk.addressed(KNOWN[0]) == [b"250 2.1.5 OK"]
    assert talk.ask(b"DATA").startswith(b"354")
    assert talk.ask(raw + b".") == b"250 2.0.0 Stored"
    assert store.kept == [HandedOver(raw, "burger@burgers.example", KNOWN[0], "lmtp")]


def test_250_is_said_only_after_storing(store: Store, talk: Talk) -> None:
    store.waiting = Event()
    talk.addressed(KNOWN[0])
    talk.ask(b"DATA")
    talk.say(b"Subject: x", b"", b"x", b".")
    assert store.entered.wait(10)
    talk.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        talk.socket.recv(1)
    talk.socket.settimeout(10)
    store.waiting.set()
    assert talk.socket.recv(100).startswith(b"250")


def test_a_store_that_fails_makes_the_sender_keep_the_mail(store: Store, talk: Talk) -> None:
    store.failing.add(KNOWN[0])
    talk.addressed(KNOWN[0])
    talk.ask(b"DATA")
    assert talk.ask(b"Subject: x\r\n\r\nx\r\n.") == b"451 4.3.0 Not stored; try again later"
    assert store.kept == []


def test_a_recipient_whose_account_was_closed_meanwhile_is_refused_for_good() -> None:
    def closed(handed: HandedOver) -> None:
        raise Refused("no mailbox here has the address of this recipient")

    server = LmtpServer("127.0.0.1:0", closed, lambda address: True, 1_000)
    server.start()
    talk = Talk(server)
    try:
        talk.addressed(KNOWN[0])
        talk.ask(b"DATA")
        assert talk.ask(b"Subject: x\r\n\r\n.") == b"550 5.1.1 No such recipient here"
    finally:
        talk.close()
        server.stop()


def test_each_recipient_is_answered_for_itself(store: Store, talk: Talk) -> None:
    store.failing.add(KNOWN[1])
    assert talk.addressed(KNOWN[0], "vreemd@voorbeeldstad.example", KNOWN[1]) == [
        b"250 2.1.5 OK",
        b"550 5.1.1 No such recipient here",
        b"250 2.1.5 OK",
    ]
    talk.ask(b"DATA")
    talk.say(b"Subject: x", b"", b"x", b".")
    assert [talk.answer()[:3], talk.answer()[:3]] == [b"250", b"451"]
    assert [h.recipient for h in store.kept] == [KNOWN[0]]
    assert talk.ask(b"NOOP").startswith(b"250")


def test_a_list_of_known_addresses_that_cannot_be_read_makes_the_sender_come_back(store: Store) -> None:
    def broken(address: str) -> bool:
        raise ConnectionError("the database is away")

    server = LmtpServer("127.0.0.1:0", store, broken, 1_000)
    server.start()
    talk = Talk(server)
    try:
        assert talk.addressed(KNOWN[0]) == [b"451 4.3.0 Not stored; try again later"]
    finally:
        talk.close()
        server.stop()


def test_the_largest_mail_is_announced_and_a_larger_one_refused_at_once(talk: Talk) -> None:
    talk.say(b"LHLO x")
    lines = []
    while True:
        lines.append(talk._file.readline().rstrip())
        if lines[-1][3:4] == b" ":
            break
    offered = {line[4:] for line in lines}
    assert {b"SIZE 200000", b"8BITMIME", b"SMTPUTF8", b"PIPELINING", b"ENHANCEDSTATUSCODES"} <= offered
    assert talk.ask(b"MAIL FROM:<a@b.example> SIZE=200001") == b"552 5.3.4 Message too large"
    assert talk.ask(b"MAIL FROM:<a@b.example> SIZE=200000 BODY=8BITMIME").startswith(b"250")


def test_a_mail_that_turns_out_too_large_is_refused_for_every_recipient_and_the_talk_goes_on(
    store: Store, talk: Talk
) -> None:
    talk.addressed(KNOWN[0], KNOWN[1])
    talk.ask(b"DATA")
    talk.say(*[b"x" * 998] * 300, b".")
    assert [talk.answer(), talk.answer()] == [b"552 5.3.4 Message too large"] * 2
    assert store.kept == []
    talk.addressed(KNOWN[0])
    talk.ask(b"DATA")
    assert talk.ask(b"Subject: y\r\n\r\ny\r\n.").startswith(b"250")


def test_a_line_of_any_length_is_taken(store: Store, talk: Talk) -> None:
    raw = b"Subject: x\r\n\r\n" + b"x" * 150_000 + b"\r\n"
    talk.addressed(KNOWN[0])
    talk.ask(b"DATA")
    assert talk.ask(raw + b".").startswith(b"250")
    assert store.kept[0].body == raw


def test_dots_at_the_start_of_lines_come_back_and_only_a_lone_one_ends(store: Store, talk: Talk) -> None:
    talk.addressed(KNOWN[0])
    talk.ask(b"DATA")
    assert talk.ask(b"..een\r\n..\r\nx.\r\n\n.\n...\r\n.").startswith(b"250")
    assert store.kept[0].body == b".een\r\n.\r\nx.\r\n\n.\n...\r\n"  # a bare LF starts no line


def test_commands_that_come_together_are_answered_in_order(store: Store, talk: Talk) -> None:
    talk.say(b"LHLO x", b"MAIL FROM:<>", b"RCPT TO:<" + KNOWN[0].encode() + b">", b"DATA")
    assert [talk.answer()[:3] for _ in range(4)] == [b"250", b"250", b"250", b"354"]
    talk.say(b"Subject: x", b"", b"x", b".", b"MAIL FROM:<>", b"QUIT")
    assert [talk.answer()[:3] for _ in range(3)] == [b"250", b"250", b"221"]
    assert store.kept[0].sender == ""


def test_an_address_outside_ascii_arrives_as_it_is(store: Store, talk: Talk) -> None:
    talk.ask(b"LHLO x")
    talk.ask(b"MAIL FROM:<b\xc3\xa9@burgers.example> SMTPUTF8")
    assert talk.ask(b"RCPT TO:<" + KNOWN[2].encode() + b">").startswith(b"250")
    talk.ask(b"DATA")
    talk.ask(b"Subject: x\r\n\r\nx\r\n.")
    assert (store.kept[0].sender, store.kept[0].recipient) == ("b\u00e9@burgers.example", KNOWN[2])


def test_bytes_that_are_no_utf8_in_an_address_harm_nothing(talk: Talk) -> None:
    talk.ask(b"LHLO x")
    talk.ask(b"MAIL FROM:<\xff\xfe@burgers.example>")
    assert talk.ask(b"RCPT TO:<\xff@voorbeeldstad.example>") == b"550 5.1.1 No such recipient here"


@pytest.mark.parametrize(
    "order", [b"DATA", b"RCPT TO:<info@voorbeeldstad.example>", b"EHLO x", b"QUARK", b"RCPT TO:<<<@>>"]
)
def test_an_order_out_of_place_is_refused_and_the_talk_goes_on(talk: Talk, order: bytes) -> None:
    talk.ask(b"LHLO x")
    assert talk.ask(order)[:1] in (b"4", b"5")
    assert talk.ask(b"NOOP").startswith(b"250")


def test_smtplib_itself_can_deliver(server: LmtpServer, store: Store) -> None:
    with client(server) as lmtp:
        refused = lmtp.sendmail("burger@burgers.example", [KNOWN[0], "vreemd@voorbeeldstad.example"], mail())
    assert set(refused) == {"vreemd@voorbeeldstad.example"}
    assert store.kept[0].body == mail()


def test_a_client_that_leaves_half_way_leaves_nothing(store: Store, server: LmtpServer) -> None:
    before = active_count()
    talking = Talk(server)
    talking.addressed(KNOWN[0])
    talking.ask(b"DATA")
    talking.say(b"Subject: half")
    talking.close()
    other = Talk(server)
    other.addressed(KNOWN[0])
    other.ask(b"DATA")
    assert other.ask(b"Subject: heel\r\n\r\n.").startswith(b"250")
    other.close()
    assert [h.body for h in store.kept] == [b"Subject: heel\r\n\r\n"]
    assert active_count() <= before + 4


def test_one_slow_store_stops_no_other_talk(store: Store, server: LmtpServer, talk: Talk) -> None:
    store.waiting = Event()
    talk.addressed(KNOWN[0])
    talk.ask(b"DATA")
    talk.say(b"Subject: x", b"", b".")
    assert store.entered.wait(10)
    other = Talk(server)
    assert other.addressed(KNOWN[1]) == [b"250 2.1.5 OK"]
    other.close()
    store.waiting.set()
    assert talk.answer().startswith(b"250")


def test_a_silent_client_is_sent_away() -> None:
    server = LmtpServer("127.0.0.1:0", lambda handed: None, lambda address: True, 1_000, idle_seconds=0.2)
    server.start()
    talk = Talk(server)
    try:
        talk.ask(b"LHLO x")
        assert talk._file.readline() == b""
    finally:
        talk.close()
        server.stop()


def test_stopping_lets_a_store_finish_and_its_sender_hear_it(store: Store) -> None:
    store.waiting = Event()
    server = LmtpServer("127.0.0.1:0", store, lambda address: True, 1_000)
    server.start()
    talk = Talk(server)
    idle = Talk(server)
    talk.addressed(KNOWN[0])
    talk.ask(b"DATA")
    talk.say(b"Subject: x", b"", b".")
    assert store.entered.wait(10)
    stopping = Thread(target=server.stop)
    stopping.start()
    store.waiting.set()
    stopping.join(10)
    assert talk.answer().startswith(b"250")
    assert talk.answer().startswith(b"421")
    assert idle.answer().startswith(b"421")
    assert len(store.kept) == 1
    talk.close()
    idle.close()


def test_a_stopped_server_leaves_no_thread_and_no_listener(store: Store) -> None:
    before = active_count()
    server = LmtpServer("127.0.0.1:0", store, lambda address: True, 1_000)
    server.start()
    host, _, port = server.address.rpartition(":")
    server.stop()
    with pytest.raises(OSError):
        socket.create_connection((host, int(port)), timeout=1)
    until(lambda: active_count() <= before)


def test_a_taken_port_is_an_error_at_start(server: LmtpServer, store: Store) -> None:
    with pytest.raises(OSError):
        LmtpServer(server.address, store, lambda address: True, 1_000).start()


def test_it_listens_on_a_unix_socket_and_takes_the_place_of_a_dead_one(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "lmtp"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    server = LmtpServer(f"unix:{path}", store, lambda address: True, 1_000)
    server.start()
    try:
        with smtplib.LMTP(str(path)) as lmtp:
            lmtp.sendmail("burger@burgers.example", [KNOWN[0]], b"Subject: x\r\n\r\n")
    finally:
        server.stop()
    assert [h.recipient for h in store.kept] == [KNOWN[0]]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from([b".", b"\r\n", b"\r", b"\n", b"x", b".\r\n", b"\r\n.", b"ab"]), max_size=30),
    st.integers(1, 7),
)
def test_whatever_is_stuffed_comes_out_as_it_went_in(pieces: list[bytes], size: int) -> None:
    raw = b"".join(pieces) + b"\r\n"
    stuffed = (b"." if raw.startswith(b".") else b"") + raw.replace(b"\r\n.", b"\r\n..") + b".\r\n"

    async def through() -> tuple[bytes | None, bytes]:
        reader = asyncio.StreamReader(limit=64)
        _feed(reader, stuffed + b"NOOP\r\n", size)
        body = await read_data(reader, 10_000)
        return body, await reader.readline()

    assert alone(through) == (raw, b"NOOP\r\n")


def _feed(reader: asyncio.StreamReader, data: bytes, size: int) -> None:
    """Let the data come in pieces, one at each turn of the loop, as from a wire."""
    reader.feed_data(data[:size])
    if data[size:]:
        asyncio.get_running_loop().call_soon(_feed, reader, data[size:], size)
