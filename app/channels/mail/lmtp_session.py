"""One conversation with an MTA by LMTP (RFC 2033): 250 only once the mail is stored.

The MTA keeps a mail until it hears 250, and one `store` that fails costs nothing: 451, and the MTA comes back. Each
recipient gets an answer of its own, as LMTP wants. `store` runs in a thread, so that a slow disk or database stops no
other conversation.

aiosmtpd reads the commands; DATA is read here, since aiosmtpd refuses lines over a thousand bytes for good (which loses a
mail that every mailbox would have taken) and answers once where LMTP needs an answer for each recipient.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, TypeVar

from aiosmtpd.lmtp import LMTP

from app import log
from app.channels.contract import HandedOver, Refused

DATA_SECONDS = 600.0
READ_AHEAD = 65_536
MAX_RECIPIENTS = 1_000

NOT_OURS = "550 5.1.1 No such recipient here"
TOO_LARGE = "552 5.3.4 Message too large"
LATER = "451 4.3.0 Not stored; try again later"
STORED = "250 2.0.0 Stored"

A = TypeVar("A")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Duties:
    """What the server does with mail: who is known here, how a mail is stored, how large it may be."""

    store: Callable[[HandedOver], None]
    accepts: Callable[[str], bool]
    max_bytes: int
    threads: Executor


class _Handler:
    """aiosmtpd's hooks."""

    def __init__(self, duties: Duties) -> None:
        self._duties = duties

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, host: str, answers: list[str]) -> list[str]:  # noqa: N802  # aiosmtpd looks it up by this name
        session.host_name = host
        more = [f"250-SIZE {self._duties.max_bytes}", "250-PIPELINING", "250-ENHANCEDSTATUSCODES"]
        return [*answers[:-1], *more, answers[-1]]

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802  # aiosmtpd looks it up by this name
        size = next((o[5:] for o in options if o.upper().startswith("SIZE=")), "")
        if size.isdigit() and int(size) > self._duties.max_bytes:
            return TOO_LARGE
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802  # aiosmtpd looks it up by this name
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        known = await self._in_thread(self._duties.accepts, _text(address))
        if known is None:
            return LATER
        if not known:
            return NOT_OURS
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd looks it up by this name
        answers = [await self._store_one(envelope, address) for address in envelope.rcpt_tos]
        return "\r\n".join(answers)

    async def handle_exception(self, error: Exception) -> str:
        log.trouble("mail.lmtp_failed", error=error)
        return LATER

    async def _store_one(self, envelope: Any, address: str) -> str:
        sender = "" if envelope.mail_from == "<>" else _text(envelope.mail_from)
        handed = HandedOver(envelope.original_content, sender, _text(address), "lmtp")
        return await self._in_thread(self._store, handed) or LATER

    def _store(self, handed: HandedOver) -> str:
        """The answer. `Refused` is final (the account was closed since RCPT); all else may be over in a minute."""
        try:
            self._duties.store(handed)
        except Refused:
            return NOT_OURS
        return STORED

    async def _in_thread(self, work: Callable[[A], R], argument: A) -> R | None:
        """The outcome, or None when it failed: whatever went wrong, the MTA keeps the mail and comes back."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._duties.threads, work, argument)
        except Exception as error:  # noqa: BLE001  # any failure to store has the same answer, and is logged
            log.trouble("mail.lmtp_not_stored", error=error)
            return None


class Conversation(LMTP):
    """One connection, with a DATA that takes lines of any length and answers for each recipient."""

    command_size_limit = 2048

    line_length_limit = READ_AHEAD

    def __init__(self, duties: Duties, talking: set["Conversation"], idle_seconds: float) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(
            _Handler(duties),
            data_size_limit=None,
            enable_SMTPUTF8=True,
            hostname="weerklank",
            ident="LMTP",
            timeout=idle_seconds,
            loop=loop,
        )
        self._max_bytes = duties.max_bytes
        self._talking = talking
        self._storing = asyncio.Lock()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Known from here on to `LmtpServer.stop`."""
        self._talking.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Forgotten."""
        self._talking.discard(self)
        super().connection_lost(error)

    async def finish(self) -> None:
        """Say goodbye and close, once what is being stored has had its answer."""
        async with self._storing:
            if self.transport is not None:
                self.transport.write(b"421 4.3.2 Closing\r\n")  # type: ignore[attr-defined]
                self.transport.close()

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802  # aiosmtpd looks it up by this name
        """The mail, up to the lone dot (RFC 5321 4.1.1.4); what is too large is read to its end and not kept."""
        envelope = self.envelope
        if envelope is None or not envelope.rcpt_tos:
            await self.push("503 5.5.1 Need RCPT first")
            return
        if arg:
            await self.push("501 5.5.4 DATA takes no argument")
            return
        await self.push("354 End with a dot")
        self._reset_timeout(DATA_SECONDS)
        content = await read_data(self._reader, self._max_bytes)
        self._reset_timeout(DATA_SECONDS)
        async with self._storing:
            if content is None:
                answer = "\r\n".join([TOO_LARGE] * len(envelope.rcpt_tos))
            else:
                envelope.content = envelope.original_content = content
                answer = await self._call_handler_hook("DATA")
            self.envelope = self._create_envelope()
            await self.push(answer)
        self._reset_timeout()


async def read_data(reader: asyncio.StreamReader, max_bytes: int) -> bytes | None:
    """The mail without its dots, or None when it is larger than `max_bytes`. Only CRLF ends a line, as RFC 5321 2.3.8 says."""
    kept, too_large = bytearray(), False
    while True:
        try:
            kept += await reader.readuntil(b".\r\n")
        except asyncio.LimitOverrunError as error:
            kept += await reader.read(error.consumed)
        if kept.endswith(b"\r\n.\r\n") or kept == b".\r\n":
            break
        if len(kept) > max_bytes + 5:
            too_large = True
            del kept[:-4]
    plain = bytes(kept[:-3]).removeprefix(b".").replace(b"\r\n.", b"\r\n")
    return None if too_large or len(plain) > max_bytes else plain


def _text(address: str) -> str:
    """The address without lone surrogates, which aiosmtpd makes of bytes that are no UTF-8."""
    return address.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
