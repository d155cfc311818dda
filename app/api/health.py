"""`/health` (this process answers) and `/health/ready` (there is work it can do), without signing in and without secrets.

A worker that is silent or an account that fails is reported here and never makes the answer "not ready": citizens can react
and colleagues can read all the same, and a load balancer must not take the site down for it.
"""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import func, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.responses import JSONResponse

from app.models import Account, AccountState, WorkerBeat
from app.storage.database import Database
from app.web.state import state_of

router = APIRouter(include_in_schema=False)
SILENT_AFTER = timedelta(seconds=90)


@router.get("/health")
async def alive() -> dict[str, str]:
    """This process answers."""
    return {"status": "ok"}


@router.get("/health/ready")
def ready(request: Request) -> JSONResponse:
    """Whether the database answers and has the schema that this code needs; 503 when not."""
    state = state_of(request)
    found = state.database.ready()
    told: dict[str, Any] = {
        "status": "ok" if found.ok else "not ready",
        "database": found.reachable,
        "schema": found.migrated,
        "liveUpdates": state.hub.connected,
    }
    return JSONResponse({**told, **(_reported(state.database) if found.ok else {})}, 200 if found.ok else 503)


def _reported(database: Database) -> dict[str, Any]:
    lately = func.now() - SILENT_AFTER
    workers = select(
        func.count().filter(WorkerBeat.seen_at >= lately), func.count().filter(WorkerBeat.seen_at < lately)
    )
    failing = (
        select(Account.id)
        .join(AccountState, AccountState.account_id == Account.id)
        .where(Account.active, AccountState.failing_since.is_not(None))
        .order_by(Account.id)
    )
    try:
        with database.read_only() as session:
            working, silent = session.execute(workers).one()
            return {
                "workers": {"working": working, "silent": silent},
                "failingAccounts": list(session.scalars(failing)),
            }
    except (OperationalError, InterfaceError, PoolTimeout):
        return {}
