"""The result of a poll as values to show. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.polls.questions import Option, Question, QuestionKind


class Both(NamedTuple):
    """A number of votes over all, and without those that were set apart."""

    all: int = 0
    counted: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One option. Shares are per mille of those who answered the question (several choices add up to more)."""

    option: Option
    votes: Both
    share_all: int
    share_counted: int


@dataclass(frozen=True, slots=True)
class Answered:
    """One question. `mean` of a scale, None where nobody answered; an open question has no lines."""

    question: Question
    votes: Both
    lines: tuple[Line, ...] = ()
    mean: float | None = None
    mean_all: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """`apart` is how many votes were set apart, by reason. `invited` counts votes by invitation."""

    votes: Both
    invited: int
    apart: Mapping[str, int]
    questions: tuple[Answered, ...]


def result(
    asked: Sequence[Question],
    votes: Both,
    invited: int,
    apart: Mapping[str, int],
    chosen: Mapping[tuple[str, str], Both],
    answered: Mapping[str, Both],
) -> Result:
    """Questions in their order, each option in its own, also those that nobody chose."""
    return Result(votes, invited, apart, tuple(_answered(one, chosen, answered.get(one.key, Both())) for one in asked))


def _answered(one: Question, chosen: Mapping[tuple[str, str], Both], votes: Both) -> Answered:
    lines = tuple(_line(option, chosen.get((one.key, option.key), Both()), votes) for option in one.options)
    if one.kind is not QuestionKind.SCALE:
        return Answered(one, votes, lines)
    return Answered(
        one, votes, lines, _mean([line.votes.counted for line in lines]), _mean([line.votes.all for line in lines])
    )


def _line(option: Option, votes: Both, of: Both) -> Line:
    return Line(option, votes, _share(votes.all, of.all), _share(votes.counted, of.counted))


def _share(part: int, whole: int) -> int:
    return round(1000 * part / whole) if whole else 0


def _mean(steps: Sequence[int]) -> float | None:
    """Of a scale whose first step is 1."""
    votes = sum(steps)
    return sum(step * count for step, count in enumerate(steps, start=1)) / votes if votes else None
