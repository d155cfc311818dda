"""The form for what is entered by hand: what is asked for each way, and what was typed turned into an entry. No database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from starlette.datastructures import FormData

from app.desk.posted import number, text_of
from app.desk.words import language_name
from app.errors import Fault
from app.tickets.enter import AnswerBy, Entry, Scan, Way
from app.vocabulary import Language, TicketKind
from app.web.formats import ZONE
from app.web.i18n import _

WAYS: Mapping[Way, str] = {
    Way.CALL: _("Telephone call"),
    Way.LETTER: _("Letter"),
    Way.COUNTER: _("Counter"),
    Way.MEETING: _("Meeting evening"),
}
ANSWERS: Mapping[AnswerBy, str] = {
    AnswerBy.AUTO: _("By what fits best"),
    AnswerBy.MAIL: _("By mail"),
    AnswerBy.CALL: _("By calling back"),
    AnswerBy.SMS: _("By SMS"),
    AnswerBy.NONE: _("I answer it myself, and note how"),
}
LANGUAGES = "nl en ar bg de es fa fr it pl pt ro ru so ti tr uk zh".split()
KEPT = ("way", "meeting", "theme", "process", "language")
"""What the next card of the same evening starts with."""

# What may be wrong, said by `app.tickets.entry_checks` and the call-back list, here to be translated.
SENTENCES = (
    _("Write what was said, or add a scan."),
    _("Add at most 20 files."),
    _("Write at most 100,000 characters."),
    _("Write at most 200 characters."),
    _("Write at most 40 characters."),
    _("Give a language by its code, such as nl, en or ar."),
    _("Give the whole number, such as 06 12345678, or +49 … from elsewhere."),
    _("Give the whole mail address, such as naam@voorbeeld.example."),
    _("It cannot have arrived in the future: give the day it arrived."),
    _("It cannot have arrived more than ten years ago: check the year."),
    _("Choose a moment that is still to come."),
    _("Choose a moment within a year."),
    _("Give the number that is to be called back."),
    _("Choose a theme that is in use."),
    _("Choose a process that exists."),
    _("Correct what is marked; nothing was lost."),
    _("Give a date and a time."),
    _("No account makes calls here. Call from your own telephone, and note it."),
    _("Give your own whole number, such as 020 123 4567."),
    _("We have no number of this citizen that can be called."),
    _("There is no such appointment, or it is not open to you."),
    _("A colleague made this call already."),
)
NO_MOMENT = "Give a date and a time."


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was sent: the entry that it says, and what of it could not be read."""

    entry: Entry
    faults: Sequence[Fault]


def way_of(value: str) -> Way:
    """The way that was chosen; a call when it is none."""
    return Way(value) if value in set(Way) else Way.CALL


def typed(form: FormData, today: Callable[[], date], scans: Sequence[Scan]) -> Typed:
    """What somebody typed. `today` is the date on our clocks: a letter of today arrived now."""
    faults: list[Fault] = []
    kind, answer = text_of(form, "kind"), text_of(form, "answer_by")
    entry = Entry(
        way=way_of(text_of(form, "way")),
        text=text_of(form, "text"),
        name=text_of(form, "name"),
        phone=text_of(form, "phone"),
        email=text_of(form, "email"),
        subject=text_of(form, "subject"),
        language=text_of(form, "language", "nl"),
        interpreter=text_of(form, "interpreter") == "on",
        meeting=text_of(form, "meeting"),
        kind=TicketKind(kind) if kind in set(TicketKind) else None,
        theme_id=number(form.get("theme")),
        process_id=number(form.get("process")),
        received_at=_day(text_of(form, "received_at"), today(), faults),
        call_back_at=moment(text_of(form, "call_back_at"), "call_back_at", faults),
        call_back_note=text_of(form, "call_back_note")[:1_000],
        answer_by=AnswerBy(answer) if answer in set(AnswerBy) else AnswerBy.AUTO,
        ticket_id=number(form.get("ticket")),
        scans=scans,
    )
    return Typed(entry, faults)


def moment(text: str, field: str, faults: list[Fault]) -> datetime | None:
    """A `datetime-local` on the clocks of the Netherlands; None when empty, a fault when it cannot be read."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZONE) if text else None
    except ValueError:
        faults.append(Fault(field, "moment", NO_MOMENT))
        return None


def _day(text: str, today: date, faults: list[Fault]) -> datetime | None:
    """Noon of that day; today is now, which the entry itself fills in."""
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        faults.append(Fault("received_at", "moment", NO_MOMENT))
        return None
    return None if day == today else datetime.combine(day, time(12), ZONE)


def languages(language: Language) -> list[tuple[str, str]]:
    """The languages offered, named in the reader's own; ours first."""
    return [(code, language_name(code, language)) for code in LANGUAGES]
