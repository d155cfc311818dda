"""When a message was taken away, and how it stood, is found by the message."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_1_taken_away"
down_revision = "2026_11_24_7_call_back"
branch_labels = None
depends_on = None

TAKEN_AWAY = sa.text("type IN ('reaction_withdrawn', 'moderated')")


def upgrade() -> None:
    op.create_index("ix_ticket_event_taken_away", "ticket_event", ["message_id", "id"], postgresql_where=TAKEN_AWAY)


def downgrade() -> None:
    op.drop_index("ix_ticket_event_taken_away", table_name="ticket_event", postgresql_where=TAKEN_AWAY)
