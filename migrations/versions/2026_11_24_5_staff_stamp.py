"""A stamp that rises with every change to the staff.

Why triggers: the roster is used for every decision and built from five tables; whoever changes one of them, by whatever way,
must not have to remember to say so. The agent's presence and idle time change all day and are read afresh anyway, so they
do not count.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_5_staff_stamp"
down_revision = "2026_11_24_4_procrastinate"
branch_labels = None
depends_on = None

WHOLE = ("team", "team_member", "mandate", "theme")
AGENT = "id, active, skills, languages, capacity, hours"


def upgrade() -> None:
    """The row, the function and a trigger a table."""
    op.create_table(
        "staff_stamp",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_stamp")),
    )
    op.execute("INSERT INTO staff_stamp (id, version) VALUES (1, 1)")
    op.execute(
        "CREATE FUNCTION raise_staff_stamp() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN UPDATE staff_stamp SET version = version + 1; RETURN NULL; END $$"
    )
    # Every decision names the version of the rules that it was made by, so there is one from the start.
    op.execute("INSERT INTO policy (rules, in_force_from) VALUES ('[]', now())")
    for table in WHOLE:
        op.execute(
            f"CREATE TRIGGER staff_changed AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION raise_staff_stamp()"
        )
    op.execute(
        f"CREATE TRIGGER staff_changed AFTER INSERT OR DELETE OR UPDATE OF {AGENT} ON agent "
        "FOR EACH STATEMENT EXECUTE FUNCTION raise_staff_stamp()"
    )


def downgrade() -> None:
    """Take them away."""
    for table in (*WHOLE, "agent"):
        op.execute(f"DROP TRIGGER staff_changed ON {table}")
    op.execute("DROP FUNCTION raise_staff_stamp()")
    op.drop_table("staff_stamp")
