"""The statements behind a ticket's page, apart from its messages: made once, given ids when asked."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, case, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from app.identity import mandates
from app.models import (
    Account,
    Agent,
    Attachment,
    Campaign,
    Contact,
    Decision,
    Delivery,
    Draft,
    Organisation,
    Process,
    Proposal,
    Team,
    Theme,
    Ticket,
    TicketEvent,
    TicketParticipant,
    TicketTag,
)
from app.vocabulary import (
    Confidentiality,
    DeliveryState,
    EventType,
    Priority,
    ProposalState,
    TicketKind,
    TicketStatus,
    Visibility,
)


class Head(NamedTuple):
    """The ticket itself with the names it points to. `participants` hold contact_id, name, address_id; `other_tickets` counts
    the contact's other tickets; `merged_from` are tickets whose messages came here; `mandates` are the asker's, for this ticket.
    """

    id: int
    version: int
    token_round: int
    subject: str
    kind: TicketKind
    status: TicketStatus
    priority: Priority
    confidentiality: Confidentiality
    language: str
    is_public: bool
    spam: bool
    no_answer_needed: bool
    fixed: list[str]
    account_id: int
    account_kind: str
    account_name: str
    organisation_name: str
    contact_id: int | None
    contact_name: str | None
    contact_language: str | None
    theme_id: int | None
    theme_nl: str | None
    theme_en: str | None
    team_id: int | None
    team_name: str | None
    agent_id: int | None
    agent_name: str | None
    process_id: int | None
    process_nl: str | None
    process_en: str | None
    campaign_id: int | None
    campaign_name: str | None
    campaign_size: int
    subject_key: str
    subject_url: str
    subject_title: str
    merged_into_id: int | None
    merged_from: list[int]
    received_at: datetime
    due_at: datetime
    last_inbound_at: datetime | None
    last_outbound_at: datetime | None
    assigned_at: datetime | None
    reopened_at: datetime | None
    solved_at: datetime | None
    closed_at: datetime | None
    decision_id: int | None
    passed_agents: list[int]
    tags: list[str]
    participants: list[dict[str, Any]]
    other_tickets: int
    mandates: list[list[Any]]


class EventRow(NamedTuple):
    """One event, of this ticket or of one that was merged into it."""

    id: int
    ticket_id: int
    type: EventType
    message_id: int | None
    agent_id: int | None
    agent_name: str | None
    data: dict[str, Any]
    at: datetime


class ProposalRow(NamedTuple):
    """A proposal in which this ticket takes part, with the subject of the other one, which the asker may see too."""

    id: int
    ticket_id: int
    target_id: int
    message_id: int | None
    reason: str
    state: ProposalState
    other_subject: str
    created_at: datetime


class DeliveryRow(NamedTuple):
    """One outgoing message's way. While `state` is waiting and `can_undo`, it can be called back."""

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


class DecisionRow(NamedTuple):
    """Why this person: the newest decision of the engine."""

    id: int
    engine_version: int
    policy_id: int
    world_version_id: int
    theme_id: int | None
    team_id: int | None
    agent_id: int | None
    trace: list[Any]
    outcome: dict[str, Any]
    created_at: datetime


class DraftRow(NamedTuple):
    """An unsent text. `visibility` is there when its writer chose fewer readers than what it answers had. `attachments` hold
    id, name, content_type, size, alt.
    """

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
    attachments: list[dict[str, Any]]


_NONE: ColumnElement[Any] = literal_column("'[]'::jsonb")
_source = aliased(Ticket)
_member = aliased(Ticket)
_other = aliased(Ticket)
_goal = aliased(Ticket)
_person = aliased(Contact)

_merged_from = func.array(
    select(_source.id).where(_source.merged_into_id == Ticket.id).correlate(Ticket).scalar_subquery()
)
_tags = func.array(
    select(TicketTag.tag)
    .where(TicketTag.ticket_id == Ticket.id)
    .order_by(TicketTag.tag)
    .correlate(Ticket)
    .scalar_subquery()
)
_participants = (
    select(
        func.jsonb_agg(
            func.jsonb_build_object(
                *("contact_id", TicketParticipant.contact_id, "address_id", TicketParticipant.address_id),
                *("name", _person.name),
            )
        )
    )
    .join(_person, _person.id == TicketParticipant.contact_id)
    .where(TicketParticipant.ticket_id == Ticket.id)
    .correlate(Ticket)
    .scalar_subquery()
)
_campaign_size = (
    select(func.count()).where(_member.campaign_id == Ticket.campaign_id).correlate(Ticket).scalar_subquery()
)
_other_tickets = (
    select(func.count())
    .where(_other.contact_id == Ticket.contact_id, _other.id != Ticket.id)
    .correlate(Ticket)
    .scalar_subquery()
)

HEAD = (
    select(
        *(Ticket.id, Ticket.version, Ticket.token_round, Ticket.subject, Ticket.kind, Ticket.status, Ticket.priority),
        *(
            Ticket.confidentiality,
            Ticket.language,
            Ticket.is_public,
            Ticket.spam,
            Ticket.no_answer_needed,
            Ticket.fixed,
        ),
        *(Ticket.account_id, Account.kind, Account.name, Organisation.name),
        *(Ticket.contact_id, Contact.name, Contact.language),
        *(Ticket.theme_id, Theme.name_nl, Theme.name_en, Ticket.team_id, Team.name, Ticket.agent_id, Agent.name),
        *(Ticket.process_id, Process.name_nl, Process.name_en, Ticket.campaign_id, Campaign.name, _campaign_size),
        *(Ticket.subject_key, Ticket.subject_url, Ticket.subject_title, Ticket.merged_into_id, _merged_from),
        *(Ticket.received_at, Ticket.due_at, Ticket.last_inbound_at, Ticket.last_outbound_at, Ticket.assigned_at),
        *(Ticket.reopened_at, Ticket.solved_at, Ticket.closed_at, Ticket.decision_id, Ticket.passed_agents),
        *(_tags, func.coalesce(_participants, _NONE), _other_tickets),
        mandates.rows_on(Ticket.account_id, Ticket.theme_id),
    )
    .join(Account, Account.id == Ticket.account_id)
    .join(Organisation, Organisation.id == Account.organisation_id)
    .outerjoin(Contact, Contact.id == Ticket.contact_id)
    .outerjoin(Theme, Theme.id == Ticket.theme_id)
    .outerjoin(Team, Team.id == Ticket.team_id)
    .outerjoin(Agent, Agent.id == Ticket.agent_id)
    .outerjoin(Process, Process.id == Ticket.process_id)
    .outerjoin(Campaign, Campaign.id == Ticket.campaign_id)
    .where(Ticket.id == bindparam("ticket_id"))
)

_asked: BindParameter[int] = bindparam("ticket_id")
_here_and_merged = (
    select(_source.id).where(or_(_source.id == _asked, _source.merged_into_id == _asked)).scalar_subquery()
)

EVENTS = (
    select(
        *(TicketEvent.id, TicketEvent.ticket_id, TicketEvent.type, TicketEvent.message_id, TicketEvent.agent_id),
        *(Agent.name, TicketEvent.data, TicketEvent.at),
    )
    .outerjoin(Agent, Agent.id == TicketEvent.agent_id)
    .where(TicketEvent.ticket_id.in_(_here_and_merged))
    .order_by(TicketEvent.id.desc())
    .limit(bindparam("limit"))
)


def proposals(way: mandates.Sight) -> Select[*tuple[Any, ...]]:
    """For somebody who sees this way: a proposal tells the other ticket's subject. Where one of the two is merged already, an
    open one is left out while there is nothing to decide.
    """
    open_to_them = (mandates.seen_in(way, _source), mandates.seen_in(way, _goal))
    to_decide = _source.merged_into_id.is_(None) & _goal.merged_into_id.is_distinct_from(_source.id)
    return (
        select(
            *(
                Proposal.id,
                Proposal.ticket_id,
                Proposal.target_id,
                Proposal.message_id,
                Proposal.reason,
                Proposal.state,
            ),
            *(case((_source.id == _asked, _goal.subject), else_=_source.subject), Proposal.created_at),
        )
        .join(_source, _source.id == Proposal.ticket_id)
        .join(_goal, _goal.id == Proposal.target_id)
        .where(or_(Proposal.ticket_id == _asked, Proposal.target_id == _asked), *open_to_them)
        .where(or_(Proposal.state != ProposalState.OPEN, to_decide))
        .order_by(Proposal.id)
    )


DELIVERIES = (
    select(
        *(Delivery.id, Delivery.message_id, Delivery.account_id, Delivery.action, Delivery.state, Delivery.not_before),
        *(Delivery.sent_at, Delivery.tries, Delivery.url, Delivery.problem, Delivery.code),
        (Delivery.state == DeliveryState.WAITING)
        & (Delivery.not_before > func.clock_timestamp())
        & (Delivery.tries == 0),
    )
    .where(Delivery.ticket_id == _asked, Delivery.action != "part")
    .order_by(Delivery.id)
)

DECISION = (
    select(
        *(Decision.id, Decision.engine_version, Decision.policy_id, Decision.world_version_id, Decision.theme_id),
        *(Decision.team_id, Decision.agent_id, Decision.trace, Decision.outcome, Decision.created_at),
    )
    .where(Decision.ticket_id == _asked)
    .order_by(Decision.id.desc())
    .limit(1)
)

_files = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_object(
                    *("id", Attachment.id, "name", Attachment.name, "content_type", Attachment.content_type),
                    *("size", Attachment.size, "alt", Attachment.alt),
                ),
                Attachment.id,
            )
        )
    )
    .where(Attachment.draft_id == Draft.id)
    .correlate(Draft)
    .scalar_subquery()
)
DRAFTS = (
    select(
        *(Draft.id, Draft.ticket_id, Draft.agent_id, Agent.name, Draft.purpose, Draft.text, Draft.seen_message_id),
        *(Draft.visibility, Draft.for_release, Draft.updated_at, func.coalesce(_files, _NONE)),
    )
    .join(Agent, Agent.id == Draft.agent_id)
    .where(Draft.ticket_id.in_(_here_and_merged), or_(Draft.agent_id == bindparam("agent_id"), Draft.for_release))
    .order_by(Draft.id)
)
