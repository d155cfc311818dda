"""A mail server with bad manners: it refuses, falls silent, or takes a mail and swallows the answer."""

import smtplib
import socketserver
from enum import Enum
from threading import Event, Thread
from typing import Self


class Manner(Enum):
    """How it treats the next mail."""

    GOOD = "takes it and passes it on"
    BUSY = "450 at the recipient"
    REFUSES = "550 at the recipient"
    REFUSES_CONTENT = "554 after the dot"
    DROPS = "closes at DATA"
    SILENT = "passes it on and says nothing until the client gives up"
    SWALLOWS = "passes it on and closes without an answer"


class BadSmtp:
    """Listens on the loopback address; what it takes it hands to the real server at `onward` (a port)."""

    def __init__(self, onward: int) -> None:
        self.onward = onward
        self.manner = Manner.GOOD
        self.met: list[Manner] = []
        self.closing = Event()
        outer = self

        class Talk(_Talk):
            bad = outer

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


class _Talk(socketserver.StreamRequestHandler):
    bad: BadSmtp

    def handle(self) -> None:
        self._sender, self._recipients = "", list[str]()
        self._say("220 mx.elders.example ESMTP")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"QUIT":
                return self._say("221 bye")
            if verb == b"DATA":
                if not self._data():
                    return None
            else:
                self._say(self._answer(verb, line.decode()))
        return None

    def _answer(self, verb: bytes, line: str) -> str:
        address = line.partition("<")[2].partition(">")[0]
        if verb == b"MAIL":
            self._sender, self._recipients = address, []
        if verb == b"RCPT":
            if self.bad.manner in (Manner.BUSY, Manner.REFUSES):
                self.bad.met.append(self.bad.manner)
                return "450 4.2.1 later" if self.bad.manner is Manner.BUSY else "550 5.1.1 unknown"
            self._recipients.append(address)
        return "250 OK"

    def _data(self) -> bool:
        """Whether the conversation goes on."""
        manner = self.bad.manner
        self.bad.met.append(manner)
        if manner is Manner.DROPS:
            return False
        self._say("354 go on")
        mail = self._content()
        if manner is Manner.REFUSES_CONTENT:
            self._say("554 5.7.1 no")
            return True
        with smtplib.SMTP("127.0.0.1", self.bad.onward, timeout=10) as smtp:
            smtp.sendmail(self._sender, self._recipients, mail)
        if manner is Manner.SILENT:
            self.bad.closing.wait(60)
        if manner is not Manner.GOOD:
            return False
        self._say("250 taken")
        return True

    def _content(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
