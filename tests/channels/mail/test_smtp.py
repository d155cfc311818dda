"""Sending: at a real Postfix, and at servers that fail at each step. What is said must be what has happened."""

import time
from email import message_from_bytes
from threading import Event

import pytest
from pydantic import SecretStr

from app.channels.contract import Refused, Uncertain, Unreachable
from app.channels.mail.compose import Mail
from app.channels.mail.server import Security, Server
from app.channels.mail.smtp import hand_over, session
from tests.channels.mail.boxes import mail
from tests.channels.mail.scripted import Peer, serving
from tests.servers.mail import Mailbox as Box
from tests.servers.mail import MailServers

CITIZEN = "burger@burgers.example"
OURS = "info+token@voorbeeldstad.example"


def outgoing(*recipients: str, content: bytes = b"", automatic: bool = False, utf8: bool = False) -> Mail:
    return Mail(
        "<d1@voorbeeldstad.example>",
        "" if automatic else OURS,
        recipients or (CITIZEN,),
        content or mail(),
        automatic,
        utf8,
    )


def plain(port: int, security: Security = Security.NONE, user: str = "") -> Server:
    return Server("localhost", port, security, user, SecretStr("zeer-geheim"))


def submission(servers: MailServers, box: Box) -> Server:
    secret = SecretStr(box.password)
    return Server(
        "localhost", servers.postfix.submission, Security.STARTTLS, box.address, secret, str(servers.authority)
    )


# --- a script for each way in which it can end ----------------------------------------------------------------------


class Script:
    """A server that answers 250 (354 at DATA), but for what `answers` gives by verb; `None` = hang up, Event = silence."""

    def __init__(self, *features: bytes, **answers: bytes | Event | None) -> None:
        self._features = features
        self._answers = answers
        self.heard: list[bytes] = []
        self.mails: list[bytes] = []

    def __call__(self, peer: Peer) -> None:
        if not self._answer(peer, "greeting", b"220 ready"):
            return
        while line := peer.hear():
            self.heard.append(line)
            verb = line.split(b" ")[0].decode().upper()
            if verb == "EHLO":
                peer.say(*[b"250-" + f for f in (b"hello", *self._features)], b"250 HELP")
            elif verb == "DATA" and self._answer(peer, verb, b"354 go"):
                self.mails.append(peer.hear_until(b"."))
                if not self._answer(peer, "dot", b"250 2.0.0 queued as X1"):
                    return
            elif verb != "DATA" and not self._answer(peer, verb, b"250 ok"):
                return

    def _answer(self, peer: Peer, step: str, usual: bytes) -> bool:
        """Whether the talk goes on as usual."""
        answer = self._answers.get(step, usual)
        if isinstance(answer, bytes):
            peer.say(answer)
            return answer[:1] in (b"2", b"3") or step not in ("DATA", "greeting")
        if answer is None:
            peer.vanish()
        else:
            answer.wait(10)
        return False


def sending(script: Script, one: Mail | None = None, step: float = 5, total: float = 10) -> str:
    with serving(script) as port:
        return hand_over(one or outgoing(), plain(port), step, total).words


def test_a_mail_that_is_taken_brings_the_servers_own_words() -> None:
    script = Script()
    assert sending(script) == "250 2.0.0 queued as X1"
    assert script.mails == [mail()]


@pytest.mark.parametrize(
    ("step", "answer", "whole_account"),
    [
        ("greeting", b"421 busy", True),
        ("greeting", b"554 no mail here", True),
        ("MAIL", b"451 later", True),
        ("MAIL", b"421 closing", True),
        ("MAIL", b"530 5.7.0 sign in first", True),
        ("RCPT", b"450 4.2.0 greylisted", False),
        ("RCPT", b"421 closing", True),
        ("DATA", b"451 later", False),
        ("DATA", b"250 strange", False),
        ("dot", b"452 4.3.1 disk full", False),
        ("dot", b"421 closing", True),
    ],
)  # fmt: skip
def test_a_not_now_is_tried_again(step: str, answer: bytes, whole_account: bool) -> None:
    with pytest.raises(Unreachable, match=answer.split(b" ")[-1].decode()) as caught:
        sending(Script(**{step: answer}))
    assert caught.value.whole_account is whole_account


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "dot"])
def test_a_never_is_final_and_says_why(step: str) -> None:
    with pytest.raises(Refused, match="no thanks") as caught:
        sending(Script(**{step: b"550 5.7.1 no thanks"}))
    assert caught.value.code == "550"


@pytest.mark.parametrize("step", ["greeting", "MAIL", "RCPT", "DATA"])
def test_a_server_that_hangs_up_before_the_dot_has_done_nothing(step: str) -> None:
    script = Script(**{step: None})
    with pytest.raises(Unreachable):
        sending(script)
    assert script.mails == []


@pytest.mark.parametrize("step", ["greeting", "MAIL", "RCPT", "DATA"])
def test_a_server_that_is_silent_before_the_dot_has_done_nothing(step: str) -> None:
    silence = Event()
    script = Script(**{step: silence})
    with serving(script) as port:
        with pytest.raises(Unreachable):
            hand_over(outgoing(), plain(port), 0.3, 5)
        silence.set()
    assert script.mails == []


def test_a_server_that_hangs_up_after_the_dot_may_have_sent_it() -> None:
    script = Script(dot=None)
    with pytest.raises(Uncertain):
        sending(script)
    assert script.mails == [mail()]


def test_a_server_that_is_silent_after_the_dot_may_have_sent_it() -> None:
    silence = Event()
    with serving(Script(dot=silence)) as port:
        began = time.monotonic()
        with pytest.raises(Uncertain):
            hand_over(outgoing(), plain(port), 0.3, 5)
        assert time.monotonic() - began < 3
        silence.set()


def test_an_answer_that_is_cut_off_is_no_answer() -> None:
    class CutOff(Script):
        def _answer(self, peer: Peer, step: str, usual: bytes) -> bool:
            if step != "dot":
                return super()._answer(peer, step, usual)
            peer.connection.sendall(b"250 2.0")
            peer.vanish()
            return False

    with pytest.raises(Uncertain, match="unexpectedly closed"):
        sending(CutOff())


@pytest.mark.parametrize("nonsense", [b"hello", b"354 go on", b"999 what", b"2" * 20_000, b"\xff\xfe"])
def test_nonsense_after_the_dot_may_mean_that_it_was_sent(nonsense: bytes) -> None:
    with pytest.raises(Uncertain):
        sending(Script(dot=nonsense))


def test_a_server_that_drips_is_cut_off_at_the_total_limit() -> None:
    over = Event()

    def drip(peer: Peer) -> None:
        while not over.wait(0.05):
            peer.connection.sendall(b"2")

    with serving(drip) as port:
        began = time.monotonic()
        with pytest.raises(Unreachable):
            hand_over(outgoing(), plain(port), step_seconds=2, total_seconds=1)
        assert time.monotonic() - began < 5
        over.set()


def test_a_server_that_drips_after_the_dot_is_uncertain_at_the_total_limit() -> None:
    over = Event()

    class Dripping(Script):
        def _answer(self, peer: Peer, step: str, usual: bytes) -> bool:
            while step == "dot" and not over.wait(0.05):
                peer.connection.sendall(b"2")
            return super()._answer(peer, step, usual)

    with serving(Dripping()) as port:
        with pytest.raises(Uncertain):
            hand_over(outgoing(), plain(port), step_seconds=2, total_seconds=1)
        over.set()


def test_nobody_gets_what_one_recipient_was_refused() -> None:
    script = Script(RCPT=b"550 5.1.1 unknown")
    with pytest.raises(Refused, match="recipient"):
        sending(script, outgoing(CITIZEN, "collega@voorbeeldstad.example"))
    assert script.mails == []
    assert not any(line == b"DATA" for line in script.heard)


def test_lines_that_start_with_a_dot_survive() -> None:
    script = Script()
    sending(script, outgoing(content=b"Subject: x\r\n\r\n.\r\n..x\r\nend"))
    assert script.mails[0] == b"Subject: x\r\n\r\n..\r\n...x\r\nend\r\n"


def test_reports_of_failure_are_asked_for_where_the_server_can_send_them() -> None:
    script = Script(b"DSN", b"SIZE 1000000")
    sending(script, outgoing("een+twee=drie@burgers.example"))
    assert f"mail FROM:<{OURS}> size={len(mail())} RET=HDRS ENVID=d1@voorbeeldstad.example".encode() in script.heard
    assert any(b"NOTIFY=FAILURE,DELAY ORCPT=rfc822;een+2Btwee+3Ddrie@burgers.example" in line for line in script.heard)


def test_an_automatic_mail_has_no_return_address_and_asks_for_no_report() -> None:
    script = Script(b"DSN")
    sending(script, outgoing(automatic=True))
    assert any(b"FROM:<>" in line for line in script.heard)
    assert not any(b"NOTIFY" in line for line in script.heard)


def test_a_mail_larger_than_the_server_takes_is_refused_before_it_is_sent() -> None:
    script = Script(b"SIZE 100")
    with pytest.raises(Refused, match="100 bytes") as caught:
        sending(script)
    assert caught.value.code == "552"
    assert script.mails == []


def test_an_address_outside_ascii_goes_where_the_server_can_and_is_refused_elsewhere() -> None:
    able = Script(b"SMTPUTF8", b"8BITMIME")
    sending(able, outgoing("ge\u00efnd@burgers.example", utf8=True))
    assert any(b"SMTPUTF8" in line and b"BODY=8BITMIME" in line for line in able.heard)
    assert any("ge\u00efnd@burgers.example".encode() in line for line in able.heard)
    with pytest.raises(Refused, match="outside ASCII"):
        sending(Script(b"8BITMIME"), outgoing("ge\u00efnd@burgers.example", utf8=True))


def test_nobody_listening_is_unreachable() -> None:
    with serving(Script()) as port:
        pass
    with pytest.raises(Unreachable, match="cannot connect"):
        hand_over(outgoing(), plain(port))


def test_without_starttls_nothing_is_said_in_clear() -> None:
    script = Script(b"AUTH PLAIN")
    with serving(script) as port, pytest.raises(Unreachable, match="STARTTLS"):
        hand_over(outgoing(), plain(port, Security.STARTTLS, user="u"))
    assert [line.split(b" ")[0].lower() for line in script.heard] in ([b"ehlo"], [b"ehlo", b"quit"])


def test_a_refused_password_is_told_without_telling_it() -> None:
    script = Script(b"AUTH PLAIN LOGIN", AUTH=b"535 5.7.8 no")
    with serving(script) as port, pytest.raises(Unreachable, match="refuses user or password: 535") as caught:
        hand_over(outgoing(), plain(port, user="u"))
    assert "geheim" not in caught.value.detail
    assert caught.value.whole_account


# --- a real Postfix -------------------------------------------------------------------------------------------------


def test_a_mail_sent_over_starttls_with_sign_in_arrives_byte_for_byte(mail_servers: MailServers) -> None:
    town, citizen = mail_servers.mailbox(), mail_servers.citizen()
    accepted = hand_over(outgoing(citizen.address, content=mail("Antwoord")), submission(mail_servers, town))
    assert "queued as" in accepted.words
    (raw,) = mail_servers.arrived(citizen)
    assert raw.endswith(mail("Antwoord").partition(b"\r\n\r\n")[2])
    assert message_from_bytes(raw)["Return-Path"] == f"<{OURS}>"


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_certificate_of_an_unknown_authority_is_refused(mail_servers: MailServers, security: Security) -> None:
    port = mail_servers.postfix.submission if security is Security.STARTTLS else mail_servers.dovecot.imaps
    stranger = Server("localhost", port, security, "u", SecretStr("p"), ca_file=None)
    with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        hand_over(outgoing(), stranger)


def test_postfix_refuses_to_relay_without_sign_in(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    server = Server(
        "localhost", mail_servers.postfix.submission, Security.STARTTLS, "", SecretStr(""), str(mail_servers.authority)
    )
    with pytest.raises(Refused, match="554"):
        hand_over(outgoing(box.address), server)


def test_a_bounce_of_a_real_postfix_comes_home_to_the_address_with_the_token(mail_servers: MailServers) -> None:
    town = mail_servers.mailbox()
    home = town.address.replace("@", "+t0ken@")
    one = Mail("<d7@voorbeeldstad.example>", home, ("niemand@burgers.example",), mail("Antwoord"), False, False)
    hand_over(one, submission(mail_servers, town))
    (bounce,) = mail_servers.arrived(town)
    report = message_from_bytes(bounce)
    assert report.get_content_type() == "multipart/report"
    assert "d7@voorbeeldstad.example" in bounce.decode()  # Original-Envelope-Id, from our ENVID
    assert report["To"] == home


def test_a_session_without_a_mail_leaves_nothing_at_the_server(mail_servers: MailServers) -> None:
    with session(submission(mail_servers, mail_servers.mailbox())) as smtp:
        assert smtp.has_extn("dsn")
