"""The tables and functions of Procrastinate 3.10.0, which runs periodic work and retries.

Its SQL lies beside the migrations and is applied on our own connection, so that it is in the same transaction as the
revision (its `apply_schema` opens a connection of its own). An upgrade of the library adds the new files of its
`sql/migrations` as further revisions.
"""

from pathlib import Path

from alembic import op

revision = "2026_11_24_4_procrastinate"
down_revision = "2026_11_24_3_around_tickets"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "procrastinate_3.10.0.sql"
REMOVE = """
DO $$
DECLARE what record;
BEGIN
    FOR what IN SELECT oid::regclass AS name FROM pg_class
        WHERE relname LIKE 'procrastinate\\_%' AND relkind = 'r' AND relnamespace = current_schema()::regnamespace
    LOOP EXECUTE format('DROP TABLE %s CASCADE', what.name); END LOOP;
    FOR what IN SELECT oid::regprocedure AS name FROM pg_proc
        WHERE proname LIKE 'procrastinate\\_%' AND pronamespace = current_schema()::regnamespace
    LOOP EXECUTE format('DROP FUNCTION %s CASCADE', what.name); END LOOP;
    FOR what IN SELECT oid::regtype AS name FROM pg_type
        WHERE typname LIKE 'procrastinate\\_%' AND typtype IN ('e', 'c') AND typnamespace = current_schema()::regnamespace
    LOOP EXECUTE format('DROP TYPE %s CASCADE', what.name); END LOOP;
END $$
"""


def upgrade() -> None:
    _run(SQL.read_text(encoding="utf-8"))


def downgrade() -> None:
    _run(REMOVE)


def _run(sql: str) -> None:
    # Without parameters psycopg sends it as it is: many statements, and per cent signs mean nothing.
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(sql)
