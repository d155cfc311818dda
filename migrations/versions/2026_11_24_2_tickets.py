"""Tickets and messages, how they were decided about, and who may use the API."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

revision = "2026_11_24_2_tickets"
down_revision = "2026_11_24_1_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, in the order that their references ask for."""
    op.create_table(
        "ticket",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("priority", sa.String(length=32), nullable=False),
        sa.Column("rank", sa.BigInteger(), server_default="2", nullable=False),
        sa.Column("confidentiality", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("theme_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("process_id", sa.BigInteger(), nullable=True),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.Column("subject_key", sa.String(), nullable=False),
        sa.Column("subject_url", sa.String(), nullable=False),
        sa.Column("subject_title", sa.String(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("spam", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("no_answer_needed", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("merged_into_id", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_inbound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_outbound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("solved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_id", sa.BigInteger(), nullable=True),
        sa.Column("passed_agents", ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("fixed", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("token_round", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_ticket_account_id_account")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_ticket_agent_id_agent")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_ticket_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_ticket_contact_id_contact")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["ticket.id"], name=op.f("fk_ticket_merged_into_id_ticket")),
        sa.ForeignKeyConstraint(["process_id"], ["process.id"], name=op.f("fk_ticket_process_id_process")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_ticket_team_id_team")),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name=op.f("fk_ticket_theme_id_theme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
    )
    op.create_index("ix_ticket_agent", "ticket", ["agent_id", "id"], unique=False)
    op.create_index(
        "ix_ticket_campaign",
        "ticket",
        ["campaign_id", "id"],
        unique=False,
        postgresql_where=sa.text("campaign_id IS NOT NULL"),
    )
    op.create_index("ix_ticket_contact", "ticket", ["contact_id", "id"], unique=False)
    op.create_index(
        "ix_ticket_merged",
        "ticket",
        ["merged_into_id"],
        unique=False,
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.create_index(
        "ix_ticket_mine",
        "ticket",
        ["agent_id", "rank", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("status IN ('new', 'open') AND merged_into_id IS NULL AND NOT spam"),
    )
    op.create_index(
        "ix_ticket_process", "ticket", ["process_id"], unique=False, postgresql_where=sa.text("process_id IS NOT NULL")
    )
    op.create_index(
        "ix_ticket_queue",
        "ticket",
        ["team_id", "rank", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text(
            "agent_id IS NULL AND status IN ('new', 'open') AND merged_into_id IS NULL AND NOT spam"
        ),
    )
    op.create_index(
        "ix_ticket_subject",
        "ticket",
        ["account_id", "subject_key", "id"],
        unique=False,
        postgresql_where=sa.text("subject_key <> ''"),
    )
    op.create_index("ix_ticket_team", "ticket", ["team_id", "id"], unique=False)
    op.create_index("ix_ticket_theme", "ticket", ["theme_id", "id"], unique=False)
    op.create_index(
        "ix_ticket_unassigned",
        "ticket",
        ["rank", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text(
            "agent_id IS NULL AND status IN ('new', 'open') AND merged_into_id IS NULL AND NOT spam"
        ),
    )
    op.create_index(
        "ix_ticket_unrouted",
        "ticket",
        ["id"],
        unique=False,
        postgresql_where=sa.text(
            "decision_id IS NULL AND status IN ('new', 'open') AND merged_into_id IS NULL AND NOT spam"
        ),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scopes", ARRAY(sa.Text()), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_api_token_agent_id_agent"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_api_token_site_id_site"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_token_hash")),
    )
    op.create_index(op.f("ix_api_token_agent_id"), "api_token", ["agent_id"], unique=False)
    op.create_index(op.f("ix_api_token_site_id"), "api_token", ["site_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("engine_version", sa.BigInteger(), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("world_version_id", sa.BigInteger(), nullable=False),
        sa.Column("facts", JSONB(), nullable=False),
        sa.Column("trace", JSONB(), nullable=False),
        sa.Column("theme_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("outcome", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_decision_policy_id_policy")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_decision_ticket_id_ticket")),
        sa.ForeignKeyConstraint(
            ["world_version_id"], ["world_version.id"], name=op.f("fk_decision_world_version_id_world_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_ticket", "decision", ["ticket_id", "id"], unique=False)
    op.create_table(
        "draft",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(), server_default="reply", nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("seen_message_id", sa.BigInteger(), nullable=True),
        sa.Column("visibility", sa.String(length=32), nullable=True),
        sa.Column("for_release", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_draft_agent_id_agent")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_draft_ticket_id_ticket"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("ticket_id", "agent_id", "purpose", name=op.f("uq_draft_ticket_id_agent_id_purpose")),
    )
    op.create_index(op.f("ix_draft_agent_id"), "draft", ["agent_id"], unique=False)
    op.create_table(
        "merge",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("message_ids", ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("participant_ids", ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("target_status", sa.String(), server_default="", nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_merge_agent_id_agent")),
        sa.ForeignKeyConstraint(["target_id"], ["ticket.id"], name=op.f("fk_merge_target_id_ticket")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_merge_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    op.create_index(op.f("ix_merge_target_id"), "merge", ["target_id"], unique=False)
    op.create_index(op.f("ix_merge_ticket_id"), "merge", ["ticket_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("visibility", sa.String(length=32), nullable=False),
        sa.Column("identity", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), server_default="", nullable=False),
        sa.Column("parent_id", sa.String(), server_default="", nullable=False),
        sa.Column("root_id", sa.String(), server_default="", nullable=False),
        sa.Column("digest", sa.String(), server_default="", nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("address_id", sa.BigInteger(), nullable=True),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("author_name", sa.String(), server_default="", nullable=False),
        sa.Column("author_verified", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), server_default="", nullable=False),
        sa.Column("folds", JSONB(), server_default="[]", nullable=False),
        sa.Column("language", sa.String(), server_default="", nullable=False),
        sa.Column("references", JSONB(), server_default="[]", nullable=False),
        sa.Column("recipients", JSONB(), server_default="[]", nullable=False),
        sa.Column("marks", JSONB(), server_default="[]", nullable=False),
        sa.Column("advice", JSONB(), server_default="{}", nullable=False),
        sa.Column("automatic", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("stance", sa.String(), server_default="", nullable=False),
        sa.Column("subject_key", sa.String(), server_default="", nullable=False),
        sa.Column("publication", sa.String(length=32), nullable=True),
        sa.Column("publication_reason", sa.String(), server_default="", nullable=False),
        sa.Column("revised_from", JSONB(), server_default="[]", nullable=False),
        sa.Column("revised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("terms", TSVECTOR(), nullable=True),
        sa.Column("terms_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_message_account_id_account")),
        sa.ForeignKeyConstraint(
            ["address_id"], ["contact_address.id"], name=op.f("fk_message_address_id_contact_address")
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_message_agent_id_agent")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_message_contact_id_contact")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_message_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("identity", name=op.f("uq_message_identity")),
    )
    op.create_index(
        "ix_message_contact",
        "message",
        ["contact_id"],
        unique=False,
        postgresql_where=sa.text("contact_id IS NOT NULL"),
    )
    op.create_index("ix_message_external", "message", ["account_id", "external_id"], unique=False)
    op.create_index(
        "ix_message_fingerprint",
        "message",
        ["fingerprint", "id"],
        unique=False,
        postgresql_where=sa.text("fingerprint IS NOT NULL"),
    )
    op.create_index(
        "ix_message_reference",
        "message",
        ["external_id"],
        unique=False,
        postgresql_where=sa.text("external_id <> ''"),
        postgresql_using="hash",
    )
    op.create_index(
        "ix_message_subject",
        "message",
        ["account_id", "subject_key", "id"],
        unique=False,
        postgresql_where=sa.text("publication IS NOT NULL"),
    )
    op.create_index(
        "ix_message_terms",
        "message",
        ["terms"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "on"},
    )
    op.create_index("ix_message_ticket", "message", ["ticket_id", "id"], unique=False)


def downgrade() -> None:
    """Drop them again, with their indexes."""
    tables = """
        message merge draft decision api_token ticket
    """
    for table in tables.split():
        op.drop_table(table)
