"""What may be wrong with something entered by hand: every fault at once, each saying how to put it right."""

import re
from collections.abc import Iterator, Sized
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.channels.phone_number import e164
from app.errors import Fault
from app.models import Process, Theme

LONGEST = 100_000
LONGEST_LINE = 200
LONGEST_TAG = 40
MOST_SCANS = 20
_MAIL = re.compile(r"[^\s@,;<>\"]{1,64}@[^\s@,;<>\"]+\.[^\s@,;<>\"]{2,}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
SLACK = timedelta(minutes=5)  # between our clock and the one on somebody's desk
OLDEST = timedelta(days=3660)  # beyond these a year was mistyped
FARTHEST = timedelta(days=366)


class Written(Protocol):
    """The fields of an entry that are checked."""

    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def subject(self) -> str: ...  # noqa: D102
    @property
    def phone(self) -> str: ...  # noqa: D102
    @property
    def email(self) -> str: ...  # noqa: D102
    @property
    def language(self) -> str: ...  # noqa: D102
    @property
    def meeting(self) -> str: ...  # noqa: D102
    @property
    def scans(self) -> Sized: ...  # noqa: D102
    @property
    def theme_id(self) -> int | None: ...  # noqa: D102
    @property
    def process_id(self) -> int | None: ...  # noqa: D102
    @property
    def received_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def call_back_at(self) -> datetime | None: ...  # noqa: D102


def faults_of(session: Session, entry: Written) -> list[Fault]:
    """Everything that is wrong; reads themes and processes only where one was chosen."""
    return [*_words(entry), *_addresses(entry), *_moments(entry), *_chosen(session, entry)]


def _words(entry: Written) -> Iterator[Fault]:
    if not entry.text.strip() and not entry.scans:
        yield Fault("text", "empty", "Write what was said, or add a scan.")
    if len(entry.scans) > MOST_SCANS:
        yield Fault("scan", "too_many", "Add at most 20 files.")
    if len(entry.text) > LONGEST:
        yield Fault("text", "too_long", "Write at most 100,000 characters.")
    for name, value in (("name", entry.name), ("subject", entry.subject)):
        if len(value) > LONGEST_LINE:
            yield Fault(name, "too_long", "Write at most 200 characters.")
    if len(entry.meeting) > LONGEST_TAG:
        yield Fault("meeting", "too_long", "Write at most 40 characters.")
    if not _LANGUAGE.fullmatch(entry.language):
        yield Fault("language", "language", "Give a language by its code, such as nl, en or ar.")


def _addresses(entry: Written) -> Iterator[Fault]:
    if entry.phone.strip() and e164(entry.phone) is None:
        yield Fault("phone", "phone", "Give the whole number, such as 06 12345678, or +49 … from elsewhere.")
    if entry.email.strip() and not _MAIL.fullmatch(entry.email.strip()):
        yield Fault("email", "email", "Give the whole mail address, such as naam@voorbeeld.example.")


def _moments(entry: Written) -> Iterator[Fault]:
    now = clock.now()
    if entry.received_at is not None and entry.received_at > now + SLACK:
        yield Fault("received_at", "future", "It cannot have arrived in the future: give the day it arrived.")
    if entry.received_at is not None and entry.received_at < now - OLDEST:
        yield Fault("received_at", "past", "It cannot have arrived more than ten years ago: check the year.")
    if entry.call_back_at is None:
        return
    if fix := not_to_come(entry.call_back_at):
        yield Fault("call_back_at", "moment", fix)
    if not entry.phone.strip():
        yield Fault("phone", "needed", "Give the number that is to be called back.")


def not_to_come(at: datetime) -> str:
    """What to choose instead, where nobody can be called at this moment; empty where somebody can."""
    now = clock.now()
    if at < now - SLACK:
        return "Choose a moment that is still to come."
    return "Choose a moment within a year." if at > now + FARTHEST else ""


def _chosen(session: Session, entry: Written) -> Iterator[Fault]:
    themes, processes = select(Theme.id).where(Theme.active), select(Process.id)
    if entry.theme_id is not None and session.scalar(themes.where(Theme.id == entry.theme_id)) is None:
        yield Fault("theme_id", "unknown", "Choose a theme that is in use.")
    if entry.process_id is not None and session.scalar(processes.where(Process.id == entry.process_id)) is None:
        yield Fault("process_id", "unknown", "Choose a process that exists.")
