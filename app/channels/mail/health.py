"""Ask a mail account's servers whether they can be reached, and say in words what to do when not."""

from collections.abc import Callable

from app.channels.contract import Health, Unreachable
from app.channels.mail.imap import Mailbox
from app.channels.mail.server import Server
from app.channels.mail.smtp import session

SECONDS = 10.0

_SENTENCES = {
    "read": {
        "nl": "De mailbox is niet te lezen ({why}). Controleer server, poort, beveiliging, gebruiker, wachtwoord en map.",
        "en": "The mailbox cannot be read ({why}). Check server, port, security, user, password and folder.",
    },
    "sent": {
        "nl": "De map met verzonden mail is niet te lezen ({why}). Controleer de naam van de map, of laat hem leeg.",
        "en": "The folder with sent mail cannot be read ({why}). Check the folder's name, or leave it empty.",
    },
    "send": {
        "nl": "Er kan geen mail worden verstuurd ({why}). Controleer server, poort, beveiliging, gebruiker en wachtwoord.",
        "en": "No mail can be sent ({why}). Check server, port, security, user and password.",
    },
}


def health(reading: Server | None, folder: str, sent_folder: str, sending: Server | None, language: str) -> Health:
    """All problems in one sentence each, or none."""
    problems = []
    if reading is not None:
        problems += _problem("read", language, lambda: Mailbox(reading, folder, SECONDS).close())
        if sent_folder and not problems:
            problems += _problem("sent", language, lambda: Mailbox(reading, sent_folder, SECONDS).close())
    if sending is not None:
        problems += _problem("send", language, lambda: _greet(sending))
    return Health(problem=" ".join(problems) or None)


def _greet(server: Server) -> None:
    with session(server, SECONDS, 2 * SECONDS):
        pass


def _problem(what: str, language: str, try_it: Callable[[], None]) -> list[str]:
    try:
        try_it()
    except Unreachable as error:
        return [_SENTENCES[what].get(language, _SENTENCES[what]["nl"]).format(why=error.detail)]
    return []
