"""The form of a poll: what was typed as values, back and forth, with as many questions as somebody asked for.

It works without script: adding and removing a question send the form, which comes back with what was typed and stores nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.datastructures import FormData

from app.desk.posted import number, text_of
from app.errors import Fault, Invalid
from app.polls import questions
from app.polls.make import Draft
from app.polls.poll import View
from app.polls.questions import Question, QuestionKind
from app.vocabulary import Language
from app.web.formats import ZONE
from app.web.i18n import _

END = _("Give the day and the time, like 31-12-2026 17:00.")


@dataclass(frozen=True, slots=True)
class Block:
    """One question as it is typed: options as lines, of a scale the words of its two ends."""

    kind: str = QuestionKind.SINGLE
    nl: str = ""
    en: str = ""
    options_nl: str = ""
    options_en: str = ""
    steps: str = "5"
    required: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """The whole form. `closes_at` as a date field gives it; `origins` as lines; `version` of the draft that is changed."""

    title_nl: str = ""
    title_en: str = ""
    intro_nl: str = ""
    intro_en: str = ""
    invited_only: bool = False
    origins: str = ""
    closes_at: str = ""
    process_id: int | None = None
    account_id: int | None = None
    version: int | None = None
    blocks: Sequence[Block] = field(default_factory=lambda: (Block(),))


def of_poll(poll: View) -> Typed:
    """A stored draft, to be changed."""
    return Typed(
        title_nl=poll.title_nl,
        title_en=poll.title_en,
        intro_nl=poll.intro_nl,
        intro_en=poll.intro_en,
        invited_only=poll.invited_only,
        origins="\n".join(poll.origins),
        closes_at=poll.closes_at.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M") if poll.closes_at else "",
        process_id=poll.process_id,
        account_id=poll.account_id,
        version=poll.version,
        blocks=tuple(_block(question) for question in poll.asked),
    )


def of_form(posted: FormData) -> Typed:
    """What was sent, with the change that its button asks for."""
    count = min(number(posted.get("questions")) or 0, questions.MOST_QUESTIONS)
    blocks = [_typed(posted, n) for n in range(1, count + 1)]
    do = text_of(posted, "do")
    if do == "add":
        blocks.append(Block())
    elif do.startswith("remove-") and (gone := number(do.removeprefix("remove-"))) and gone <= len(blocks):
        del blocks[gone - 1]
    texts = {
        name: text_of(posted, name) for name in ("title_nl", "title_en", "intro_nl", "intro_en", "origins", "closes_at")
    }
    return Typed(
        **texts,
        invited_only=text_of(posted, "invited_only") == "on",
        process_id=number(posted.get("process_id")),
        account_id=number(posted.get("account_id")),
        version=number(posted.get("version")),
        blocks=blocks,
    )


def draft(typed: Typed) -> Draft:
    """What is to be stored. Raises `Invalid` for a date that is none; the poll's own rules are `app.polls.make`'s."""
    return Draft(
        title_nl=typed.title_nl,
        title_en=typed.title_en,
        asked=[_question(n, block) for n, block in enumerate(typed.blocks, start=1)],
        intro_nl=typed.intro_nl,
        intro_en=typed.intro_en,
        invited_only=typed.invited_only,
        origins=[line.strip().rstrip("/") for line in typed.origins.splitlines() if line.strip()],
        closes_at=_moment(typed.closes_at),
        process_id=typed.process_id,
    )


def _typed(posted: FormData, n: int) -> Block:
    texts = {name: text_of(posted, f"q{n}_{name}") for name in ("nl", "en", "options_nl", "options_en", "steps")}
    kind = text_of(posted, f"q{n}_kind")
    known = kind if kind in set(QuestionKind) else QuestionKind.SINGLE
    return Block(kind=known, required=text_of(posted, f"q{n}_required") == "on", **texts)


def _question(n: int, block: Block) -> Question:
    texts = {Language.DUTCH: block.nl, Language.ENGLISH: block.en}
    lines = {
        Language.DUTCH: _lines(block.options_nl, block.kind),
        Language.ENGLISH: _lines(block.options_en, block.kind),
    }
    steps = number(block.steps.strip()) or 0
    return questions.question(n, QuestionKind(block.kind), texts, options=lines, steps=steps, required=block.required)


def _lines(text: str, kind: str) -> list[str]:
    """Empty lines are no options; of a scale they stand for an end without words."""
    lines = [line.strip() for line in text.splitlines()]
    return lines if kind == QuestionKind.SCALE else [line for line in lines if line]


def _block(question: Question) -> Block:
    scale = question.kind is QuestionKind.SCALE
    options = [question.options[0], question.options[-1]] if scale and question.options else list(question.options)
    said: Mapping[str, Any] = {
        f"options_{name}": "\n".join(_words(getattr(o, name), o.key, scale) for o in options).rstrip("\n")
        for name in ("nl", "en")
    }
    steps = str(len(question.options)) if scale else "5"
    return Block(kind=question.kind, nl=question.nl, en=question.en, steps=steps, required=question.required, **said)


def _words(text: str, key: str, scale: bool) -> str:
    return text.removeprefix(key).removeprefix(" – ") if scale else text


def _moment(text: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=ZONE)
    except ValueError:
        raise Invalid("poll", "Correct these parts of the poll.", [Fault("closes_at", "moment", END)]) from None
