"""What an outgoing message is made of, gathered in a constant number of statements, with no transaction left open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import (
    Account,
    Agent,
    Attachment,
    Contact,
    ContactAddress,
    Delivery,
    Message,
    Organisation,
    Team,
    Template,
    Ticket,
)
from app.vocabulary import AddressKind, Language, MessageKind, Visibility

ANSWERED = (MessageKind.REACTION, MessageKind.CALL_NOTE)
CHAIN = (MessageKind.REACTION, MessageKind.REPLY, MessageKind.RECEIPT, MessageKind.OWN_POST)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """An attachment of the message; its bytes stay in the blob store until they are sent."""

    name: str
    content_type: str
    size: int
    sha256: str
    alt: str
    inline: bool


@dataclass(frozen=True, slots=True)
class OutgoingFacts:
    """Everything `compose` needs. `chain` are the external ids of the conversation, oldest first.

    `agent_phone` is the writer's own telephone as they typed it: a channel that calls rings it first.
    """

    key: str
    action: str
    payload: Mapping[str, Any]
    ticket_id: int
    token_round: int
    contact_id: int | None
    kind: MessageKind
    text: str
    title: str
    language: Language
    visibility: Visibility
    organisation: str
    signature: str
    team: str
    address_kind: AddressKind | None
    address: str
    address_name: str
    parent_id: str
    root_id: str
    chain: Sequence[str]
    subject_key: str
    subject_title: str
    subject_url: str
    received_at: datetime
    frame: str | None
    copies: Sequence[str] = ()
    agent_phone: str = ""
    made_at: datetime | None = None
    tries: int = 1
    files: Sequence[FileFacts] = field(default_factory=tuple)


_HEAD = (
    select(
        Delivery.id, Delivery.key, Delivery.created_at.label("made_at"), Delivery.tries, Delivery.action,
        Delivery.payload, Delivery.ticket_id, Delivery.message_id,
        Delivery.account_id, Message.account_id.label("said_over"), Ticket.account_id.label("came_by"), Ticket.token_round,
        Ticket.language.label("ticket_language"), Ticket.subject, Ticket.subject_key, Ticket.subject_title, Ticket.subject_url,
        Ticket.received_at, Ticket.contact_id.label("ticket_contact"), Account.language.label("account_language"),
        Organisation.name, Organisation.signature_nl, Organisation.signature_en, Team.name.label("team"),
        ContactAddress.kind.label("address_kind"), ContactAddress.address, ContactAddress.contact_id.label("addressee"),
        Contact.name.label("contact_name"),
        Message.kind, Message.text, Message.title, Message.language.label("message_language"), Message.visibility,
        Message.recipients, Message.parent_id, Message.root_id, Message.references,
        Agent.preferences["phone"].astext.label("agent_phone"),
    )
    .join(Ticket, Ticket.id == Delivery.ticket_id)
    .join(Account, Account.id == Delivery.account_id)
    .join(Organisation, Organisation.id == Account.organisation_id)
    .outerjoin(Team, Team.id == Ticket.team_id)
    .outerjoin(Message, Message.id == Delivery.message_id)
    .outerjoin(Agent, Agent.id == Message.agent_id)
    .outerjoin(ContactAddress, ContactAddress.id == Delivery.address_id)
    .outerjoin(Contact, Contact.id == ContactAddress.contact_id)
)  # fmt: skip
LONGEST_CHAIN = 50


def read(session: Session, delivery_id: int) -> OutgoingFacts:
    """The facts of one delivery: four statements, whatever the ticket's length.

    A copy by mail of a public answer is a private message. A receipt by another account than the ticket's names nobody: there
    the name is what anybody typed in a form.
    """
    head = session.execute(_HEAD.where(Delivery.id == delivery_id)).one()
    copy = head.action == "send" and head.said_over not in (None, head.account_id)
    unnamed = head.kind is MessageKind.RECEIPT and head.account_id != head.came_by
    language = _language(head.message_language, head.ticket_language, head.account_language)
    chain, parent, root = _among_mails(session, head) if copy else _place(session, head)
    return OutgoingFacts(
        key=head.key,
        action=head.action,
        payload=head.payload,
        ticket_id=head.ticket_id,
        token_round=head.token_round,
        contact_id=head.addressee or head.ticket_contact,
        kind=head.kind or MessageKind.REPLY,
        text=str(head.payload.get("text", head.text or "")),
        title=head.title or head.subject,
        language=language,
        visibility=Visibility.PRIVATE if copy else head.visibility or Visibility.PRIVATE,
        organisation=head.name,
        signature=head.signature_nl if language is Language.DUTCH else head.signature_en,
        team=head.team or "",
        address_kind=head.address_kind,
        address=head.address or "",
        address_name="" if unnamed else head.contact_name or "",
        parent_id=parent,
        root_id=root,
        chain=chain,
        subject_key=head.subject_key,
        subject_title=head.subject_title,
        subject_url=head.subject_url,
        received_at=head.received_at,
        frame=_frame(session, language),
        copies=tuple(head.recipients or ()),
        agent_phone=head.agent_phone or "",
        made_at=head.made_at,
        tries=head.tries,
        files=_files(session, head.message_id),
    )


def _language(*wanted: str) -> Language:
    return next((Language(word) for word in wanted if word in set(Language)), Language.DUTCH)


def _place(session: Session, head: Any) -> tuple[list[str], str, str]:
    """Where the message belongs: what its writer answered, as the reply itself says; else the end of the conversation.

    The reply says it, since the newest reaction may be another one (a merge, an answer to an earlier question).
    """
    if head.parent_id:
        return list(reversed(head.references)) or [head.parent_id], head.parent_id, head.root_id or head.parent_id
    if head.account_id != head.came_by and head.kind is MessageKind.REPLY:
        return _among_mails(session, head)
    return _conversation(session, head.ticket_id, head.message_id)


def _conversation(session: Session, ticket_id: int, message_id: int | None) -> tuple[list[str], str, str]:
    """The chain up to the reaction answered (the newest before the answer), that reaction, and the root of its thread.

    What was said after that reaction (its receipt) is beside the answer, not before it: in References it would put the
    question below our receipt in some clients (RFC 5322 3.6.4).
    """
    query = (
        select(Message.external_id, Message.root_id, Message.kind)
        .where(Message.ticket_id == ticket_id, Message.kind.in_(CHAIN), Message.external_id != "")
        .order_by(Message.id.desc())
        .limit(LONGEST_CHAIN)
    )
    if message_id is not None:
        query = query.where(Message.id < message_id)
    rows = session.execute(query).all()
    place = next((place for place, row in enumerate(rows) if row.kind in ANSWERED), None)
    if place is None:
        return [row.external_id for row in reversed(rows)], "", ""
    answered = rows[place]
    chain = [row.external_id for row in reversed(rows[place:])]
    return chain, answered.external_id, answered.root_id or answered.external_id


def _among_mails(session: Session, head: Any) -> tuple[list[str], str, str]:
    """The chain of what passed over this account in the ticket, the newest of it, and the oldest."""
    here = (Delivery.ticket_id == head.ticket_id, Delivery.account_id == head.account_id, Delivery.id < head.id)
    ours = select(Delivery.external_id.label("id"), Delivery.sent_at.label("at")).where(
        *here, Delivery.sent_at.is_not(None)
    )
    theirs = select(Message.external_id, Message.received_at).where(
        Message.ticket_id == head.ticket_id, Message.account_id == head.account_id, Message.kind == MessageKind.REACTION
    )
    both = ours.union_all(theirs).subquery()
    newest = select(both.c.id).where(both.c.id != "").order_by(both.c.at.desc()).limit(LONGEST_CHAIN)
    chain = list(session.scalars(newest))[::-1]
    return (chain, chain[-1], chain[0]) if chain else ([], "", "")


def _frame(session: Session, language: Language) -> str | None:
    """The organisation's own text round an answer, when it has one."""
    return session.scalar(
        select(Template.text)
        .where(Template.purpose == "answer", Template.language == language, Template.active)
        .order_by(Template.id)
        .limit(1)
    )


def _files(session: Session, message_id: int | None) -> list[FileFacts]:
    if message_id is None:
        return []
    columns = (
        Attachment.name, Attachment.content_type, Attachment.size, Attachment.sha256, Attachment.alt, Attachment.cid
    )  # fmt: skip
    rows = session.execute(select(*columns).where(Attachment.message_id == message_id).order_by(Attachment.id))
    return [FileFacts(r.name, r.content_type, r.size, r.sha256, r.alt, bool(r.cid)) for r in rows]
