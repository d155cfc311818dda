"""Wait for new mail: IMAP IDLE (RFC 2177), or looking now and then where the server has no IDLE.

IDLE is renewed well before the 29 minutes after which servers end it, and before routers forget a silent connection; each
renewal must be answered, so that a peer that died without a word is noticed too (the socket's keep-alive notices sooner).
A connection that failed is never used again: `Unreachable` goes to the caller, who comes back with a new one.
"""

from collections.abc import Callable
from threading import Event

from app.channels.mail.imap import Opener

RENEW_SECONDS = 540.0
LOOK_SECONDS = 60.0


def listen(
    open_mailbox: Opener,
    wake: Callable[[], None],
    stop: Event,
    renew_seconds: float = RENEW_SECONDS,
    look_seconds: float = LOOK_SECONDS,
) -> None:
    """Call `wake` once connected (mail may have come before) and at all new mail, until `stop`. Raises `Unreachable`."""
    mailbox = open_mailbox()
    try:
        wake()
        if mailbox.can_idle:
            while not stop.is_set():
                if mailbox.idle(stop, renew_seconds):
                    wake()
            return
    finally:
        mailbox.close(polite=False)  # the server may be gone, and stopping must not wait for it
    while not stop.wait(look_seconds):
        wake()
