"""The questions of a poll as values: read from JSON, checked all at once, written back. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from app.errors import Fault
from app.vocabulary import Language

MOST_QUESTIONS = 20
MOST_OPTIONS = 30
FEWEST_STEPS, MOST_STEPS = 2, 10
LONGEST_LINE = 300
LONGEST_ANSWER = 5_000

EMPTY = "Fill this in, in Dutch and in English."
LONG = "Use at most 300 characters."
FEW_OPTIONS = "Give at least two options, one on each line."
UNEVEN = "Give as many options in English as in Dutch, in the same order."
TWICE = "Two options are the same. Give each its own words."
MANY = "Give at most 30 options."
STEPS = "A scale has 2 to 10 steps."
NO_QUESTIONS = "Ask at least one question."
MANY_QUESTIONS = "Ask at most 20 questions."


class QuestionKind(StrEnum):
    """How a question is answered."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    SCALE = "scale"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose. `key` stands in votes and never changes."""

    key: str
    nl: str
    en: str

    def said(self, language: Language) -> str:
        """Its words."""
        return self.nl if language is Language.DUTCH else self.en


@dataclass(frozen=True, slots=True)
class Question:
    """One question. A scale's options are its steps, lowest first; the first and the last have words."""

    key: str
    kind: QuestionKind
    nl: str
    en: str
    options: tuple[Option, ...] = ()
    required: bool = False

    def said(self, language: Language) -> str:
        """Its words."""
        return self.nl if language is Language.DUTCH else self.en

    @property
    def open(self) -> bool:
        """Whether it is answered in one's own words."""
        return self.kind is QuestionKind.OPEN

    @property
    def keys(self) -> frozenset[str]:
        """The options that there are."""
        return frozenset(option.key for option in self.options)


def read(stored: Sequence[Any]) -> tuple[Question, ...]:
    """The questions of a stored poll."""
    return tuple(
        Question(
            key=one["key"],
            kind=QuestionKind(one["kind"]),
            nl=one["nl"],
            en=one["en"],
            options=tuple(Option(**option) for option in one["options"]),
            required=one["required"],
        )
        for one in stored
    )


def written(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """What is stored."""
    return [asdict(question) for question in questions]


def question(number: int, kind: QuestionKind, texts: Mapping[Language, str], **more: Any) -> Question:
    """Question number `number` (from 1). `options` are lines by language, of a scale the words of its two ends.

    `steps` is how many a scale has; `required` that it must be answered.
    """
    options: Mapping[Language, Sequence[str]] = more.get("options", {})
    dutch, english = options.get(Language.DUTCH, ()), options.get(Language.ENGLISH, ())
    made: tuple[Option, ...] = ()
    if kind is QuestionKind.SCALE:
        made = _steps(more.get("steps", 5), dutch, english)
    elif kind is not QuestionKind.OPEN:
        longest = max(len(dutch), len(english))
        made = tuple(Option(f"o{n + 1}", _at(dutch, n), _at(english, n)) for n in range(longest))
    nl, en = (texts.get(language, "").strip() for language in (Language.DUTCH, Language.ENGLISH))
    return Question(f"q{number}", kind, nl, en, made, bool(more.get("required", False)))


def faults(questions: Sequence[Question]) -> list[Fault]:
    """Everything that is wrong, by `question.N` (from 1)."""
    if not questions:
        return [Fault("questions", "none", NO_QUESTIONS)]
    found = [Fault("questions", "too_many", MANY_QUESTIONS)] if len(questions) > MOST_QUESTIONS else []
    for number, one in enumerate(questions, start=1):
        found += [Fault(f"question.{number}", code, fix) for code, fix in _wrong(one)]
    return found


def _wrong(one: Question) -> list[tuple[str, str]]:
    found = []
    if not (one.nl and one.en):
        found.append(("empty", EMPTY))
    if max(len(one.nl), len(one.en), *(len(o.nl + o.en) // 2 for o in one.options), 0) > LONGEST_LINE:
        found.append(("too_long", LONG))
    if one.kind is QuestionKind.SCALE and not FEWEST_STEPS <= len(one.options) <= MOST_STEPS:
        found.append(("steps", STEPS))
    if one.kind in (QuestionKind.SINGLE, QuestionKind.MULTIPLE):
        found += _wrong_options(one.options)
    return found


def _wrong_options(options: Sequence[Option]) -> list[tuple[str, str]]:
    if len(options) < 2:
        return [("options", FEW_OPTIONS)]
    if len(options) > MOST_OPTIONS:
        return [("options", MANY)]
    if not all(option.nl and option.en for option in options):
        return [("options", UNEVEN)]
    same = len({o.nl for o in options}) < len(options) or len({o.en for o in options}) < len(options)
    return [("options", TWICE)] if same else []


def _steps(steps: int, dutch: Sequence[str], english: Sequence[str]) -> tuple[Option, ...]:
    count = max(0, min(steps, MOST_STEPS + 1))

    def words(lines: Sequence[str], step: int) -> str:
        end = _at(lines, 0) if step == 1 else _at(lines, 1) if step == count else ""
        return f"{step} – {end}" if end else str(step)

    return tuple(Option(str(n), words(dutch, n), words(english, n)) for n in range(1, count + 1))


def _at(lines: Sequence[str], place: int) -> str:
    return lines[place].strip() if place < len(lines) else ""
