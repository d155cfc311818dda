"""Looking changes nothing: every GET of the API leaves every table as it was."""

from typing import Any

from sqlalchemy import text

from app.api.described import description
from tests.api.conftest import World

# When a token was last used is the one thing that is written while looking.
APART = {"api_token", "session", "alembic_version"}


def everything(world: World) -> dict[str, Any]:
    with world.database.read_only() as session:
        tables = session.scalars(
            text(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
            )
        ).all()
        digest = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t"
        return {name: session.scalar(text(digest.format(f'"{name}"'))) for name in tables if name not in APART}


def test_no_get_changes_the_database(world: World) -> None:
    number = world.ticket(team_id=world.team)
    world.send("PUT", f"/tickets/{number}/draft", world.agent, {"text": "x"}, If_None_Match="*")
    before = everything(world)
    asked = 0
    for path, item in description(world.app)["paths"].items():
        if "get" in item and path != "/events/stream":
            filled = path
            for name in ("ticket", "message", "attachment", "contact", "team", "agent", "organisation", "theme", "policy",
                         "decision", "account", "item", "site", "template"):  # fmt: skip
                filled = filled.replace(f"{{{name}}}", "1")
            for who in (world.admin, world.stranger):
                assert world.get(filled, who).status_code < 500, filled
            asked += 1
    assert asked > 30
    assert everything(world) == before
