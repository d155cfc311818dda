"""What a form or a program sent, held against the poll's questions, and made into a ballot for the channel. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.errors import Fault
from app.polls.poll import View
from app.polls.questions import LONGEST_ANSWER, Question, QuestionKind
from app.vocabulary import Language

UNANSWERED = "Answer this question."
UNKNOWN = "Choose one of the answers that are shown."
ONE_ONLY = "Choose one answer."
LONG = "Your answer is longer than 5,000 characters. Shorten it."
NOTHING = "Answer at least one question."
EMAIL = "This is no e-mail address. Write it like name@example.nl, or leave the field empty."
LONG_NAME = "Use at most 200 characters."


@dataclass(frozen=True, slots=True)
class Given:
    """What was sent. `values` by question: chosen options, or one text."""

    id: str
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    name: str = ""
    email: str = ""
    website: str = ""


def faults(poll: View, given: Given) -> list[Fault]:
    """Everything that is wrong, by the question's key."""
    found = []
    for question in poll.asked:
        code, fix = _wrong(question, _said(question, given))
        if code:
            found.append(Fault(question.key, code, fix))
    if not found and not any(_said(question, given) for question in poll.asked):
        found.append(Fault(poll.asked[0].key, "nothing", NOTHING))
    if not _plausible(given.email.strip()):
        found.append(Fault("email", "email", EMAIL))
    if len(given.name.strip()) > 200:
        found.append(Fault("name", "too_long", LONG_NAME))
    return found


def ballot(poll: View, given: Given, language: Language, url: str) -> bytes:
    """The ballot in JSON, as `app/channels/polls/ballot.py` reads it. `faults` found nothing."""
    choices: dict[str, Sequence[str]] = {}
    answers: dict[str, Mapping[str, str]] = {}
    for question in poll.asked:
        said = _said(question, given)
        if said and question.open:
            answers[question.key] = {"question": question.said(language), "text": said[0].strip()}
        elif said:
            choices[question.key] = said
    content = {
        "id": given.id, "poll": poll.key, "title": poll.title(language), "url": url, "language": language.value,
        "process": poll.process, "choices": choices, "answers": answers, "name": given.name.strip(),
        "email": given.email.strip(), "website": given.website[:2000],
    }  # fmt: skip
    return json.dumps(content, ensure_ascii=False).encode("utf-8", errors="replace")


def _said(question: Question, given: Given) -> list[str]:
    """Without empty ones, each once, in the order given."""
    return list(dict.fromkeys(value for value in given.values.get(question.key, ()) if value.strip()))


def _wrong(question: Question, said: Sequence[str]) -> tuple[str, str]:
    if not said:
        return ("unanswered", UNANSWERED) if question.required else ("", "")
    if question.open:
        return ("too_long", LONG) if len(said[0]) > LONGEST_ANSWER else ("", "")
    if not set(said) <= question.keys:
        return ("unknown", UNKNOWN)
    several = len(said) > 1 and question.kind is not QuestionKind.MULTIPLE
    return ("one_only", ONE_ONLY) if several else ("", "")


def _plausible(email: str) -> bool:
    if not email:
        return True
    local, at, domain = email.rpartition("@")
    whole = bool(at and local and "." in domain.strip(".")) and len(email) <= 254
    return whole and not any(c.isspace() or ord(c) < 32 for c in email)
