"""One folder of a mailbox, opened to read: search and fetch by UID, and change nothing.

EXAMINE instead of SELECT, BODY.PEEK instead of BODY, and no command that stores, moves or deletes: other readers of the
mailbox notice nothing of us. Large mails come in pieces, since the library keeps every line of an answer as an object.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from threading import Event
from types import TracebackType
from typing import Any, Self

from app.channels.contract import Unreachable
from app.channels.mail import fetched
from app.channels.mail.connection import VerifiedImap, connect, guarded, said
from app.channels.mail.server import Server

PIECE = 1_048_576
TIMEOUT = 30.0
TRANSIENT = ("[UNAVAILABLE]", "[SERVERBUG]", "[INUSE]", "[LIMIT]", "[NOPERM]", "[AUTHENTICATIONFAILED]", "[ALERT]")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Unfetchable(Exception):
    """The server has this mail and will not give it; the next ones go on."""


class Mailbox:
    """An open folder; a context manager. Every method raises `Unreachable` when the connection fails.

    `numbering` names what its UIDs are numbers of: this folder, as long as its UIDVALIDITY is the same.
    """

    def __init__(self, server: Server, folder: str, timeout: float = TIMEOUT) -> None:
        self._place = _place(server, folder)
        self._imap: VerifiedImap = connect(server, timeout)
        try:
            self._examine(folder)
        except BaseException:
            self._imap.hang_up()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(polite=error is None)

    def close(self, polite: bool = True) -> None:
        """Sign out, or only hang up when the server may not answer."""
        if polite and not self._imap.Terminate:
            self._imap.logout()
        else:
            self._imap.hang_up()

    @property
    def can_idle(self) -> bool:
        """Whether the server speaks IDLE."""
        return "IDLE" in self._imap.capabilities

    def above(self, uid: int) -> list[int]:
        """UIDs greater than `uid`, ascending. (`n:*` always names the last mail too: RFC 9051 6.4.4.)"""
        return [n for n in self._search(f"UID {uid + 1}:*") if n > uid]

    def between(self, low: int, high: int, since: date | None) -> list[int]:
        """UIDs from `low` to `high`, of mails that arrived on or after the day `since`."""
        if low > high:
            return []
        day = f" SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}" if since else ""
        return self._search(f"UID {low}:{high}{day}")

    def holding(self, uids: Sequence[int]) -> set[int]:
        """Which of these are still there."""
        guarded(self._imap.noop)
        return set(self._search(f"UID {_set(uids)}"))

    def with_message_id(self, message_id: str) -> list[int]:
        """UIDs of mails whose Message-ID header holds `message_id` (no quotes or control characters in it)."""
        return self._search(f'HEADER Message-ID "{message_id}"')

    def sizes(self, uids: Sequence[int]) -> dict[int, tuple[int, str]]:
        """UID → (bytes, INTERNALDATE); mails that are gone are not in it."""
        return fetched.sizes(self._fetch(uids, "(UID RFC822.SIZE INTERNALDATE)"))

    def bodies(self, uids: Sequence[int]) -> dict[int, bytes]:
        """UID → the whole mail; mails that are gone, or that the server will not give, are not in it."""
        return fetched.literals(self._fetch(uids, "(UID BODY.PEEK[])")) if uids else {}

    def pieces(self, uid: int, piece: int = PIECE) -> Iterator[bytes]:
        """The mail in pieces of at most `piece` bytes. Raises `Unfetchable` when the server stops half way."""
        start = 0
        while True:
            data = self._fetch([uid], f"(UID BODY.PEEK[]<{start}.{piece}>)")
            part = fetched.literals(data).get(uid)
            if part is None:
                raise Unfetchable(f"the server gave the mail up to byte {start} only")
            if part:
                yield part
            if len(part) < piece:
                return
            start += piece

    def idle(self, stop: Event, seconds: float, look_every: float = 0.2) -> bool:
        """Wait in IDLE until there is new mail (True), `seconds` have passed or `stop` is set (False)."""
        done = Event()
        outcome: list[Any] = []

        def ended(answer: Any) -> None:
            outcome.append(answer)
            done.set()

        guarded(self._imap.idle, max(1, int(seconds)), callback=ended)
        while not done.wait(look_every):
            if stop.is_set():
                return False
        _, _, error = outcome[0]
        if error is not None:
            raise Unreachable(f"the mailbox server ended the connection: {error[1]}")
        return bool(self._imap.response("EXISTS")[1] != [None])

    def _examine(self, folder: str) -> None:
        kind, data = guarded(self._imap.examine, quoted(folder))
        if kind != "OK":
            raise Unreachable(f"the folder {folder} cannot be opened: {said(data)}")
        self.numbering = f"{self._place}:{self._number('UIDVALIDITY', 0)}"
        self.count = int(data[-1] or 0)
        self.last_uid = self._number("UIDNEXT", 0) - 1
        if self.last_uid < 0:
            self.last_uid = max(self._search("ALL"), default=0)

    def _number(self, code: str, default: int) -> int:
        data = self._imap.response(code)[1]
        return int(data[-1]) if data and data[-1] and data[-1].isdigit() else default

    def _search(self, criteria: str) -> list[int]:
        kind, data = guarded(self._imap.uid, "SEARCH", criteria)
        if kind != "OK":
            raise Unreachable(f"the mailbox server cannot search: {said(data)}")
        return fetched.numbers(data)

    def _fetch(self, uids: Sequence[int], what: str) -> list[Any]:
        kind, data = guarded(self._imap.uid, "FETCH", _set(uids), what)
        if kind == "OK":
            return data
        if any(code in said(data).upper() for code in TRANSIENT):
            raise Unreachable(f"the mailbox server cannot give mail now: {said(data)}")
        # NO comes beside the answers for the mails that are left (RFC 5530 EXPUNGEISSUED); the library drops those.
        return list(self._imap.response("FETCH")[1])


def _place(server: Server, folder: str) -> str:
    """Which folder this is, in twelve hexadecimal digits.

    UIDVALIDITY tells two *times* of one folder apart, never two folders: servers derive it from the second in which they made
    the folder, or give all of them the same. Without this, an account that is pointed at another folder would take the mails
    there for those that it has read here, and nobody would ever see them.
    """
    name = f"{server.host.lower()}\0{server.user}\0{folder}"
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:12]


def quoted(folder: str) -> str:
    """A folder's name for a command: modified UTF-7 (RFC 3501 5.1.3) between quotes."""
    return '"' + _utf7(folder).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(name: str) -> str:
    out, wide = "", ""
    for char in [*name, ""]:
        if char and not " " <= char <= "~":
            wide += char
            continue
        if wide:
            out += "&" + wide.encode("utf-7").decode("ascii").strip("+-").replace("/", ",") + "-"
            wide = ""
        out += "&-" if char == "&" else char
    return out


def _set(uids: Sequence[int]) -> str:
    """A sequence set (`4:7,9`), so that fifty UIDs in a row take five characters."""
    runs: list[list[int]] = []
    for uid in uids:
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(str(a) if a == b else f"{a}:{b}" for a, b in runs)


Opener = Callable[[], Mailbox]
