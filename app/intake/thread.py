"""Does this reaction belong to a ticket that we have? Pure, and it says why.

A reaction joins by our signed reply token *from the person it was issued to or a participant*; by message ids *and* a
known participant; or, in a comment thread, by the same signed-in author or the private status token; or, where a service
knows no threads (SMS, calls), by the conversation of this very account with this very number. A typed name never joins
anything. All else is at most a proposal that an employee accepts: a wrong join shows one citizen's words to
another, a missed one costs a click.

From in a mail can be forged too. That is why the token or the id (which only the correspondents saw) must come with it,
and why neither is enough alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

WARM = timedelta(days=14)
"""A conversation without threads goes on in its ticket until so long after that was finished: "dank u" belongs there, and the
question of next month does not."""


class Link(StrEnum):
    """How a candidate was found."""

    REPLY_TOKEN = "reply_token"  # noqa: S105  (the name of a link, no secret)
    STATUS_TOKEN = "status_token"  # noqa: S105
    MESSAGE_ID = "message_id"
    ANSWERED_BY = "answered_by"
    NUMBER = "number"
    SAME_ID = "same_id"
    CONVERSATION = "conversation"


class Signature(StrEnum):
    """What is true of a token's signature. STALE: genuine, from before a merge: only its own person may use it still."""

    NONE = "none"
    VALID = "valid"
    STALE = "stale"
    FORGED = "forged"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class ReactionFacts:
    """What threading needs to know of a reaction.

    `by_mail`: the sender's address arrived with the message (mail), so that a known participant counts without the service
    vouching for them. `verified`: the service vouches for the author. `formal`: it was handed in as an objection, a
    complaint or the like; such a one has its own time of arrival and its own ticket, whatever it answers.
    """

    by_mail: bool = False
    verified: bool = False
    formal: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ticket that the reaction may belong to. `ticket_id` is already the target of any merge.

    `participant`: the author takes part in that ticket. `issued_to`: the contact whom the token was made for, 0 for nobody
    known; `issued_to_author`: that is the very author.
    `finished`: how long ago the ticket was solved or closed; None while it is not.
    """

    ticket_id: int
    link: Link
    signature: Signature = Signature.NONE
    issued_to: int = 0
    issued_to_author: bool = False
    participant: bool = False
    spam: bool = False
    finished: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """It belongs to this ticket. `why` is a code that the desk puts in words."""

    ticket_id: int
    why: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """It opens a ticket of its own, with a proposal to join `ticket_id`."""

    ticket_id: int
    why: str


@dataclass(frozen=True, slots=True)
class New:
    """It opens a ticket of its own."""

    why: str


Threaded = Joined | Proposed | New


def join(facts: ReactionFacts, candidates: Sequence[Candidate]) -> Threaded:
    """The ticket to join, or to propose, or neither. Candidates come nearest first; the strongest link decides."""
    for rule in (_token, _status, _message_id, _conversation):
        for candidate in candidates:
            if not candidate.spam and (why := rule(facts, candidate)):
                return Proposed(candidate.ticket_id, "formal") if facts.formal else Joined(candidate.ticket_id, why)
    for reason in _PROPOSALS:
        for candidate in candidates:
            if reason == _doubt(facts, candidate):
                return Proposed(candidate.ticket_id, reason)
    return New(_why_new(candidates))


def refused(candidates: Sequence[Candidate], facts: ReactionFacts) -> Sequence[tuple[str, int]]:
    """(reason, ticket) for every token that was presented and did not count: an event on the ticket that results."""
    return [(why, c.ticket_id) for c in candidates if c.link in _TOKENS and (why := _refusal(facts, c))]


_TOKENS = (Link.REPLY_TOKEN, Link.STATUS_TOKEN)
_PROPOSALS = (
    "spam",
    "token_other_sender",
    "message_id_other_sender",
    "answered_by",
    "same_id_other_content",
    "number_in_subject",
    "conversation_over",
)


def _token(facts: ReactionFacts, c: Candidate) -> str:
    if c.link is not Link.REPLY_TOKEN:
        return ""
    known = facts.by_mail or facts.verified
    if c.signature is Signature.VALID and known and (c.issued_to_author or c.participant):
        return "reply_token"
    if c.signature is Signature.STALE and known and c.issued_to_author:
        return "reply_token"
    return ""


def _status(facts: ReactionFacts, c: Candidate) -> str:
    """Whoever holds the private link may write on; by mail it proves nothing, since links are forwarded."""
    usable = c.link is Link.STATUS_TOKEN and not facts.by_mail
    return "status_token" if usable and c.signature in (Signature.VALID, Signature.STALE) else ""


def _message_id(facts: ReactionFacts, c: Candidate) -> str:
    if c.link not in (Link.MESSAGE_ID, Link.ANSWERED_BY) or not c.participant:
        return ""
    if facts.by_mail:
        return "message_id" if c.link is Link.MESSAGE_ID else "answered_by"
    return "same_author" if facts.verified else ""


def _conversation(facts: ReactionFacts, c: Candidate) -> str:
    """The service vouches for the number, so whoever writes is who wrote there; what is long finished is left finished."""
    goes_on = c.finished is None or c.finished <= WARM
    return "conversation" if c.link is Link.CONVERSATION and facts.verified and c.participant and goes_on else ""


def _doubt(facts: ReactionFacts, c: Candidate) -> str:
    """Why a candidate is proposed and not joined; an empty string when it is not even that."""
    genuine = c.signature in (Signature.VALID, Signature.STALE)
    if c.spam:
        return "spam" if genuine or c.participant else ""
    if c.link is Link.REPLY_TOKEN or (c.link is Link.STATUS_TOKEN and facts.by_mail):
        return "token_other_sender" if genuine else ""
    return {
        Link.MESSAGE_ID: "message_id_other_sender",
        Link.ANSWERED_BY: "answered_by",
        Link.NUMBER: "number_in_subject",
        Link.SAME_ID: "same_id_other_content",
        Link.CONVERSATION: "conversation_over" if facts.verified and c.participant else "message_id_other_sender",
    }.get(c.link, "")


def _refusal(facts: ReactionFacts, c: Candidate) -> str:
    if c.signature in (Signature.FORGED, Signature.GONE):
        return c.signature.value
    counted = _token(facts, c) or _status(facts, c)
    return "" if counted else "other_sender"


def _why_new(candidates: Sequence[Candidate]) -> str:
    signatures = {c.signature for c in candidates}
    if Signature.FORGED in signatures:
        return "token_forged"
    if Signature.GONE in signatures:
        return "ticket_gone"
    return "first"
