"""Alembic's way in: the connection that `app.storage.migrate` hands over, else the database of the environment's settings."""

import os
import re

from alembic import context
from alembic.operations import MigrationScript
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

import app.models  # noqa: F401  (all tables register themselves)
from app.clock import now
from app.models.base import Base
from app.settings import Settings
from app.storage.database import open_database
from app.storage.migrate import ours


def name_by_date(_: MigrationContext, __: object, directives: list[MigrationScript]) -> None:
    """A new revision is called after its day, its number on that day and its message: 2026_11_24_2_add_tags."""
    day = now().strftime("%Y_%m_%d")
    taken = [r.revision for r in context.script.walk_revisions() if r.revision.startswith(day)]
    for script in directives:
        words = re.sub(r"\W+", "_", (script.message or "change").lower()).strip("_")
        script.rev_id = f"{day}_{len(taken)}_{words}"


def run(connection: Connection) -> None:
    """Apply or compare, each revision in its own transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=ours,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
        process_revision_directives=name_by_date,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with (
        open_database(Settings.read(os.environ), name="weerklank alembic") as database,
        database.engine.connect() as opened,
    ):
        run(opened)
