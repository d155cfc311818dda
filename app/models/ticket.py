"""Tickets: the work that a thread of reactions asks for."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered, word
from app.vocabulary import Confidentiality, Priority, TicketKind, TicketStatus

# The lists' queries repeat this text literally, else PostgreSQL does not use the partial indexes.
ACTIVE = "status IN ('new', 'open') AND merged_into_id IS NULL AND NOT spam"
ABOUT = "subject_key <> ''"


class Ticket(Numbered, Created, Base):
    """One owner (`agent_id`) or waiting in one queue (`team_id`).

    `version` rises with every change and is what If-Match and the send guard compare. `token_round` enters the signed
    reply and status tokens; a merge raises it. `received_at` is when the first reaction arrived (a formal kind's clock
    starts there), `rank` orders a queue: urgent first, then by deadline. `passed_agents` have handed it over already.
    `decision_id` is the newest decision. `reopened_at` is when it was brought back. `fixed` names what a person
    chose and no rule may change: any of theme, team, priority, kind.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        Index(
            "ix_ticket_queue",
            "team_id",
            "rank",
            "due_at",
            "id",
            postgresql_where=text(f"agent_id IS NULL AND {ACTIVE}"),
        ),
        Index("ix_ticket_mine", "agent_id", "rank", "due_at", "id", postgresql_where=text(ACTIVE)),
        Index("ix_ticket_unrouted", "id", postgresql_where=text(f"decision_id IS NULL AND {ACTIVE}")),
        Index("ix_ticket_contact", "contact_id", "id"),
        Index("ix_ticket_theme", "theme_id", "id"),
        Index("ix_ticket_agent", "agent_id", "id"),
        Index("ix_ticket_team", "team_id", "id"),
        Index(
            "ix_ticket_unassigned",
            "rank",
            "due_at",
            "id",
            postgresql_where=text(f"agent_id IS NULL AND {ACTIVE}"),
        ),
        Index("ix_ticket_campaign", "campaign_id", "id", postgresql_where=text("campaign_id IS NOT NULL")),
        Index("ix_ticket_subject", "account_id", "subject_key", "id", postgresql_where=text(ABOUT)),
        Index("ix_ticket_process", "process_id", postgresql_where=text("process_id IS NOT NULL")),
        Index("ix_ticket_merged", "merged_into_id", postgresql_where=text("merged_into_id IS NOT NULL")),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    kind: Mapped[TicketKind] = mapped_column(word(TicketKind), default=TicketKind.QUESTION)
    status: Mapped[TicketStatus] = mapped_column(word(TicketStatus), default=TicketStatus.NEW)
    priority: Mapped[Priority] = mapped_column(word(Priority), default=Priority.NORMAL)
    rank: Mapped[int] = mapped_column(default=2, server_default="2")
    confidentiality: Mapped[Confidentiality] = mapped_column(word(Confidentiality), default=Confidentiality.NORMAL)
    subject: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(default="")
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    subject_key: Mapped[str] = mapped_column(default="")
    subject_url: Mapped[str] = mapped_column(default="")
    subject_title: Mapped[str] = mapped_column(default="")
    is_public: Mapped[bool] = mapped_column(default=False)
    spam: Mapped[bool] = mapped_column(default=False, server_default="false")
    no_answer_needed: Mapped[bool] = mapped_column(default=False, server_default="false")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]
    last_inbound_at: Mapped[datetime | None]
    last_outbound_at: Mapped[datetime | None]
    assigned_at: Mapped[datetime | None]
    reopened_at: Mapped[datetime | None]
    solved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    decision_id: Mapped[int | None]
    passed_agents: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list, server_default="{}")
    fixed: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    token_round: Mapped[int] = mapped_column(default=1, server_default="1")
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class TicketParticipant(Base):
    """Who takes part in a ticket's conversation, beside its contact: their reply may join it."""

    __tablename__ = "ticket_participant"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True, index=True)
    address_id: Mapped[int | None] = mapped_column(ForeignKey("contact_address.id"))


class TicketTag(Base):
    """A free word on a ticket, lower case."""

    __tablename__ = "ticket_tag"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True, index=True)
