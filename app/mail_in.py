"""`weerklank mail-in`: one mail on standard input, from an MTA's pipe, into the journal.

Every exit status but 0 and 75 makes an MTA return the mail to its sender, so 75 ("try again") is the answer to whatever goes
wrong: wrong settings, arguments that are not understood, a signal in the middle. 0 is said only after the commit.

Why apart from the other commands: an MTA starts this once for every mail, and importing the web application, the worker and
eleven services for it cost three times what storing the mail does. It knows one kind of channel, the one that is handed mail.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from app import log
from app.accounts.directory import Accounts
from app.channels.contract import HandedOver, Refused
from app.channels.mail.channel import KIND
from app.errors import DomainError
from app.intake.accept import accept
from app.intake.means import Means
from app.settings import Settings
from app.storage.blobs import blob_store
from app.storage.database import open_database
from app.storage.keys import load_keys

# sysexits.h, as an MTA's pipe reads them.
STORED, NO_USER, TOO_LARGE, TEMPORARY = 0, 67, 69, 75


class Arguments(argparse.ArgumentParser):
    """A parser that ends with "try again": who wrote the MTA's configuration made the mistake, not who wrote the mail."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and leave the mail with the MTA."""
        self.print_usage(sys.stderr)
        self.exit(TEMPORARY, f"{self.prog}: {message}\n")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--recipient", required=True, help="the envelope recipient (Postfix: ${recipient})")
    parser.add_argument("--sender", default="", help="the envelope sender (Postfix: ${sender})")


def main(arguments: Sequence[str], environ: dict[str, str]) -> int:
    """The command by itself; gives the exit status."""
    try_again_on_signals()
    parser = Arguments(prog="weerklank mail-in", description=take.__doc__)
    add_arguments(parser)
    options = parser.parse_args(arguments)
    try:
        settings = Settings.read(environ)
        log.configure(settings.log_level)
    except DomainError as error:
        print(error.fix, *(f"  {fault.field}: {fault.fix}" for fault in error.faults), sep="\n", file=sys.stderr)
        return TEMPORARY
    return take(settings, options)


def take(settings: Settings, options: argparse.Namespace) -> int:
    """One mail on standard input, from an MTA's pipe. Exit 0 only after it is stored; 75 asks the MTA to try again."""
    try_again_on_signals()
    try:
        body = sys.stdin.buffer.read(settings.max_mail_bytes + 1)
        if len(body) > settings.max_mail_bytes:
            print(f"The mail is larger than {settings.max_mail_bytes} bytes.", file=sys.stderr)
            return TOO_LARGE
        _store(settings, HandedOver(body=body, sender=options.sender, recipient=options.recipient, door="pipe"))
    except Refused as error:
        print(error.detail, file=sys.stderr)
        return NO_USER
    except Exception as error:  # noqa: BLE001  (whatever it is, the MTA must keep the mail)
        log.trouble("mail_in.not_stored", error=error)
        print(f"The mail is not stored, try again later: {type(error).__name__}.", file=sys.stderr)
        return TEMPORARY
    return STORED


def _store(settings: Settings, handed: HandedOver) -> None:
    with open_database(settings, name="weerklank mail-in", pool_size=1) as database:
        keys = load_keys(settings)
        accounts = Accounts(database, keys, {KIND.key: KIND}, settings.base_url)
        accept(Means(database, accounts, keys, blob_store(settings)), handed)


def try_again_on_signals() -> None:
    """A host that shuts down ends everybody by SIGTERM; the status must not say then that the mail is stored."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _try_again)


def _try_again(number: int, _: FrameType | None) -> NoReturn:
    sys.exit(TEMPORARY)
