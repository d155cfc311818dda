"""The messages of a thread with their files, passages and routes: one statement for a page of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from app.models import Account, Agent, Attachment, ContactAddress, Message, MessageRoute, MessageTheme
from app.storage.rows import rows
from app.vocabulary import AddressKind, MessageKind, Publication, Visibility

EXCHANGED = (MessageKind.REACTION, MessageKind.REPLY, MessageKind.CALL_NOTE, MessageKind.OWN_POST)


class Entry(NamedTuple):
    """One message. `attachments` hold id, name, content_type, size, cid, alt, state; `passages` theme_id, start, end;
    `routes` the account ids by which it reached us. `has_html` tells that `read.html` has something to give.
    """

    id: int
    kind: MessageKind
    visibility: Visibility
    account_id: int | None
    account_kind: str | None
    contact_id: int | None
    address_id: int | None
    address_kind: AddressKind | None
    address: str | None
    agent_id: int | None
    agent_name: str | None
    author_name: str
    author_verified: bool
    external_id: str
    parent_id: str
    title: str
    text: str
    folds: list[Any]
    has_html: bool
    language: str
    recipients: list[Any]
    marks: list[Any]
    advice: dict[str, Any]
    automatic: bool
    stance: str
    publication: Publication | None
    publication_reason: str
    revised_from: list[Any]
    revised_at: datetime | None
    withdrawn_at: datetime | None
    sent_at: datetime | None
    received_at: datetime
    attachments: list[dict[str, Any]]
    passages: list[dict[str, Any]]
    routes: list[int]

    @property
    def exchanged(self) -> bool:
        """Whether it passed between citizens and us, and still stands: what the send guard goes by."""
        return self.kind in EXCHANGED and not (self.kind is MessageKind.REPLY and self.withdrawn_at is not None)


_NONE: ColumnElement[Any] = literal_column("'[]'::jsonb")


def _gathered(value: Any, *where: Any, order: Any) -> Any:
    rows = select(func.jsonb_agg(value.op("ORDER BY")(order))).where(*where).correlate(Message).scalar_subquery()
    return func.coalesce(rows, _NONE)


_files = _gathered(
    func.jsonb_build_object(
        *(
            "id",
            Attachment.id,
            "name",
            Attachment.name,
            "content_type",
            Attachment.content_type,
            "size",
            Attachment.size,
        ),
        *("cid", Attachment.cid, "alt", Attachment.alt, "state", Attachment.state, "kept", Attachment.sha256 != ""),
    ),
    Attachment.message_id == Message.id,
    order=Attachment.id,
)
_passages = _gathered(
    func.jsonb_build_object(
        *(
            "id",
            MessageTheme.id,
            "theme_id",
            MessageTheme.theme_id,
            "start",
            MessageTheme.start,
            "end",
            MessageTheme.end,
        ),
    ),
    MessageTheme.message_id == Message.id,
    order=MessageTheme.start,
)
_routes = _gathered(
    func.to_jsonb(MessageRoute.account_id), MessageRoute.message_id == Message.id, order=MessageRoute.raw_item_id
)
_ENTRIES = (
    select(
        Message.id,
        Message.kind,
        Message.visibility,
        Message.account_id,
        Account.kind,
        Message.contact_id,
        Message.address_id,
        ContactAddress.kind,
        ContactAddress.address,
        Message.agent_id,
        Agent.name,
        Message.author_name,
        Message.author_verified,
        Message.external_id,
        Message.parent_id,
        Message.title,
        Message.text,
        Message.folds,
        Message.html != "",
        Message.language,
        Message.recipients,
        Message.marks,
        Message.advice,
        Message.automatic,
        Message.stance,
        Message.publication,
        Message.publication_reason,
        Message.revised_from,
        Message.revised_at,
        Message.withdrawn_at,
        Message.sent_at,
        Message.received_at,
        _files,
        _passages,
        _routes,
    )
    .outerjoin(Account, Account.id == Message.account_id)
    .outerjoin(ContactAddress, ContactAddress.id == Message.address_id)
    .outerjoin(Agent, Agent.id == Message.agent_id)
    .where(Message.ticket_id == bindparam("ticket_id"))
    .limit(bindparam("limit"))
)
_NEWEST = _ENTRIES.order_by(Message.id.desc())
_BEFORE = _NEWEST.where(Message.id < bindparam("before"))
_AFTER = _ENTRIES.where(Message.id > bindparam("after")).order_by(Message.id)


def newest(session: Session, ticket_id: int, limit: int, before: int | None = None) -> list[Entry]:
    """The newest messages of a ticket (before `before`, where given), oldest first."""
    asked = {"ticket_id": ticket_id, "limit": limit}
    if before is None:
        return _entries(rows(session, _NEWEST, asked))[::-1]
    return _entries(rows(session, _BEFORE, {**asked, "before": before}))[::-1]


def after(session: Session, ticket_id: int, message_id: int, limit: int) -> list[Entry]:
    """The messages after `message_id`, oldest first."""
    asked = {"ticket_id": ticket_id, "limit": limit, "after": message_id}
    return _entries(rows(session, _AFTER, asked))


def _entries(found: Sequence[Any]) -> list[Entry]:
    return [Entry(*row) for row in found]
