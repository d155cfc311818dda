"""Connecting to a mailbox: whom we trust, how long we wait, and what an error may say."""

import time
from pathlib import Path
from threading import Event, active_count

import pytest
from pydantic import SecretStr

from app.channels.contract import Unreachable
from app.channels.mail.imap import Mailbox
from app.channels.mail.server import Security, Server
from tests.channels.mail.boxes import imap_of, mail, opener, put
from tests.channels.mail.scripted import Peer, imap_script, serving
from tests.servers.certificates import make_certificates
from tests.servers.dovecot import UNKNOWN
from tests.servers.mail import MailServers
from tests.until import until

SECRET = "zeer-geheim"


def plain(port: int, security: Security = Security.NONE, ca_file: str | None = None, user: str = "u") -> Server:
    return Server("localhost", port, security, user, SecretStr(SECRET), ca_file)


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS, Security.NONE])
def test_a_mailbox_opens_over_each_protection(mail_servers: MailServers, security: Security) -> None:
    box = mail_servers.mailbox()
    put(mail_servers, box, mail())
    with Mailbox(imap_of(mail_servers, box, security), "INBOX") as mailbox:
        assert mailbox.above(0) == [1]
        assert mailbox.can_idle


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_certificate_of_an_unknown_authority_is_refused(mail_servers: MailServers, security: Security) -> None:
    server = imap_of(mail_servers, mail_servers.mailbox(), security)
    stranger = Server(server.host, server.port, server.security, server.user, server.password, ca_file=None)
    with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        Mailbox(stranger, "INBOX")


def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    elsewhere = make_certificates(tmp_path, host="elders.example")
    with (
        serving(imap_script(), elsewhere) as port,
        pytest.raises(Unreachable, match="Hostname mismatch"),
    ):
        Mailbox(plain(port, Security.TLS, str(elsewhere.authority)), "INBOX")


def test_a_server_without_starttls_never_hears_the_password() -> None:
    heard: list[bytes] = []

    def listen_in(peer: Peer, tag: bytes, command: bytes) -> bool:
        heard.append(command)
        return False

    with serving(imap_script(listen_in)) as port, pytest.raises(Unreachable, match="TLS not supported"):
        Mailbox(plain(port, Security.STARTTLS), "INBOX")
    assert heard
    assert not any(SECRET.encode() in line or b"AUTHENTICATE" in line for line in heard)


def test_a_wrong_password_is_told_without_telling_it(mail_servers: MailServers) -> None:
    server = imap_of(mail_servers, mail_servers.mailbox())
    wrong = Server(server.host, server.port, server.security, UNKNOWN[0], SecretStr(SECRET), server.ca_file)
    with pytest.raises(Unreachable, match="refuses user or password") as caught:
        Mailbox(wrong, "INBOX")
    assert SECRET not in repr(caught.value) + repr(caught.value.__context__)
    assert "FAILED" in caught.value.detail


@pytest.mark.parametrize("answer", [b"NO [AUTHENTICATIONFAILED] no", b"BAD what is that"])
def test_a_refused_login_never_shows_what_was_sent(answer: bytes) -> None:
    def refuse(peer: Peer, tag: bytes, command: bytes) -> bool:
        if command.startswith(b"LOGIN"):
            assert command == b'LOGIN "een \\"naam\\"" "zeer-geheim"'
            peer.say(tag + b" " + answer)
        return command.startswith(b"LOGIN")

    with serving(imap_script(refuse)) as port, pytest.raises(Unreachable, match="refuses user or password") as caught:
        Mailbox(plain(port, user='een "naam"'), "INBOX")
    assert SECRET not in caught.value.detail


def test_no_password_is_sent_where_the_server_forbids_it() -> None:
    with (
        serving(imap_script(capabilities=b"IMAP4rev1 LOGINDISABLED")) as port,
        pytest.raises(Unreachable, match="choose tls or starttls"),
    ):
        Mailbox(plain(port), "INBOX")


def test_a_password_outside_ascii_needs_a_server_that_knows_plain() -> None:
    with serving(imap_script()) as port, pytest.raises(Unreachable, match="choose another"):
        Mailbox(Server("localhost", port, Security.NONE, "u", SecretStr("ge\u00efnd")), "INBOX")


def test_a_folder_that_does_not_exist_is_named(mail_servers: MailServers) -> None:
    with pytest.raises(Unreachable, match="Bestaatniet"):
        opener(mail_servers, mail_servers.mailbox(), "Bestaatniet")()


def test_nobody_listening_is_unreachable() -> None:
    with serving(imap_script()) as port:
        pass
    with pytest.raises(Unreachable, match="cannot connect"):
        Mailbox(plain(port), "INBOX")


@pytest.mark.parametrize("silent_at", [b"", b"CAPABILITY", b"LOGIN", b"EXAMINE", b"UID SEARCH"])
def test_a_server_that_falls_silent_is_given_up_and_leaves_no_thread(silent_at: bytes) -> None:
    over = Event()

    def fall_silent(peer: Peer, tag: bytes, command: bytes) -> bool:
        if command.startswith(silent_at):
            over.wait(10)
        return False

    script = imap_script(fall_silent) if silent_at else lambda peer: (over.wait(10), None)[1]
    before = active_count()
    with serving(script) as port:
        began = time.monotonic()
        with pytest.raises(Unreachable), Mailbox(plain(port), "INBOX", timeout=1) as mailbox:
            mailbox.above(0)
        assert time.monotonic() - began < 5
        over.set()
    until(lambda: active_count() <= before, saying="all threads are gone")


def test_a_silent_tls_handshake_is_given_up(tmp_path: Path) -> None:
    over = Event()
    with serving(lambda peer: (over.wait(10), None)[1]) as port:
        with pytest.raises(Unreachable, match="timed out"):
            Mailbox(plain(port, Security.TLS), "INBOX", timeout=0.5)
        over.set()


def test_a_server_that_hangs_up_is_unreachable_at_once() -> None:
    def hang_up(peer: Peer, tag: bytes, command: bytes) -> bool:
        if command.startswith(b"UID SEARCH"):
            peer.vanish()
        return command.startswith(b"UID SEARCH")

    with serving(imap_script(hang_up)) as port:
        began = time.monotonic()
        with pytest.raises(Unreachable), Mailbox(plain(port), "INBOX", timeout=20) as mailbox:
            mailbox.above(0)
        assert time.monotonic() - began < 3


def test_a_request_made_just_after_the_end_is_over_at_once() -> None:
    leave = Event()

    def hang_up(peer: Peer, tag: bytes, command: bytes) -> bool:
        if command.startswith(b"EXAMINE"):
            peer.say(b"* 0 EXISTS", b"* OK [UIDVALIDITY 7] ok", b"* OK [UIDNEXT 1] ok", tag + b" OK done")
            leave.wait(10)
            peer.vanish()
        return command.startswith(b"EXAMINE")

    with serving(imap_script(hang_up)) as port:
        mailbox = Mailbox(plain(port), "INBOX")
        leave.set()
        until(lambda: mailbox._imap.Terminate, saying="the end is known")
        with pytest.raises(mailbox._imap.abort, match="ended"):
            mailbox._imap._request_push(name="NOOP").get_response("%s")
        mailbox.close()


def test_nothing_that_is_said_reaches_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    def hang_up(peer: Peer, tag: bytes, command: bytes) -> bool:
        if command.startswith(b"UID SEARCH"):
            peer.vanish()
        return command.startswith(b"UID SEARCH")

    with serving(imap_script(hang_up)) as port, pytest.raises(Unreachable), Mailbox(plain(port), "INBOX") as mailbox:
        mailbox.above(0)
    assert capfd.readouterr().err == ""
