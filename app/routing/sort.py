"""The first half of a decision: which kind, theme, priority and team. Rules in order, the first that says so wins.

A rule sees what the rules before it decided, so "theme is parks → team green" may follow "text contains boom → theme
parks". What a person set (`TicketFacts.fixed`) no rule changes.
"""

from typing import Any
from zoneinfo import ZoneInfo

from app.routing.bits import places
from app.routing.decision import Step
from app.routing.facts import TicketFacts
from app.routing.policy import Compiled, Policy
from app.routing.roster import Roster
from app.routing.rules import Effects
from app.vocabulary import Priority, TicketKind

_NO_THEME = Step("theme", "none", {})
_NO_TEAM = Step("team", "none", {})
_NO_WORDS: frozenset[str] = frozenset()


class Sorted:
    """A ticket on its way through the rules, and where it came out."""

    __slots__ = ("_decided", "failed", "kind", "priority", "skills", "steps", "tags", "team", "theme", "ticket",
                 "words_of_subject", "words_of_text", "zone")  # fmt: skip

    def __init__(self, ticket: TicketFacts, zone: ZoneInfo) -> None:
        self.ticket = ticket
        self.zone = zone
        self.theme: int | None = ticket.theme_id
        self.priority: Priority = ticket.priority
        self.kind: TicketKind = ticket.kind
        self.team: int | None = ticket.team_id
        self.tags: set[str] = set(ticket.tags)
        self.skills: tuple[str, ...] = ticket.skills
        self.steps: list[Step] = []
        self.failed = False
        self._decided: set[str] = set()
        self.words_of_subject = self.words_of_text = _NO_WORDS

    @property
    def new_tags(self) -> tuple[str, ...]:
        """The tags that rules added, sorted."""
        return tuple(sorted(self.tags.difference(self.ticket.tags)))

    def read(self, words: frozenset[str]) -> None:
        """Look once which of the rules' words the ticket contains."""
        if words:
            self.words_of_subject = words.intersection(self.ticket.subject.split())
            self.words_of_text = self.words_of_subject | words.intersection(self.ticket.text.split())

    def apply(self, rule: Compiled, roster: Roster) -> bool:
        """Use a rule; whether the rules end here. A rule that cannot be used sends the ticket to the fallback team."""
        try:
            if rule.broken:
                raise _BrokenRule(rule.broken)
            if not rule.matches(self):
                return False
            _check_names(rule.rule.then, roster)
            changes = self._take(rule.rule.then)
        except Exception as error:  # noqa: BLE001 - any mistake in a rule must cost a step in the trace, never the ticket
            self.failed = True
            self.steps.append(Step("rule", "failed", {"rule": rule.rule.name, "error": _name(error)}))
            return True
        self.steps.append(Step("rule", "matched", {"rule": rule.rule.name, "set": changes}))
        return rule.rule.then.stop

    def _take(self, then: Effects) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        for name, value in (
            ("theme", then.theme), ("priority", then.priority), ("team", then.team), ("kind", then.kind)
        ):  # fmt: skip
            if value is not None and name not in self._decided and name not in self.ticket.fixed:
                self._decided.add(name)
                setattr(self, name, value)
                changes[name] = value
        if then.tags and not self.tags.issuperset(then.tags):
            changes["tags"] = sorted(set(then.tags) - self.tags)
            self.tags.update(then.tags)
        if then.skills and not set(self.skills).issuperset(then.skills):
            changes["skills"] = sorted(set(then.skills) - set(self.skills))
            self.skills = tuple(sorted({*self.skills, *then.skills}))
        return changes

    def settle(self, roster: Roster) -> None:
        """After the rules: say where theme and priority come from, and find the team."""
        if "kind" in self._decided:
            self.steps.append(Step("kind", "by_rule", {"kind": self.kind.value}))
        self.steps.append(self._theme(roster))
        self.steps.append(Step("priority", self._origin("priority", "as_given"), {"priority": self.priority.value}))
        origin = self._team(roster)
        if self.team is None:
            self.steps.append(_NO_TEAM)
        else:
            left = roster.team_bits.get(self.team, 0).bit_count()
            self.steps.append(Step("team", origin, {"team": self.team, "left": left}))

    def _origin(self, name: str, otherwise: str) -> str:
        return "by_rule" if name in self._decided else "by_hand" if name in self.ticket.fixed else otherwise

    def _theme(self, roster: Roster) -> Step:
        theme = self.theme
        if theme is None:
            return _NO_THEME
        if theme not in roster.themes:
            self.theme = None
            return Step("theme", "unknown", {"theme": theme})
        return Step("theme", self._origin("theme", "by_hint"), {"theme": theme})

    def _team(self, roster: Roster) -> str:
        """Set the team; by what. By hand, else fallback after a failed rule, else rule, theme, as it came, fallback."""
        theme = roster.themes.get(self.theme) if self.theme is not None else None
        choices = (
            ("by_hand", self.ticket.team_id if "team" in self.ticket.fixed else None),
            ("fallback", roster.staff.fallback_team if self.failed else None),
            ("by_rule", self.team if "team" in self._decided else None),
            ("by_theme", theme.team_id if theme else None),
            ("as_given", self.ticket.team_id),
            ("fallback", roster.staff.fallback_team),
        )
        for origin, team in choices:
            if team is not None and team in roster.teams:
                self.team = team
                return origin
        self.team = None
        return "none"


def sort(ticket: TicketFacts, roster: Roster, policy: Policy) -> Sorted:
    """Run the rules. The team says whose load and presence the moment of the decision must hold."""
    outcome = Sorted(ticket, roster.zone)
    outcome.read(policy.words)
    for place in places(policy.shortlist.of(outcome)):
        if outcome.apply(policy.compiled[place], roster):
            break
    outcome.settle(roster)
    return outcome


class _BrokenRule(Exception):
    """The rule cannot be used; the message is a stable code."""


def _check_names(then: Effects, roster: Roster) -> None:
    if then.theme is not None and then.theme not in roster.themes:
        raise _BrokenRule("theme_unknown")
    if then.team is not None and then.team not in roster.teams:
        raise _BrokenRule("team_unknown")


def _name(error: Exception) -> str:
    return str(error) if isinstance(error, _BrokenRule) else type(error).__name__
