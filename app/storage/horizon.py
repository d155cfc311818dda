"""Up to where the transactions of this database are over: for a reader that must pass over nothing.

Why not `pg_snapshot_xmin` alone: it counts every database of the server, so a long transaction of an unrelated application
on the same server would hold our readers up for as long as it lasts.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

# PostgreSQL shows a transaction one and the same picture of what is going on until it asks for a new one.
_LOOK_AGAIN = text("SELECT pg_stat_clear_snapshot()")

# The snapshot is taken before the statement looks at what is going on, so whoever got an id below `ceiling` is either shown
# with it or over. `backend_xid` has 32 bits only: its distance from the ceiling makes it whole again, and one that is "far
# ahead" began after the snapshot. Another role's sessions hide their ids from us; then the whole server's bound is taken.
_HORIZON = text("""
    WITH bound AS MATERIALIZED (
        SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS floor,
               pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS ceiling
    ), going_on AS MATERIALIZED (
        SELECT (ceiling - backend_xid::text::bigint) & 4294967295 AS distance,
               NOT (pg_has_role(usesysid, 'USAGE') OR pg_has_role('pg_read_all_stats', 'USAGE')) AS hidden
        FROM pg_stat_activity, bound
        WHERE datname = current_database() AND usesysid IS NOT NULL
    )
    SELECT CASE
        WHEN (SELECT bool_or(hidden) FROM going_on) THEN floor
        ELSE ceiling - coalesce((SELECT max(distance) FROM going_on WHERE distance < 2147483648), 0)
    END FROM bound
""")


def horizon(session: Session) -> int:
    """The id below which every transaction of this database is over, for the *next* statement of a READ COMMITTED session."""
    session.execute(_LOOK_AGAIN)
    return int(session.execute(_HORIZON).scalar_one())
