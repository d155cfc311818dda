"""What the verbs on a ticket take, and what they answer."""

from typing import Annotated, Literal

from pydantic import Field

from app.vocabulary import Confidentiality, Priority, TicketKind, TicketStatus, Verdict, Visibility
from app.web.strict import LARGEST, Given, Id, Told

Text = Annotated[str, Field(min_length=1, max_length=100_000)]
Reason = Annotated[str, Field(max_length=1_000)]
Tag = Annotated[str, Field(min_length=1, max_length=60)]
Seen = Annotated[int, Field(strict=True, ge=0, le=LARGEST)]


class HandOver(Given):
    """To a team, to an agent, or to an agent for a team; `reason` is for the next person."""

    team_id: Id | None = None
    agent_id: Id | None = None
    reason: Reason = ""


class NewReply(Given):
    """`seenMessageId` is the newest message that the writer had seen: the reply is refused when there is a newer one.

    `attachmentIds` are files of the writer's draft here, all of them when left out. `copies` are mail addresses. `answers`
    chooses another reaction than the contact's newest; `visibility` may only make the answer less public.
    """

    text: Text
    seen_message_id: Seen
    status_after: TicketStatus = TicketStatus.PENDING
    attachment_ids: Annotated[list[Id], Field(max_length=50)] | None = None
    copies: Annotated[list[Annotated[str, Field(max_length=320)]], Field(max_length=50)] = Field(default_factory=list)
    visibility: Visibility | None = None
    answers: Id | None = None


class Release(Given):
    """Send a colleague's draft; `text` replaces theirs. `seenMessageId` is what the one who releases had seen."""

    seen_message_id: Seen
    text: Text | None = None
    status_after: TicketStatus = TicketStatus.PENDING


class NewNote(Given):
    """For colleagues only; `callNote` is what was said on the phone."""

    text: Text
    call_note: bool = False


class NewDraft(Given):
    """An unsent answer or note, kept for this agent."""

    text: Annotated[str, Field(max_length=100_000)]
    purpose: Literal["reply", "note"] = "reply"
    seen_message_id: Seen | None = None
    for_release: bool = False
    visibility: Visibility | None = None


class Changed(Told):
    """The ticket's version from now on, as its ETag has it."""

    ticket_id: int
    version: int


class Numbered(Told):
    """What was made."""

    id: int


class Replied(Told):
    """An answer on its way; until the undo window closes, its delivery can be cancelled."""

    message_id: int
    delivery_id: int
    version: int


class StatusChange(Given):
    """Where the ticket stands."""

    status: TicketStatus


class KindChange(Given):
    """What it asks for; a formal kind starts its statutory clock at its time of arrival."""

    kind: TicketKind


class ThemeChange(Given):
    """What it is about; with `reroute` it leaves its owner and team for those of the theme."""

    theme_id: Id
    reroute: bool = True


class PriorityChange(Given):
    """How urgent it is."""

    priority: Priority


class ConfidentialityChange(Given):
    """Who may see it."""

    confidentiality: Confidentiality
    reason: Reason = ""


class NewTag(Given):
    """A word of one's own on a ticket."""

    tag: Tag


class MergeInto(Given):
    """The ticket whose conversation goes on."""

    target_id: Id
    target_version: Id | None = None


class WithReason(Given):
    """Why, for whoever reads it later."""

    reason: Reason = ""


class Settlement(Given):
    """What became of an answer that may have gone out: it was sent, or it is to be sent again. Of a refused one: it was seen."""

    choice: Literal["sent", "again", "seen"]


class Moderation(Given):
    """What happens to a public comment; its author is told the reason."""

    verdict: Verdict
    reason: Reason = ""


class Correction(Given):
    """What an answer that went out says from now on."""

    text: Text


class NewPassage(Given):
    """A theme on a passage."""

    theme_id: Id
    start: Annotated[int, Field(strict=True, ge=0, le=10_000_000)] = 0
    end: Annotated[int, Field(strict=True, ge=0, le=10_000_000)] = 0
