"""Why this person, in plain words: a decision's steps as sentences in the reader's language.

Three questions are answered from one trace: why it went where it went (`answer` and the `key` lines), how the others fell
away (`plain` lines, with their names), and what would have to change when nobody was left (`change` lines).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.desk.sentences import ANSWERS, CHECK_NAMES, SENTENCES

KEY_CHECKS = frozenset({"rule", "theme", "team", "preference", "owner", "queue"})


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called on the desk, by id; and how the desk says a word, a language and a time."""

    agents: Mapping[int, str] = field(default_factory=dict)
    teams: Mapping[int, str] = field(default_factory=dict)
    themes: Mapping[int, str] = field(default_factory=dict)
    word: Callable[[str, str], str] = lambda value, _kind: value
    time: Callable[[datetime], str] = datetime.isoformat


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence. `tone` is `key` (this decided), `plain`, or `change` (what would have to be different)."""

    text: str
    tone: str
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer to "why?" in one sentence, and the steps that led there."""

    answer: str
    lines: tuple[Line, ...]


def explain(
    trace: Sequence[Mapping[str, Any]],
    names: Names,
    translate: Callable[[str], str],
    *,
    owner: int | None = None,
    chosen: int | None = None,
    team: int | None = None,
    me: int | None = None,
    giver: int | None = None,
) -> Explanation:
    """The steps of `trace` (as stored: `check, outcome, params, dropped`) for `me`.

    `owner` has the ticket now; `chosen` and `team` are what the engine decided; `giver` took it, or gave it away, last. Steps
    that say that nothing was asked are left out; one that this version has no sentence for is shown by its names, never hidden.
    """
    lines = tuple(_line(step, names, translate) for step in trace if step["outcome"] != "not_asked")
    return Explanation(translate(_answer(trace, owner, chosen, team, me, giver)) % _people(names, owner, team), lines)


def _answer(
    trace: Sequence[Mapping[str, Any]],
    owner: int | None,
    chosen: int | None,
    team: int | None,
    me: int | None,
    giver: int | None,
) -> str:
    if owner is not None and owner != chosen:
        if owner == me:
            return ANSWERS["taken_me" if giver == me else "by_hand_me"]
        return ANSWERS["by_hand"]
    if not trace:
        return ANSWERS["undecided"]
    if owner is not None:
        return ANSWERS["assigned_me" if owner == me else "assigned"]
    return ANSWERS["queued" if team is not None else "unassigned"]


def _people(names: Names, owner: int | None, team: int | None) -> dict[str, str]:
    return {"agent": _named(names.agents, owner), "team": _named(names.teams, team)}


def _line(step: Mapping[str, Any], names: Names, translate: Callable[[str], str]) -> Line:
    check, outcome = str(step["check"]), str(step["outcome"])
    dropped = tuple(_named(names.agents, agent) for agent in step.get("dropped", ()))
    sentence = SENTENCES.get((check, outcome))
    if sentence is None:
        return Line(f"{check}: {outcome}", "plain", dropped)
    params = {name: _said(name, value, names, translate) for name, value in step["params"].items()}
    tone = "change" if check == "nobody" else "key" if check in KEY_CHECKS else "plain"
    return Line(translate(sentence) % _Params(params), tone, dropped)


class _Params(dict[str, str]):
    """A step of an older engine may lack a value: the sentence then has a dash where it was."""

    def __missing__(self, name: str) -> str:
        return "–"


def _said(name: str, value: Any, names: Names, translate: Callable[[str], str]) -> str:
    if name in ("agent", "team", "theme"):
        return _named(getattr(names, f"{name}s"), value)
    if name == "set":
        return _changes(value, names, translate)
    if name in ("priority", "kind", "language"):
        return names.word(str(value), name)
    if name == "check":
        return translate(CHECK_NAMES[value]) if value in CHECK_NAMES else str(value)
    if name == "next":
        return names.time(datetime.fromisoformat(value)) if value else translate("–")
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or "–"
    return str(value)


def _changes(value: Mapping[str, Any], names: Names, translate: Callable[[str], str]) -> str:
    """What a rule decided, as a list of words; "nothing new" when an earlier rule had decided all of it."""
    said = [f"{names.word(name, 'field')} {_said(name, one, names, translate)}" for name, one in value.items()]
    return ", ".join(said) or names.word("nothing", "field")


def _named(known: Mapping[int, str], number: Any) -> str:
    return known.get(number, f"#{number}") if number is not None else "–"
