"""The whole vocabulary: every table of the first version."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

revision = "2026_11_24_0_vocabulary"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, in the order that their references ask for."""
    op.create_table(
        "campaign",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_campaign_fingerprint")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", JSONB(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("partner", sa.Boolean(), nullable=False),
        sa.Column("website", sa.String(), nullable=False),
        sa.Column("signature_nl", sa.String(), nullable=False),
        sa.Column("signature_en", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index("ix_sign_in_attempt_key", "sign_in_attempt", ["key", "created_at"], unique=False)
    op.create_table(
        "throttle",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", "hour", name=op.f("pk_throttle")),
    )
    op.create_table(
        "worker_beat",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_beat")),
    )
    op.create_table(
        "world_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("staff", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_world_version")),
        sa.UniqueConstraint("digest", name=op.f("uq_world_version_digest")),
    )
    op.create_table(
        "agent",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("public_name", sa.String(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("skills", ARRAY(sa.Text()), nullable=False),
        sa.Column("languages", ARRAY(sa.Text()), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("hours", JSONB(), nullable=False),
        sa.Column("presence", sa.String(length=32), nullable=False),
        sa.Column("presence_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("idle_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("preferences", JSONB(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_agent_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent")),
        sa.UniqueConstraint("email", name=op.f("uq_agent_email")),
    )
    op.create_index(op.f("ix_agent_organisation_id"), "agent", ["organisation_id"], unique=False)
    op.create_table(
        "contact_address",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_contact_address_contact_id_contact"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_address")),
        sa.UniqueConstraint("kind", "address", name=op.f("uq_contact_address_kind_address")),
    )
    op.create_index(op.f("ix_contact_address_contact_id"), "contact_address", ["contact_id"], unique=False)
    op.create_table(
        "team",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("mode", sa.String(length=32), nullable=False),
        sa.Column("push_limit", sa.BigInteger(), nullable=False),
        sa.Column("fallback", sa.Boolean(), nullable=False),
        sa.Column("hours", JSONB(), nullable=False),
        sa.Column("answer_hours", JSONB(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_team_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("name", name=op.f("uq_team_name")),
    )
    op.create_index(op.f("ix_team_organisation_id"), "team", ["organisation_id"], unique=False)
    op.create_table(
        "policy",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("rules", JSONB(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("in_force_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_force_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["agent.id"], name=op.f("fk_policy_author_id_agent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
    )
    op.create_index(
        "uq_policy_in_force",
        "policy",
        [sa.literal_column("(true)")],
        unique=True,
        postgresql_where=sa.text("in_force_from IS NOT NULL AND in_force_until IS NULL"),
    )
    op.create_table(
        "receipt_count",
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["address_id"],
            ["contact_address.id"],
            name=op.f("fk_receipt_count_address_id_contact_address"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("address_id", "day", name=op.f("pk_receipt_count")),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_session_agent_id_agent"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_agent_id"), "session", ["agent_id"], unique=False)
    op.create_table(
        "team_member",
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("lead", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_team_member_agent_id_agent"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_team_member_team_id_team"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "agent_id", name=op.f("pk_team_member")),
    )
    op.create_index(op.f("ix_team_member_agent_id"), "team_member", ["agent_id"], unique=False)
    op.create_table(
        "theme",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name_nl", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_theme_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_theme")),
        sa.UniqueConstraint("key", name=op.f("uq_theme_key")),
    )
    op.create_index(op.f("ix_theme_team_id"), "theme", ["team_id"], unique=False)
    op.create_table(
        "process",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name_nl", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("theme_id", sa.BigInteger(), nullable=True),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name=op.f("fk_process_theme_id_theme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process")),
        sa.UniqueConstraint("key", name=op.f("uq_process_key")),
    )
    op.create_index(op.f("ix_process_theme_id"), "process", ["theme_id"], unique=False)
    op.create_table(
        "template",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("theme_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_template_team_id_team")),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name=op.f("fk_template_theme_id_theme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template")),
        sa.UniqueConstraint("purpose", "name", "language", name=op.f("uq_template_purpose_name_language")),
    )
    op.create_index(op.f("ix_template_team_id"), "template", ["team_id"], unique=False)
    op.create_index(op.f("ix_template_theme_id"), "template", ["theme_id"], unique=False)
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("settings", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("theme_id", sa.BigInteger(), nullable=True),
        sa.Column("process_id", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("receipts", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_account_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["process_id"], ["process.id"], name=op.f("fk_account_process_id_process")),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name=op.f("fk_account_theme_id_theme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
        sa.UniqueConstraint("public_key", name=op.f("uq_account_public_key")),
    )
    op.create_index(op.f("ix_account_organisation_id"), "account", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_account_process_id"), "account", ["process_id"], unique=False)
    op.create_index(op.f("ix_account_theme_id"), "account", ["theme_id"], unique=False)
    op.create_table(
        "account_state",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=True),
        sa.Column("seen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("repeated", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("unauthentic", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("behind", sa.BigInteger(), nullable=True),
        sa.Column("spent", sa.Float(), server_default="0", nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(), server_default="", nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("health", JSONB(), server_default="{}", nullable=False),
        sa.Column("inventory", JSONB(), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_state_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_state")),
    )
    op.create_table(
        "mandate",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("theme_id", sa.BigInteger(), nullable=True),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_mandate_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_mandate_agent_id_agent"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_mandate_team_id_team"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name=op.f("fk_mandate_theme_id_theme"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
    )
    op.create_index(op.f("ix_mandate_account_id"), "mandate", ["account_id"], unique=False)
    op.create_index(op.f("ix_mandate_team_id"), "mandate", ["team_id"], unique=False)
    op.create_index(op.f("ix_mandate_theme_id"), "mandate", ["theme_id"], unique=False)
    op.create_index(
        "uq_mandate_whole",
        "mandate",
        ["agent_id", "team_id", "account_id", "theme_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "raw_item",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("meta", JSONB(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("blob", sa.String(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("completed", JSONB(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("error", sa.String(), server_default="", nullable=False),
        sa.Column("outcomes", JSONB(), server_default="[]", nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_raw_item_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_item")),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_raw_item_account_id_key")),
    )
    op.create_index("ix_raw_item_ledger", "raw_item", ["account_id", "state"], unique=False)
    op.create_index("ix_raw_item_new", "raw_item", ["id"], unique=False, postgresql_where=sa.text("state = 'new'"))
    op.create_index(
        "ix_raw_item_set_aside", "raw_item", ["id"], unique=False, postgresql_where=sa.text("state = 'set_aside'")
    )
    op.create_table(
        "site",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("origins", ARRAY(sa.Text()), nullable=False),
        sa.Column("moderated", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_site_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("account_id", name=op.f("uq_site_account_id")),
        sa.UniqueConstraint("key", name=op.f("uq_site_key")),
    )
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
    op.create_table(
        "signal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("raw_item_id", sa.BigInteger(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("author_name", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_signal_account_id_account")),
        sa.ForeignKeyConstraint(["raw_item_id"], ["raw_item.id"], name=op.f("fk_signal_raw_item_id_raw_item")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_signal_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal")),
        sa.UniqueConstraint("account_id", "external_id", name=op.f("uq_signal_account_id_external_id")),
    )
    op.create_index(op.f("ix_signal_raw_item_id"), "signal", ["raw_item_id"], unique=False)
    op.create_index(op.f("ix_signal_ticket_id"), "signal", ["ticket_id"], unique=False)
    op.create_table(
        "site_page",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("theme_id", sa.BigInteger(), nullable=True),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_site_page_site_id_site"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name=op.f("fk_site_page_theme_id_theme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_page")),
        sa.UniqueConstraint("site_id", "key", name=op.f("uq_site_page_site_id_key")),
    )
    op.create_index(op.f("ix_site_page_theme_id"), "site_page", ["theme_id"], unique=False)
    op.create_table(
        "ticket_participant",
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["address_id"], ["contact_address.id"], name=op.f("fk_ticket_participant_address_id_contact_address")
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_ticket_participant_contact_id_contact")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_participant_ticket_id_ticket"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", "contact_id", name=op.f("pk_ticket_participant")),
    )
    op.create_index(op.f("ix_ticket_participant_contact_id"), "ticket_participant", ["contact_id"], unique=False)
    op.create_table(
        "ticket_tag",
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_tag_ticket_id_ticket"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", "tag", name=op.f("pk_ticket_tag")),
    )
    op.create_index(op.f("ix_ticket_tag_tag"), "ticket_tag", ["tag"], unique=False)
    op.create_table(
        "vote",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("raw_item_id", sa.BigInteger(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("poll_key", sa.String(), nullable=False),
        sa.Column("choices", JSONB(), nullable=False),
        sa.Column("invited", sa.Boolean(), nullable=False),
        sa.Column("voted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("apart", sa.String(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_vote_account_id_account")),
        sa.ForeignKeyConstraint(["raw_item_id"], ["raw_item.id"], name=op.f("fk_vote_raw_item_id_raw_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vote")),
        sa.UniqueConstraint("account_id", "external_id", name=op.f("uq_vote_account_id_external_id")),
    )
    op.create_index("ix_vote_poll", "vote", ["account_id", "poll_key"], unique=False)
    op.create_index(op.f("ix_vote_raw_item_id"), "vote", ["raw_item_id"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("draft_id", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("cid", sa.String(), nullable=False),
        sa.Column("alt", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["draft.id"], name=op.f("fk_attachment_draft_id_draft"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_attachment_message_id_message"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_draft_id"), "attachment", ["draft_id"], unique=False)
    op.create_index(op.f("ix_attachment_message_id"), "attachment", ["message_id"], unique=False)
    op.create_index(op.f("ix_attachment_sha256"), "attachment", ["sha256"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("token_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("object_id", sa.BigInteger(), nullable=True),
        sa.Column("data", JSONB(), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_audit_agent_id_agent")),
        sa.ForeignKeyConstraint(["token_id"], ["api_token.id"], name=op.f("fk_audit_token_id_api_token")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_agent_id"), "audit", ["agent_id"], unique=False)
    op.create_index("ix_audit_object", "audit", ["object", "object_id", "id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(), server_default="send", nullable=False),
        sa.Column("payload", JSONB(), server_default="{}", nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.String(), server_default="", nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("external_id", sa.String(), server_default="", nullable=False),
        sa.Column("url", sa.String(), server_default="", nullable=False),
        sa.Column("problem", sa.String(), server_default="", nullable=False),
        sa.Column("code", sa.String(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_delivery_account_id_account")),
        sa.ForeignKeyConstraint(
            ["address_id"], ["contact_address.id"], name=op.f("fk_delivery_address_id_contact_address")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_delivery_message_id_message")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_delivery_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("key", name=op.f("uq_delivery_key")),
    )
    op.create_index(op.f("ix_delivery_external_id"), "delivery", ["external_id"], unique=False)
    op.create_index(
        "ix_delivery_held",
        "delivery",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state IN ('claimed', 'begun')"),
    )
    op.create_index("ix_delivery_message", "delivery", ["message_id"], unique=False)
    op.create_index("ix_delivery_ticket", "delivery", ["ticket_id", "id"], unique=False)
    op.create_index(
        "ix_delivery_trouble",
        "delivery",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state IN ('uncertain', 'refused')"),
    )
    op.create_index(
        "ix_delivery_waiting",
        "delivery",
        ["not_before", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'failed')"),
    )
    op.create_table(
        "message_route",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("raw_item_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_message_route_account_id_account")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_route_message_id_message"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["raw_item_id"], ["raw_item.id"], name=op.f("fk_message_route_raw_item_id_raw_item")),
        sa.PrimaryKeyConstraint("message_id", "raw_item_id", name=op.f("pk_message_route")),
    )
    op.create_index(op.f("ix_message_route_raw_item_id"), "message_route", ["raw_item_id"], unique=False)
    op.create_table(
        "message_theme",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("theme_id", sa.BigInteger(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_message_theme_agent_id_agent")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_theme_message_id_message"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name=op.f("fk_message_theme_theme_id_theme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_theme")),
        sa.UniqueConstraint(
            "message_id", "theme_id", "start", "end", name=op.f("uq_message_theme_message_id_theme_id_start_end")
        ),
    )
    op.create_index(op.f("ix_message_theme_theme_id"), "message_theme", ["theme_id"], unique=False)
    op.create_table(
        "proposal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["agent.id"], name=op.f("fk_proposal_decided_by_agent")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_proposal_message_id_message"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["ticket.id"], name=op.f("fk_proposal_target_id_ticket"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_proposal_ticket_id_ticket"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index("ix_proposal_target_id", "proposal", ["target_id"], unique=False)
    op.create_index(
        "uq_proposal_pair",
        "proposal",
        ["ticket_id", "target_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "ticket_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("data", JSONB(), server_default="{}", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "transaction_id",
            sa.BigInteger(),
            server_default=sa.text("pg_current_xact_id()::text::bigint"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_ticket_event_agent_id_agent")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_ticket_event_message_id_message")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_event_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_event")),
    )
    op.create_index("ix_ticket_event_read", "ticket_event", ["transaction_id", "id"], unique=False)
    op.create_index("ix_ticket_event_ticket", "ticket_event", ["ticket_id", "id"], unique=False)


def downgrade() -> None:
    """Drop them again."""
    op.drop_index("ix_ticket_event_read", table_name="ticket_event")
    op.drop_index("ix_ticket_event_ticket", table_name="ticket_event")
    op.drop_table("ticket_event")
    op.drop_index("uq_proposal_pair", table_name="proposal", postgresql_where=sa.text("state = 'open'"))
    op.drop_index("ix_proposal_target_id", table_name="proposal")
    op.drop_table("proposal")
    op.drop_index(op.f("ix_message_theme_theme_id"), table_name="message_theme")
    op.drop_table("message_theme")
    op.drop_index(op.f("ix_message_route_raw_item_id"), table_name="message_route")
    op.drop_table("message_route")
    op.drop_index(
        "ix_delivery_waiting", table_name="delivery", postgresql_where=sa.text("state IN ('waiting', 'failed')")
    )
    op.drop_index(
        "ix_delivery_trouble", table_name="delivery", postgresql_where=sa.text("state IN ('uncertain', 'refused')")
    )
    op.drop_index("ix_delivery_ticket", table_name="delivery")
    op.drop_index("ix_delivery_message", table_name="delivery")
    op.drop_index("ix_delivery_held", table_name="delivery", postgresql_where=sa.text("state IN ('claimed', 'begun')"))
    op.drop_index(op.f("ix_delivery_external_id"), table_name="delivery")
    op.drop_table("delivery")
    op.drop_index("ix_audit_object", table_name="audit")
    op.drop_index(op.f("ix_audit_agent_id"), table_name="audit")
    op.drop_table("audit")
    op.drop_index(op.f("ix_attachment_sha256"), table_name="attachment")
    op.drop_index(op.f("ix_attachment_message_id"), table_name="attachment")
    op.drop_index(op.f("ix_attachment_draft_id"), table_name="attachment")
    op.drop_table("attachment")
    op.drop_index(op.f("ix_vote_raw_item_id"), table_name="vote")
    op.drop_index("ix_vote_poll", table_name="vote")
    op.drop_table("vote")
    op.drop_index(op.f("ix_ticket_tag_tag"), table_name="ticket_tag")
    op.drop_table("ticket_tag")
    op.drop_index(op.f("ix_ticket_participant_contact_id"), table_name="ticket_participant")
    op.drop_table("ticket_participant")
    op.drop_index(op.f("ix_site_page_theme_id"), table_name="site_page")
    op.drop_table("site_page")
    op.drop_index(op.f("ix_signal_ticket_id"), table_name="signal")
    op.drop_index(op.f("ix_signal_raw_item_id"), table_name="signal")
    op.drop_table("signal")
    op.drop_index("ix_message_ticket", table_name="message")
    op.drop_index(
        "ix_message_terms", table_name="message", postgresql_using="gin", postgresql_with={"fastupdate": "on"}
    )
    op.drop_index("ix_message_subject", table_name="message", postgresql_where=sa.text("publication IS NOT NULL"))
    op.drop_index(
        "ix_message_reference",
        table_name="message",
        postgresql_where=sa.text("external_id <> ''"),
        postgresql_using="hash",
    )
    op.drop_index("ix_message_external", table_name="message")
    op.drop_index("ix_message_contact", table_name="message", postgresql_where=sa.text("contact_id IS NOT NULL"))
    op.drop_table("message")
    op.drop_index(op.f("ix_merge_ticket_id"), table_name="merge")
    op.drop_index(op.f("ix_merge_target_id"), table_name="merge")
    op.drop_table("merge")
    op.drop_index(op.f("ix_draft_agent_id"), table_name="draft")
    op.drop_table("draft")
    op.drop_index("ix_decision_ticket", table_name="decision")
    op.drop_table("decision")
    op.drop_index(op.f("ix_api_token_site_id"), table_name="api_token")
    op.drop_index(op.f("ix_api_token_agent_id"), table_name="api_token")
    op.drop_table("api_token")
    op.drop_index(
        "ix_ticket_unrouted",
        table_name="ticket",
        postgresql_where=sa.text(
            "decision_id IS NULL AND status IN ('new', 'open') AND merged_into_id IS NULL AND NOT spam"
        ),
    )
    op.drop_index(
        "ix_ticket_unassigned",
        table_name="ticket",
        postgresql_where=sa.text(
            "agent_id IS NULL AND status IN ('new', 'open') AND merged_into_id IS NULL AND NOT spam"
        ),
    )
    op.drop_index("ix_ticket_theme", table_name="ticket")
    op.drop_index("ix_ticket_team", table_name="ticket")
    op.drop_index(
        "ix_ticket_queue",
        table_name="ticket",
        postgresql_where=sa.text(
            "agent_id IS NULL AND status IN ('new', 'open') AND merged_into_id IS NULL AND NOT spam"
        ),
    )
    op.drop_index("ix_ticket_process", table_name="ticket", postgresql_where=sa.text("process_id IS NOT NULL"))
    op.drop_index(
        "ix_ticket_mine",
        table_name="ticket",
        postgresql_where=sa.text("status IN ('new', 'open') AND merged_into_id IS NULL AND NOT spam"),
    )
    op.drop_index("ix_ticket_merged", table_name="ticket", postgresql_where=sa.text("merged_into_id IS NOT NULL"))
    op.drop_index("ix_ticket_contact", table_name="ticket")
    op.drop_index("ix_ticket_campaign", table_name="ticket", postgresql_where=sa.text("campaign_id IS NOT NULL"))
    op.drop_index("ix_ticket_agent", table_name="ticket")
    op.drop_table("ticket")
    op.drop_table("site")
    op.drop_index("ix_raw_item_set_aside", table_name="raw_item", postgresql_where=sa.text("state = 'set_aside'"))
    op.drop_index("ix_raw_item_new", table_name="raw_item", postgresql_where=sa.text("state = 'new'"))
    op.drop_index("ix_raw_item_ledger", table_name="raw_item")
    op.drop_table("raw_item")
    op.drop_index("uq_mandate_whole", table_name="mandate", postgresql_nulls_not_distinct=True)
    op.drop_index(op.f("ix_mandate_theme_id"), table_name="mandate")
    op.drop_index(op.f("ix_mandate_team_id"), table_name="mandate")
    op.drop_index(op.f("ix_mandate_account_id"), table_name="mandate")
    op.drop_table("mandate")
    op.drop_table("account_state")
    op.drop_index(op.f("ix_account_theme_id"), table_name="account")
    op.drop_index(op.f("ix_account_process_id"), table_name="account")
    op.drop_index(op.f("ix_account_organisation_id"), table_name="account")
    op.drop_table("account")
    op.drop_index(op.f("ix_template_theme_id"), table_name="template")
    op.drop_index(op.f("ix_template_team_id"), table_name="template")
    op.drop_table("template")
    op.drop_index(op.f("ix_process_theme_id"), table_name="process")
    op.drop_table("process")
    op.drop_index(op.f("ix_theme_team_id"), table_name="theme")
    op.drop_table("theme")
    op.drop_index(op.f("ix_team_member_agent_id"), table_name="team_member")
    op.drop_table("team_member")
    op.drop_index(op.f("ix_session_agent_id"), table_name="session")
    op.drop_table("session")
    op.drop_table("receipt_count")
    op.drop_index(
        "uq_policy_in_force",
        table_name="policy",
        postgresql_where=sa.text("in_force_from IS NOT NULL AND in_force_until IS NULL"),
    )
    op.drop_table("policy")
    op.drop_index(op.f("ix_team_organisation_id"), table_name="team")
    op.drop_table("team")
    op.drop_index(op.f("ix_contact_address_contact_id"), table_name="contact_address")
    op.drop_table("contact_address")
    op.drop_index(op.f("ix_agent_organisation_id"), table_name="agent")
    op.drop_table("agent")
    op.drop_table("world_version")
    op.drop_table("worker_beat")
    op.drop_table("throttle")
    op.drop_index("ix_sign_in_attempt_key", table_name="sign_in_attempt")
    op.drop_table("sign_in_attempt")
    op.drop_table("organisation")
    op.drop_table("idempotency_key")
    op.drop_table("contact")
    op.drop_table("campaign")
