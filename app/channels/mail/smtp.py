"""Hand one mail to an SMTP server, and know how that ended.

Until the dot that ends DATA has been sent, nothing has happened: `Unreachable`, or `Refused` when the server will never
take it. From the dot on, silence means that it may be on its way: `Uncertain`. smtplib's own `sendmail` cannot tell the
two apart, so the steps are taken here one by one.

A timer ends the whole conversation by closing the socket. Why not the socket's time limit alone: a server that sends one
byte every twenty seconds would never reach it.
"""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Timer

from app.channels.contract import Refused, Unreachable
from app.channels.contract import Uncertain as MayHaveGoneOut
from app.channels.mail.bounded_smtp import BoundedSmtp
from app.channels.mail.compose import Mail
from app.channels.mail.server import Security, Server

STEP_SECONDS = 30.0
TOTAL_SECONDS = 120.0
GOODBYE_SECONDS = 2.0
_SIGN_IN_CODES = (454, 530, 534, 535, 538)  # RFC 4954


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server's own words at the end, and where it was."""

    code: int
    words: str


def hand_over(
    mail: Mail, server: Server, step_seconds: float = STEP_SECONDS, total_seconds: float = TOTAL_SECONDS
) -> Accepted:
    """Send `mail` in one transaction to all its recipients, or to none.

    Raises `Unreachable`, `Refused` or `Uncertain`, with what the server said.
    """
    with session(server, step_seconds, total_seconds) as smtp:
        _envelope(smtp, mail)
        return _content(smtp, mail)


@contextmanager
def session(
    server: Server, step_seconds: float = STEP_SECONDS, total_seconds: float = TOTAL_SECONDS
) -> Iterator[smtplib.SMTP]:
    """A connection that is protected, signed in and ready for MAIL. Raises `Unreachable`."""
    smtp = BoundedSmtp(server, step_seconds)
    limit = Timer(total_seconds, smtp.cut)
    limit.daemon = True
    limit.start()
    try:
        _connect(smtp, server)
        _prepare(smtp, server)
        yield smtp
    finally:
        limit.cancel()
        _leave(smtp)


def _connect(smtp: smtplib.SMTP, server: Server) -> None:
    try:
        code, words = smtp.connect(server.host, server.port)
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(f"cannot connect to {server.host}:{server.port}: {error}") from error
    if code != 220:
        raise Unreachable(f"the mail server is not taking mail: {_words(code, words)}")


def _prepare(smtp: smtplib.SMTP, server: Server) -> None:
    try:
        _expect(smtp.ehlo(), "greeting")
        if server.security is Security.STARTTLS:
            if not smtp.has_extn("starttls"):
                raise Unreachable("the mail server offers no STARTTLS; choose tls, or correct the server")
            smtp.starttls(context=server.tls())
            _expect(smtp.ehlo(), "greeting")
        if server.user:
            smtp.login(server.user, server.password.get_secret_value())
    except smtplib.SMTPAuthenticationError as error:
        raise Unreachable(
            f"the mail server refuses user or password: {_words(error.smtp_code, error.smtp_error)}"
        ) from None
    except smtplib.SMTPResponseException as error:
        raise Unreachable(f"the mail server said: {_words(error.smtp_code, error.smtp_error)}") from None
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        raise Unreachable(f"no safe connection with {server.host}:{server.port}: {error}") from None


def _envelope(smtp: smtplib.SMTP, mail: Mail) -> None:
    """MAIL and every RCPT. Raises before anything has been sent, so that nobody gets what another was refused."""
    if mail.utf8 and not smtp.has_extn("smtputf8"):
        raise Refused(
            "our mail server cannot send to addresses with letters outside ASCII; use another address", code="smtputf8"
        )
    limit = smtp.esmtp_features.get("size", "")
    if limit.isdigit() and 0 < int(limit) < len(mail.content):
        raise Refused(
            f"the mail is larger than the {limit} bytes that our mail server takes; leave out a file", code="552"
        )
    _settle(_step(smtp, "MAIL", mail.sender, _mail_options(smtp, mail)), "sender")
    for address in mail.recipients:
        _settle(_step(smtp, "RCPT", address, _rcpt_options(smtp, mail, address)), "recipient")


def _content(smtp: smtplib.SMTP, mail: Mail) -> Accepted:
    try:
        code, words = smtp.docmd("DATA")
        if code != 354:
            _settle((code, words), "content")
            raise Unreachable(f"the mail server said at DATA: {_words(code, words)}", whole_account=False)
        smtp.send(_stuffed(mail.content))
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(f"the connection ended before the mail was complete: {error}") from error
    try:
        smtp.send(b".\r\n")
        code, words = smtp.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise MayHaveGoneOut(f"the mail was complete when the connection ended: {error}") from error
    if not 200 <= code <= 599 or 300 <= code <= 399:
        raise MayHaveGoneOut(f"the mail server answered the mail with something strange: {_words(code, words)}")
    _settle((code, words), "content")
    return Accepted(code, _words(code, words))


def _step(smtp: smtplib.SMTP, verb: str, address: str, options: list[str]) -> tuple[int, bytes]:
    try:
        return smtp.mail(address, options) if verb == "MAIL" else smtp.rcpt(address, options)
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(f"the mail server went away at {verb}: {error}") from error


def _settle(answer: tuple[int, bytes], what: str) -> None:
    """Nothing for 2xx; else the error that the code means (RFC 5321 4.2.1)."""
    code, words = answer
    if 200 <= code <= 299:
        return
    said = _words(code, words)
    if code in _SIGN_IN_CODES:
        raise Unreachable(f"the mail server wants a sign-in; fill in user and password: {said}")
    if 500 <= code <= 599:
        raise Refused(f"the mail server refuses the {what}: {said}", code=str(code))
    raise Unreachable(
        f"the mail server cannot take the {what} now: {said}", whole_account=code == 421 or what == "sender"
    )


def _expect(answer: tuple[int, bytes], what: str) -> None:
    if not 200 <= answer[0] <= 299:
        raise Unreachable(f"the mail server refuses our {what}: {_words(*answer)}")


def _mail_options(smtp: smtplib.SMTP, mail: Mail) -> list[str]:
    options = [f"size={len(mail.content)}"] if smtp.has_extn("size") else []
    if mail.utf8:
        options += ["BODY=8BITMIME", "SMTPUTF8"] if smtp.has_extn("8bitmime") else ["SMTPUTF8"]
    if smtp.has_extn("dsn"):
        options += ["RET=HDRS", f"ENVID={_xtext(mail.message_id.strip('<>'))}"]
    return options


def _rcpt_options(smtp: smtplib.SMTP, mail: Mail, address: str) -> list[str]:
    """Ask for word of a failure or delay (RFC 3461), but for a null sender, to whom no word can be sent."""
    if not smtp.has_extn("dsn") or mail.automatic or not address.isascii():
        return []
    return ["NOTIFY=FAILURE,DELAY", f"ORCPT=rfc822;{_xtext(address)}"]


def _xtext(text: str) -> str:
    """RFC 3461 section 4: printable ASCII but + and =; the rest in hexadecimal."""
    return "".join(c if "!" <= c <= "~" and c not in "+=" else f"+{ord(c):02X}" for c in text)


def _stuffed(content: bytes) -> bytes:
    """The content with its dots doubled at the start of lines (RFC 5321 4.5.2), ending in a line's end."""
    whole = content if content.endswith(b"\r\n") else content + b"\r\n"
    return (b"." if whole.startswith(b".") else b"") + whole.replace(b"\r\n.", b"\r\n..")


def _words(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"[:300]


def _leave(smtp: smtplib.SMTP) -> None:
    try:
        if smtp.sock is not None:
            smtp.sock.settimeout(GOODBYE_SECONDS)
        smtp.quit()
    except (OSError, smtplib.SMTPException):
        smtp.close()  # what the mail's end was has been said already
