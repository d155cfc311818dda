"""What the engine knows about one ticket: values only, so that they can be stored and a decision replayed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import TypeAdapter

from app.routing.words import SUBJECT_LIMIT, TEXT_LIMIT, fold
from app.vocabulary import Confidentiality, Priority, TicketKind

Fixed = Literal["theme", "priority", "team", "kind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFacts:
    """One ticket. Ids are those of the rows; tuples are sorted; times carry an offset.

    `theme_id` is a hint (from the account, the page or the process) unless `fixed` names "theme": then a person chose
    it and no rule changes it. So with `team_id`, `priority` and `kind`. `subject` and `text` are folded: use
    `folded_subject` and `folded_text`. `weight` is what the channel costs of an agent's capacity. `contact_agent_id`
    answered this contact last; `owner_id` owned this ticket before it came back; `excluded` may not get it (who handed
    it over).
    """

    id: int
    account_id: int
    channel: str
    family: str
    received_at: datetime
    kind: TicketKind = TicketKind.QUESTION
    priority: Priority = Priority.NORMAL
    theme_id: int | None = None
    team_id: int | None = None
    fixed: tuple[Fixed, ...] = ()
    site: str | None = None
    page: str | None = None
    language: str | None = None
    sender_domain: str | None = None
    subject: str = ""
    text: str = ""
    contact_id: int | None = None
    contact_agent_id: int | None = None
    owner_id: int | None = None
    skills: tuple[str, ...] = ()
    weight: int = 1
    due_at: datetime | None = None
    is_public: bool = False
    confidentiality: Confidentiality = Confidentiality.NORMAL
    process_id: int | None = None
    tags: tuple[str, ...] = ()
    excluded: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.received_at.tzinfo is None or (self.due_at is not None and self.due_at.tzinfo is None):
            raise ValueError("times of a ticket need an offset")
        if self.weight < 0:
            raise ValueError("a ticket cannot weigh less than nothing")

    def to_json(self) -> dict[str, Any]:
        """JSON values; `from_json` gives an equal ticket back. Defaults are left out, so a default may never change."""
        return _ADAPTER.dump_python(self, mode="json", exclude_defaults=True)  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Raises pydantic.ValidationError when `data` is not what `to_json` gives."""
        return _ADAPTER.validate_python(data)  # type: ignore[return-value]


_ADAPTER: TypeAdapter[TicketFacts] = TypeAdapter(TicketFacts)


def folded_subject(subject: str) -> str:
    """A subject as `TicketFacts.subject` wants it."""
    return fold(subject, SUBJECT_LIMIT)


def folded_text(text: str) -> str:
    """The words of a reaction as `TicketFacts.text` wants them; the subject is matched as well, so leave it out."""
    return fold(text, TEXT_LIMIT)


_RANKS = {Priority.URGENT: 0, Priority.HIGH: 1, Priority.NORMAL: 2, Priority.LOW: 3}


def rank(priority: Priority) -> int:
    """Where a priority stands in a queue: 0 comes first. Normal is 2."""
    return _RANKS[priority]


def queue_key(ticket: TicketFacts) -> tuple[int, float, int]:
    """The order of a queue: priority, then deadline (none is last), then id. Sort ascending."""
    return rank(ticket.priority), ticket.due_at.timestamp() if ticket.due_at else float("inf"), ticket.id
