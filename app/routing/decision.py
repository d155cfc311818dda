"""What the engine chose, every step why, and every code such a step can carry.

Steps hold codes and values, no sentences: the desk says them in the reader's language. `CODES` lists all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.routing.bits import places
from app.vocabulary import Priority, TicketKind

ENGINE_VERSION = 1
"""Raise it with every change that can make `decide` answer otherwise: stored decisions replay within one version."""


class Code(NamedTuple):
    """What an outcome means, and the names of its parameters."""

    params: tuple[str, ...]
    meaning: str


def _check(asked: tuple[str, ...], meaning: str, *, always: bool = False) -> dict[str, Code]:
    codes = {
        "kept": Code(("left", *asked), f"{meaning}; `left` agents pass, the others are dropped"),
        "dropped": Code(asked, f"{meaning}; this agent does not (answers about one agent only)"),
    }
    return codes if always else {**codes, "not_asked": Code((), f"{meaning}: the ticket does not ask for it")}


CODES: Mapping[str, Mapping[str, Code]] = {
    "rule": {
        "matched": Code(("rule", "set"), "the rule matched; `set` is what it decided (an earlier rule may have all)"),
        "failed": Code(("rule", "error"), "the rule could not be used: the ticket goes to the fallback team"),
    },
    "kind": {"by_rule": Code(("kind",), "a rule set the kind")},
    "theme": {
        "by_rule": Code(("theme",), "a rule set the theme"),
        "by_hand": Code(("theme",), "a person set the theme"),
        "by_hint": Code(("theme",), "the account, page or process says the theme"),
        "unknown": Code(("theme",), "the theme it came with does not exist (any more)"),
        "none": Code((), "nothing says a theme"),
    },
    "priority": {
        "by_rule": Code(("priority",), "a rule set the priority"),
        "by_hand": Code(("priority",), "a person set the priority"),
        "as_given": Code(("priority",), "no rule changed the priority it came with"),
    },
    "team": {
        "by_rule": Code(("team", "left"), "a rule set the team; `left` agents are in it"),
        "by_hand": Code(("team", "left"), "a person set the team"),
        "by_theme": Code(("team", "left"), "the theme's team"),
        "as_given": Code(("team", "left"), "neither rule nor theme names a team: the one it came with"),
        "fallback": Code(("team", "left"), "nothing names a team, or a rule failed: the fallback team"),
        "none": Code((), "nothing names a team and there is no fallback team"),
        "kept": Code(("team",), "this agent is in the team (answers about one agent only)"),
        "dropped": Code(("team",), "this agent is not in the team (answers about one agent only)"),
    },
    "excluded": _check((), "may have it (did not hand it over)"),
    "confidentiality": _check((), "is a lead of the team or owned the ticket, as strict confidentiality asks"),
    "mandate": _check(("account", "theme"), "may answer or draft on this account and theme", always=True),
    "skills": _check(("skills",), "has all skills asked for"),
    "language": {
        **_check(("language",), "speaks the language"),
        "not_served": Code(("language",), "the organisation does not answer in this language: no speaker asked for"),
    },
    "hours": _check((), "is at work by hours, holidays and leave", always=True),
    "presence": _check((), "is available right now", always=True),
    "room": _check(("weight",), "has capacity left for the weight of this channel"),
    "push_limit": _check(("limit",), "has fewer tickets in hand than the team's limit"),
    "owner": {
        "preferred": Code(("agent",), "the ticket came back to who owned it"),
        "passed_over": Code(("agent", "check"), "who owned it cannot have it now: dropped at `check`"),
    },
    "preference": {
        "only_one": Code(("agent",), "one agent was left"),
        "knows_contact": Code(("agent",), "answered this contact last"),
        "least_loaded": Code(("agent", "load"), "has the least open work, in percent of capacity"),
        "longest_idle": Code(("agent", "load"), "among the least loaded, got or finished a ticket longest ago"),
        "lowest_id": Code(("agent", "load"), "equal in everything: the lowest id"),
    },
    "nobody": {
        "team": Code(("team",), "nobody is in the team: add people to it"),
        "excluded": Code((), "everybody left handed it over: somebody else must join, or one of them take it"),
        "confidentiality": Code((), "no lead is left"),
        "mandate": Code(("account", "theme"), "nobody left has the mandate: give it to somebody"),
        "skills": Code(("skills",), "nobody left has all these skills"),
        "language": Code(("language",), "nobody left speaks it"),
        "hours": Code(("next",), "nobody left is at work; `next` is when the first is (UTC), if within three weeks"),
        "presence": Code(("agents",), "`agents` people are at work by their hours, none of them is available"),
        "room": Code(("weight", "most"), "the ticket needs `weight`; the most anybody left has is `most`"),
        "push_limit": Code(("limit",), "everybody left has their hands full: somebody must finish one"),
    },
    "queue": {
        "next": Code(("team", "could_take"), "waits in the team's ordered queue; `could_take` people could now"),
        "waits": Code(("team",), "waits in the team's queue until something of the above changes"),
        "no_team": Code((), "waits among the unassigned"),
    },
    "agent": {"unknown": Code(("agent",), "no such agent (answers about one agent only)")},
    "engine": {"failed": Code(("error",), "the engine broke on this ticket: it waits in the fallback team's queue")},
}


class _Step(NamedTuple):
    check: str
    outcome: str
    params: Mapping[str, Any]
    bits: int = 0
    ids: tuple[int, ...] = ()


class Step(_Step):
    """One step of a trace. `params` are JSON values, as `CODES` names them.

    Who was dropped is kept as a bit set (`bits` over `ids`) and worked out when somebody asks.

    Why a tuple below: a decision makes a dozen of these, and a frozen dataclass takes two and a half times as long.
    """

    __slots__ = ()

    @property
    def dropped(self) -> tuple[int, ...]:
        """Ids of the agents that this step dropped, ascending."""
        return tuple(self.ids[place] for place in places(self.bits))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Step):
            return False
        return (self.check, self.outcome, self.params, self.dropped) == (
            other.check, other.outcome, other.params, other.dropped,
        )  # fmt: skip

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((self.check, self.outcome))

    def to_json(self) -> dict[str, Any]:
        """JSON values; `dropped` holds ids and is left out when nobody was."""
        data = {"check": self.check, "outcome": self.outcome, "params": dict(self.params)}
        return {**data, "dropped": list(self.dropped)} if self.bits else data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Step":
        """A step equal to the one that was written. Raises KeyError when a part is missing."""
        dropped = tuple(data.get("dropped", ()))
        return cls(data["check"], data["outcome"], data["params"], (1 << len(dropped)) - 1, dropped)


@dataclass(frozen=True, slots=True)
class Decision:
    """`ticket` is its id; `agent` None means it waits in the team's queue, `team` None that it waits unassigned.

    `tags` are those that rules added, `skills` all that were asked for.
    """

    ticket: int
    theme: int | None
    priority: Priority
    team: int | None
    agent: int | None
    policy_version: int
    trace: tuple[Step, ...]
    kind: TicketKind = TicketKind.QUESTION
    tags: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    staff_version: int = 0
    engine_version: int = ENGINE_VERSION

    def to_json(self) -> dict[str, Any]:
        """JSON values; `from_json` gives an equal decision back."""
        return {
            "ticket": self.ticket,
            "theme": self.theme,
            "priority": self.priority.value,
            "kind": self.kind.value,
            "team": self.team,
            "agent": self.agent,
            "tags": list(self.tags),
            "skills": list(self.skills),
            "policy_version": self.policy_version,
            "staff_version": self.staff_version,
            "engine_version": self.engine_version,
            "trace": [step.to_json() for step in self.trace],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Decision":
        """Raises KeyError or ValueError when `data` is not what `to_json` gives."""
        return cls(
            ticket=data["ticket"],
            theme=data["theme"],
            priority=Priority(data["priority"]),
            kind=TicketKind(data["kind"]),
            team=data["team"],
            agent=data["agent"],
            tags=tuple(data["tags"]),
            skills=tuple(data["skills"]),
            policy_version=data["policy_version"],
            staff_version=data["staff_version"],
            engine_version=data["engine_version"],
            trace=tuple(Step.from_json(step) for step in data["trace"]),
        )
