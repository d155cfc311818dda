"""Call-backs: somebody was promised a telephone call at a moment."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_7_call_back"
down_revision = "2026_11_24_6_polls"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_back",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=True),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("outcome", sa.String(), server_default="", nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["address_id"], ["contact_address.id"], name=op.f("fk_call_back_address_id_contact_address")
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_call_back_agent_id_agent")),
        sa.ForeignKeyConstraint(["done_by"], ["agent.id"], name=op.f("fk_call_back_done_by_agent")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_call_back_ticket_id_ticket"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_back")),
    )
    op.create_index("ix_call_back_open", "call_back", ["at", "id"], postgresql_where=sa.text("done_at IS NULL"))
    op.create_index("ix_call_back_ticket_id", "call_back", ["ticket_id"])


def downgrade() -> None:
    op.drop_index("ix_call_back_ticket_id", table_name="call_back")
    op.drop_index("ix_call_back_open", table_name="call_back", postgresql_where=sa.text("done_at IS NULL"))
    op.drop_table("call_back")
