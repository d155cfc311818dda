"""Waiting for new mail at a real Dovecot, and at servers that die or know no IDLE."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread, active_count

import pytest
from pydantic import SecretStr

from app.channels.contract import Unreachable
from app.channels.mail.imap import Mailbox, Opener
from app.channels.mail.listen import listen
from app.channels.mail.server import Security, Server
from tests.channels.mail.boxes import mail, opener, put, subjects
from tests.channels.mail.scripted import Peer, imap_script, serving
from tests.servers.mail import MailServers
from tests.until import until


class Listener:
    """`listen` in a thread: how often it woke us and how it ended."""

    def __init__(self, open_mailbox: Opener, renew: float = 60, look: float = 60) -> None:
        self.woken: list[float] = []
        self.stop = Event()
        self.error: Exception | None = None
        self._thread = Thread(target=self._run, args=(open_mailbox, renew, look), daemon=True)
        self._thread.start()

    def _run(self, open_mailbox: Opener, renew: float, look: float) -> None:
        try:
            listen(open_mailbox, lambda: self.woken.append(time.monotonic()), self.stop, renew, look)
        except Exception as error:
            self.error = error

    def ended(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()


@contextmanager
def listening(open_mailbox: Opener, renew: float = 60, look: float = 60) -> Iterator[Listener]:
    """A listener that has woken us once, as it does when it is connected."""
    listener = Listener(open_mailbox, renew, look)
    try:
        until(lambda: listener.woken or listener.error, saying="the listener is connected")
        yield listener
    finally:
        listener.stop.set()
        assert listener.ended(5)


def test_a_new_mail_wakes_within_two_seconds(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    with listening(opener(mail_servers, box)) as listener:
        for number in range(2, 5):
            put(mail_servers, box, mail(f"nr {number}"))
            laid = time.monotonic()
            until(lambda n=number: len(listener.woken) >= n, saying="woken")  # type: ignore[misc]
            assert listener.woken[-1] - laid < 2
        assert (len(listener.woken), listener.error) == (4, None), "once for each mail, and once when it was connected"


def test_a_mail_that_came_through_the_mail_server_wakes(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    with listening(opener(mail_servers, box)) as listener:
        mail_servers.send(mail("Door de server"), "burger@burgers.example", box.address)
        until(lambda: len(listener.woken) == 2, saying="woken")
        with opener(mail_servers, box)() as mailbox:
            assert subjects(list(mailbox.bodies([1]).values())) == ["Door de server"], "it is there when we are woken"


def test_stopping_takes_less_than_a_second_and_leaves_no_thread(mail_servers: MailServers) -> None:
    before = active_count()
    with listening(opener(mail_servers, mail_servers.mailbox())) as listener:
        began = time.monotonic()
        listener.stop.set()
        assert listener.ended(5)
        assert time.monotonic() - began < 1
    assert listener.error is None
    until(lambda: active_count() <= before, saying="all threads are gone")


def test_mail_still_wakes_after_renewals(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    with listening(opener(mail_servers, box), renew=1) as listener:
        connected = time.monotonic()
        until(lambda: time.monotonic() > connected + 2.5)
        assert len(listener.woken) == 1
        put(mail_servers, box, mail())
        until(lambda: len(listener.woken) == 2, seconds=3, saying="woken")


def test_another_reader_who_sets_a_flag_does_not_wake(mail_servers: MailServers) -> None:
    box = mail_servers.mailbox()
    put(mail_servers, box, mail("een"))
    with listening(opener(mail_servers, box)) as listener:
        with mail_servers.imap(box) as outlook:
            outlook.select("INBOX")
            outlook.uid("STORE", "1", "+FLAGS", r"(\Seen)")
        put(mail_servers, box, mail("twee"))
        until(lambda: len(listener.woken) >= 2, saying="woken by the mail")
        assert len(listener.woken) == 2


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_server_that_restarts_during_idle_is_noticed_and_read_again(own_mail_servers: MailServers, how: str) -> None:
    box = own_mail_servers.mailbox()
    with listening(opener(own_mail_servers, box)) as listener:
        # A session that has only just signed in outlives an orderly stop of Dovecot; one that has served does not.
        put(own_mail_servers, box, mail("voor de herstart"))
        until(lambda: len(listener.woken) == 2, saying="woken")
        getattr(own_mail_servers.dovecot, how)()
        until(lambda: listener.error, 60, saying="the end is noticed")
        assert isinstance(listener.error, Unreachable)
        with pytest.raises(Unreachable):
            opener(own_mail_servers, box)()
    own_mail_servers.dovecot.start()
    put(own_mail_servers, box, mail("na de herstart"))
    with listening(opener(own_mail_servers, box)) as listener:
        assert listener.woken
        put(own_mail_servers, box, mail("nog een"))
        until(lambda: len(listener.woken) == 2, saying="woken again")


def test_a_peer_that_died_without_a_word_is_noticed_at_the_next_renewal() -> None:
    over = Event()

    def idle_for_ever(peer: Peer, tag: bytes, command: bytes) -> bool:
        if command == b"IDLE":
            peer.say(b"+ idling")
            over.wait(20)
        return command == b"IDLE"

    with serving(imap_script(idle_for_ever, capabilities=b"IMAP4rev1 IDLE")) as port:
        server = Server("localhost", port, Security.NONE, "u", SecretStr("p"))
        with listening(lambda: Mailbox(server, "INBOX", timeout=1), renew=1) as listener:
            until(lambda: listener.error, saying="noticed")
            assert isinstance(listener.error, Unreachable)
        over.set()


def test_stopping_waits_for_no_dead_peer() -> None:
    over = Event()

    def idle_for_ever(peer: Peer, tag: bytes, command: bytes) -> bool:
        if command == b"IDLE":
            peer.say(b"+ idling")
            over.wait(20)
        return command == b"IDLE"

    with serving(imap_script(idle_for_ever, capabilities=b"IMAP4rev1 IDLE")) as port:
        server = Server("localhost", port, Security.NONE, "u", SecretStr("p"))
        with listening(lambda: Mailbox(server, "INBOX", timeout=20)) as listener:
            listener.stop.set()
            assert listener.ended(1)
        over.set()


def test_without_idle_it_looks_now_and_then() -> None:
    with serving(imap_script()) as port:
        server = Server("localhost", port, Security.NONE, "u", SecretStr("p"))
        with listening(lambda: Mailbox(server, "INBOX"), look=0.1) as listener:
            until(lambda: len(listener.woken) >= 4, saying="it looked again")
            began = time.monotonic()
            listener.stop.set()
            assert listener.ended(1)
            assert time.monotonic() - began < 1
