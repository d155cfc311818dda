"""The audit log: what staff and programs did outside tickets. Rows are added, never changed."""

from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.identity.principal import Principal
from app.models import Audit

_INSERT = insert(Audit.__table__)  # type: ignore[arg-type]


def record(
    session: Session,
    action: str,
    *,
    by: Principal | None = None,
    agent_id: int | None = None,
    on: tuple[str, int | None] = ("", None),
    **data: Any,
) -> None:
    """Write that `action` (a dotted name) was done, by a principal or by `agent_id`, on `(table, id)`.

    `data` holds ids and words; never a secret, an address or a citizen's text.
    """
    session.execute(
        _INSERT,
        {
            "action": action,
            "agent_id": by.agent_id if by else agent_id,
            "token_id": by.token_id if by else None,
            "object": on[0],
            "object_id": on[1],
            "data": data,
        },
    )
