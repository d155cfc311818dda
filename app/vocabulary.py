"""The words of Weerklank: every closed set of values, named once.

Code, database, API and desk all use these members; the Dutch and English labels are translations, never other values.
"""

from enum import StrEnum


class TicketKind(StrEnum):
    """What a ticket asks for. Formal kinds have their own desk, receipt and statutory clock."""

    QUESTION = "question"
    REPORT = "report"
    COMPLAINT = "complaint"
    OBJECTION = "objection"
    VIEW_ON_PLAN = "view_on_plan"
    WOO_REQUEST = "woo_request"
    PRIVACY_REQUEST = "privacy_request"
    PRESS = "press"
    COUNCIL = "council"
    THREAT = "threat"
    OTHER = "other"


FORMAL_KINDS = frozenset(
    {
        TicketKind.COMPLAINT,
        TicketKind.OBJECTION,
        TicketKind.VIEW_ON_PLAN,
        TicketKind.WOO_REQUEST,
        TicketKind.PRIVACY_REQUEST,
    }
)


class TicketStatus(StrEnum):
    """Where a ticket stands. Spam and merged are separate facts, not statuses."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    ON_HOLD = "on_hold"
    SOLVED = "solved"
    CLOSED = "closed"


ACTIVE_STATUSES = frozenset({TicketStatus.NEW, TicketStatus.OPEN})


class Priority(StrEnum):
    """How soon, within what its kind and theme ask."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Confidentiality(StrEnum):
    """Who may see a ticket: every employee, its team only, or its owner and the leads only."""

    NORMAL = "normal"
    TEAM = "team"
    STRICT = "strict"


class MessageKind(StrEnum):
    """What an entry in a ticket is. OWN_POST is a colleague's answer given in the platform's own app."""

    REACTION = "reaction"
    REPLY = "reply"
    NOTE = "note"
    CALL_NOTE = "call_note"
    RECEIPT = "receipt"
    OWN_POST = "own_post"


class Visibility(StrEnum):
    """Who can see a message at its source; an answer never widens it."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"
    DIRECT = "direct"


class Publication(StrEnum):
    """Where a public comment stands on its own page."""

    HELD = "held"
    PUBLISHED = "published"
    HIDDEN = "hidden"
    REMOVED = "removed"
    WITHDRAWN = "withdrawn"


class Verdict(StrEnum):
    """What a moderator may decide about a comment."""

    APPROVE = "approve"
    HIDE = "hide"
    RESTORE = "restore"
    REMOVE = "remove"


class Role(StrEnum):
    """What somebody is in the installation; teams and mandates say the rest."""

    AGENT = "agent"
    LEAD = "lead"
    ADMIN = "admin"


class MandateLevel(StrEnum):
    """What an agent may do on an account and theme; each level includes the ones after it."""

    ANSWER = "answer"
    DRAFT = "draft"
    READ = "read"


class TeamMode(StrEnum):
    """How a team gets its work: people take the next fitting ticket, or the engine pushes a few to each."""

    NEXT = "next"
    PUSH = "push"


class Presence(StrEnum):
    """Whether the engine may give somebody work now: only when available."""

    AVAILABLE = "available"
    BUSY = "busy"
    AWAY = "away"


class RawState(StrEnum):
    """Where a raw item stands. Everything but NEW and SET_ASIDE is an end, and the ledger counts each."""

    NEW = "new"
    TICKETED = "ticketed"
    JOINED = "joined"
    APPLIED = "applied"
    DUPLICATE = "duplicate"
    SIGNAL = "signal"
    SET_ASIDE = "set_aside"
    IGNORED = "ignored"


class DeliveryState(StrEnum):
    """Where an outgoing message stands; see app/delivery."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    BEGUN = "begun"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class ProposalState(StrEnum):
    """What a person said of a proposal."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class ContactKind(StrEnum):
    """Who a contact is. A MACHINE gets no automatic mail."""

    PERSON = "person"
    ORGANISATION = "organisation"
    MACHINE = "machine"


class AddressKind(StrEnum):
    """In which space a contact's address lives; addresses are unique within one."""

    EMAIL = "email"
    PHONE = "phone"
    HANDLE = "handle"
    SITE_USER = "site_user"
    BROWSER = "browser"


class AttachmentState(StrEnum):
    """Whether a virus scanner has seen the file. NOT_SCANNED is shown as such."""

    NOT_SCANNED = "not_scanned"
    CLEAN = "clean"
    INFECTED = "infected"
    TOO_LARGE = "too_large"


class EventType(StrEnum):
    """What happened to a ticket. The event's data says the rest."""

    CREATED = "created"
    REACTION_RECEIVED = "reaction_received"
    REACTION_REVISED = "reaction_revised"
    REACTION_WITHDRAWN = "reaction_withdrawn"
    REOPENED = "reopened"
    ROUTED = "routed"
    ASSIGNED = "assigned"
    TAKEN = "taken"
    HANDED_OVER = "handed_over"
    REPLIED = "replied"
    REPLY_CANCELLED = "reply_cancelled"
    REPLY_CORRECTED = "reply_corrected"
    NOTED = "noted"
    NO_ANSWER_NEEDED = "no_answer_needed"
    CALL_BACK_PROMISED = "call_back_promised"
    CALL_BACK_SETTLED = "call_back_settled"
    STATUS_SET = "status_set"
    KIND_SET = "kind_set"
    THEME_SET = "theme_set"
    PRIORITY_SET = "priority_set"
    CONFIDENTIALITY_SET = "confidentiality_set"
    SPAM_SET = "spam_set"
    TAGGED = "tagged"
    UNTAGGED = "untagged"
    PASSAGES_MARKED = "passages_marked"
    DRAFT_READY = "draft_ready"
    PROPOSAL_MADE = "proposal_made"
    PROPOSAL_ACCEPTED = "proposal_accepted"
    PROPOSAL_DECLINED = "proposal_declined"
    MERGED = "merged"
    UNMERGED = "unmerged"
    MODERATED = "moderated"
    RECEIPT_SENT = "receipt_sent"
    DELIVERY_SENT = "delivery_sent"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERY_UNCERTAIN = "delivery_uncertain"
    DELIVERY_REFUSED = "delivery_refused"
    DELIVERY_SETTLED = "delivery_settled"
    BOUNCED = "bounced"
    TOKEN_REFUSED = "token_refused"  # noqa: S105  (a word, no password)
    ROUTING_FAILED = "routing_failed"


class Language(StrEnum):
    """The languages that every text of ours exists in."""

    DUTCH = "nl"
    ENGLISH = "en"


class Scope(StrEnum):
    """What an API token may do."""

    TICKETS_READ = "tickets:read"
    TICKETS_WRITE = "tickets:write"
    CONTACTS_READ = "contacts:read"
    CONTACTS_WRITE = "contacts:write"
    REACTIONS_CREATE = "reactions:create"
    ROUTING_READ = "routing:read"
    ROUTING_WRITE = "routing:write"
    ACCOUNTS_READ = "accounts:read"
    ACCOUNTS_WRITE = "accounts:write"
    STAFF_READ = "staff:read"
    STAFF_WRITE = "staff:write"
    EVENTS_READ = "events:read"
