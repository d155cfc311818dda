"""Polls, invitations and their mails; who voted and from where, as hashes; the account by which an address is answered."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "2026_11_24_6_polls"
down_revision = "2026_11_24_5_staff_stamp"
branch_labels = None
depends_on = None


def _text(name: str, **more: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, **more)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def upgrade() -> None:
    op.create_table(
        "poll",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("process_id", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.String(), nullable=False),
        _text("title_nl"),
        _text("title_en"),
        _text("intro_nl", server_default=""),
        _text("intro_en", server_default=""),
        sa.Column("questions", JSONB(), nullable=False),
        sa.Column("invited_only", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("origins", ARRAY(sa.Text()), server_default="{}", nullable=False),
        _moment("published_at"),
        _moment("closes_at"),
        _moment("closed_at"),
        _text("answer_nl", server_default=""),
        _text("answer_en", server_default=""),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_poll_account_id_account")),
        sa.ForeignKeyConstraint(["process_id"], ["process.id"], name=op.f("fk_poll_process_id_process")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll")),
        sa.UniqueConstraint("key", name=op.f("uq_poll_key")),
    )
    op.create_index(op.f("ix_poll_account_id"), "poll", ["account_id"])
    op.create_index(op.f("ix_poll_process_id"), "poll", ["process_id"])
    op.create_table(
        "poll_invitation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("poll_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["poll_id"], ["poll.id"], name=op.f("fk_poll_invitation_poll_id_poll"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll_invitation")),
        sa.UniqueConstraint("digest", name=op.f("uq_poll_invitation_digest")),
    )
    op.create_index(op.f("ix_poll_invitation_poll_id"), "poll_invitation", ["poll_id"])
    _mailing()
    op.add_column("vote", sa.Column("voter", sa.String(), server_default="", nullable=False))
    op.add_column("vote", sa.Column("source", sa.String(), server_default="", nullable=False))
    op.create_index(
        "uq_vote_voter", "vote", ["account_id", "poll_key", "voter"], unique=True,
        postgresql_where=sa.text("apart = '' AND voter <> ''"),
    )  # fmt: skip
    op.create_index(
        "ix_vote_source", "vote", ["account_id", "poll_key", "source"], postgresql_where=sa.text("source <> ''")
    )
    op.add_column("account", sa.Column("mail_account_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_account_mail_account_id_account"), "account", "account", ["mail_account_id"], ["id"])
    op.create_index(op.f("ix_account_mail_account_id"), "account", ["mail_account_id"])


def _mailing() -> None:
    op.create_table(
        "mailing",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("poll_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        _text("address"),
        sa.Column("language", sa.String(), nullable=False),
        _text("title"),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        _moment("lease_until"),
        sa.Column("claimed_by", sa.String(), server_default="", nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        _moment("sent_at"),
        sa.Column("external_id", sa.String(), server_default="", nullable=False),
        _text("problem", server_default=""),
        sa.Column("code", sa.String(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_mailing_poll_id_poll"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_mailing_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing")),
        sa.UniqueConstraint("key", name=op.f("uq_mailing_key")),
        sa.UniqueConstraint("poll_id", "address", name=op.f("uq_mailing_poll_id_address")),
    )
    op.create_index(op.f("ix_mailing_account_id"), "mailing", ["account_id"])
    waiting, held = sa.text("state IN ('waiting', 'failed')"), sa.text("state IN ('claimed', 'begun')")
    op.create_index("ix_mailing_waiting", "mailing", ["not_before", "id"], postgresql_where=waiting)
    op.create_index("ix_mailing_doubted", "mailing", ["poll_id"], postgresql_where=sa.text("state = 'uncertain'"))
    op.create_index("ix_mailing_held", "mailing", ["lease_until"], postgresql_where=held)


def downgrade() -> None:
    op.drop_index(op.f("ix_account_mail_account_id"), table_name="account")
    op.drop_constraint(op.f("fk_account_mail_account_id_account"), "account", type_="foreignkey")
    op.drop_column("account", "mail_account_id")
    op.drop_index("ix_vote_source", table_name="vote")
    op.drop_index("uq_vote_voter", table_name="vote")
    op.drop_column("vote", "source")
    op.drop_column("vote", "voter")
    op.drop_table("mailing")
    op.drop_table("poll_invitation")
    op.drop_table("poll")
