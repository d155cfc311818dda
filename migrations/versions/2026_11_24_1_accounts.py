"""Where reactions come in: accounts, mandates on them, raw items."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "2026_11_24_1_accounts"
down_revision = "2026_11_24_0_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, in the order that their references ask for."""
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


def downgrade() -> None:
    """Drop them again, with their indexes."""
    tables = """
        site raw_item mandate account_state account
    """
    for table in tables.split():
        op.drop_table(table)
