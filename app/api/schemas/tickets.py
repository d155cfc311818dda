"""Tickets as the API shows them; what its verbs take is in `verbs.py`."""

from datetime import datetime
from typing import Any

from pydantic import computed_field

from app.tickets import reference
from app.vocabulary import (
    Confidentiality,
    DeliveryState,
    EventType,
    MandateLevel,
    MessageKind,
    Priority,
    ProposalState,
    Publication,
    TicketKind,
    TicketStatus,
    Visibility,
)
from app.web.strict import Told


class AnyTicket(Told):
    """What is told of a ticket wherever it stands. A campaign is one row of a list: `campaignSize` counts its tickets."""

    id: int
    version: int
    subject: str
    kind: TicketKind
    status: TicketStatus
    priority: Priority
    confidentiality: Confidentiality
    language: str
    is_public: bool
    spam: bool
    no_answer_needed: bool
    account_id: int
    account_kind: str
    account_name: str
    contact_id: int | None
    contact_name: str | None
    theme_id: int | None
    team_id: int | None
    team_name: str | None
    agent_id: int | None
    agent_name: str | None
    campaign_id: int | None
    campaign_size: int
    merged_into_id: int | None
    received_at: datetime
    due_at: datetime
    last_inbound_at: datetime | None
    reopened_at: datetime | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def reference(self) -> str:
        """What citizens see."""
        return reference.of(self.id)


class TicketLine(AnyTicket):
    """A ticket in a list; `snippet` is the beginning of its newest reaction."""

    snippet: str


class Participant(Told):
    """Somebody who takes part in the conversation beside the contact."""

    contact_id: int
    address_id: int | None
    name: str


class Ticket(AnyTicket):
    """A ticket. `level` is what the token's agent may do with it."""

    level: MandateLevel | None = None
    process_id: int | None
    subject_key: str
    subject_url: str
    subject_title: str
    merged_from: list[int]
    last_outbound_at: datetime | None
    assigned_at: datetime | None
    solved_at: datetime | None
    closed_at: datetime | None
    decision_id: int | None
    tags: list[str]
    participants: list[Participant]

    @classmethod
    def of(cls, head: Any, level: MandateLevel | None) -> "Ticket":
        """From the head of a ticket's page."""
        return cls.model_validate({**head._asdict(), "level": level})


class Attachment(Told):
    """A file that came along. `kept` is false when it was too large to store."""

    id: int
    name: str
    content_type: str
    size: int
    alt: str = ""
    cid: str = ""
    state: str = "not_scanned"
    kept: bool = True


class Passage(Told):
    """A theme on a passage of the text: character offsets, end exclusive; 0–0 is the whole message."""

    id: int
    theme_id: int
    start: int
    end: int


class Message(Told):
    """An entry of a ticket. `externalId` is what the service calls it and `parentId` what it answers there; a comment of a
    site's own server has `site:` before its id. `folds` are passages to show folded: `[start, end, why]`, in characters.
    """

    id: int
    kind: MessageKind
    visibility: Visibility
    account_id: int | None
    account_kind: str | None
    external_id: str
    parent_id: str
    contact_id: int | None
    address_id: int | None
    agent_id: int | None
    agent_name: str | None
    author_name: str
    author_verified: bool
    title: str
    text: str
    folds: list[Any]
    has_html: bool
    language: str
    marks: list[Any]
    advice: dict[str, Any]
    automatic: bool
    stance: str
    publication: Publication | None
    publication_reason: str
    revised_at: datetime | None
    withdrawn_at: datetime | None
    sent_at: datetime | None
    received_at: datetime
    attachments: list[Attachment]
    passages: list[Passage]
    routes: list[int]


class Proposal(Told):
    """Ticket `ticketId` may be a continuation of `targetId`; a person decides."""

    id: int
    ticket_id: int
    target_id: int
    message_id: int | None
    reason: str
    state: ProposalState
    created_at: datetime


class Delivery(Told):
    """One outgoing message's way. While `canUndo`, it can be called back."""

    id: int
    message_id: int | None
    account_id: int
    action: str
    state: DeliveryState
    not_before: datetime
    sent_at: datetime | None
    tries: int
    url: str
    problem: str
    code: str
    can_undo: bool


class DraftFile(Told):
    """A file that goes along when the draft is sent."""

    id: int
    name: str
    content_type: str
    size: int
    alt: str


class Draft(Told):
    """An unsent text. `seenMessageId` is the newest message that its writer had seen."""

    id: int
    ticket_id: int
    agent_id: int
    agent_name: str
    purpose: str
    text: str
    seen_message_id: int | None
    visibility: Visibility | None
    for_release: bool
    updated_at: datetime
    attachments: list[DraftFile]


class Event(Told):
    """Something that happened to a ticket. `data` holds ids and words, never a citizen's text."""

    id: int
    ticket_id: int
    type: EventType
    message_id: int | None
    agent_id: int | None
    data: dict[str, Any]
    at: datetime
