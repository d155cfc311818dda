"""Mandates: what an agent, or everybody of a team, may do on an account and a theme."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field, model_validator
from sqlalchemy import delete, insert, select
from starlette.responses import Response

from app.api import changes, pages
from app.api.asked import After, Limit, Number, StaffRead, StaffWrite, administrator
from app.errors import NotFound
from app.identity import audit
from app.identity.unique import unique
from app.models import Mandate as Row
from app.vocabulary import MandateLevel
from app.web.idempotency import Made, OnceOnly
from app.web.strict import Given, Id, Told
from app.web.transaction import Transaction

router = APIRouter(prefix="/mandates", tags=["mandates"])


class Mandate(Told):
    """Given to an agent or to a team; a null account or theme means every one. The highest level counts."""

    id: int
    agent_id: int | None
    team_id: int | None
    account_id: int | None
    theme_id: int | None
    level: MandateLevel
    created_at: datetime


class NewMandate(Given):
    """Either `agentId` or `teamId`."""

    agent_id: Id | None = None
    team_id: Id | None = None
    account_id: Id | None = None
    theme_id: Id | None = None
    level: Annotated[MandateLevel, Field(strict=False)]

    @model_validator(mode="after")
    def _to_one(self) -> "NewMandate":
        if (self.agent_id is None) == (self.team_id is None):
            raise ValueError("give agentId or teamId, one of the two")
        return self


_COLUMNS = select(*(getattr(Row, name) for name in Mandate.model_fields))


@router.get("")
def list_mandates(session: Transaction, me: StaffRead, after: After = None, limit: Limit = 50) -> pages.Page[Mandate]:
    """All mandates, by id."""
    return pages.read(session, _COLUMNS, Row.id, after, limit, Mandate)


@router.post("", status_code=201, response_model=Mandate)
def give_mandate(body: NewMandate, session: Transaction, me: StaffWrite, once: OnceOnly) -> Response:
    """Give one. A second for the same agent or team, account and theme is refused (409): take the first away."""
    administrator(me)

    def make() -> Made:
        made = unique(session, insert(Row).values(body.model_dump()).returning(Row.id))
        audit.record(session, "mandate.given", by=me, on=("mandate", made), given=_kept(body.model_dump()))
        return Made(
            changes.read(session, _COLUMNS.where(Row.id == made), Mandate, "mandate"), f"/api/v1/mandates/{made}"
        )

    return once(me, body, make)


@router.get("/{mandate}")
def read_mandate(mandate: Number, session: Transaction, me: StaffRead) -> Mandate:
    """One mandate."""
    return changes.read(session, _COLUMNS.where(Row.id == mandate), Mandate, "mandate")


@router.delete("/{mandate}", status_code=204)
def take_mandate(mandate: Number, session: Transaction, me: StaffWrite) -> None:
    """Take it away."""
    administrator(me)
    gone = session.execute(delete(Row).where(Row.id == mandate).returning(Row.agent_id, Row.team_id, Row.level)).first()
    if gone is None:
        raise NotFound("mandate", "There is no such mandate.")
    audit.record(session, "mandate.taken", by=me, on=("mandate", mandate), given=_kept(gone._asdict()))


def _kept(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
