"""Mandates: what an agent, or everybody of a team, may do on an account and a theme."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field, model_validator
from sqlalchemy import delete
from starlette.responses import Response

from app.api import pages
from app.api.asked import After, Limit, Number, StaffRead, StaffWrite, administrator
from app.api.resource import Resource
from app.identity import audit
from app.models import Mandate as Row
from app.vocabulary import MandateLevel
from app.web.etag import IfMatch
from app.web.idempotency import OnceOnly
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


_mandates = Resource(Row, Mandate, "mandate")


@router.get("")
def list_mandates(session: Transaction, me: StaffRead, after: After = None, limit: Limit = 50) -> pages.Page[Mandate]:
    """All mandates, by id."""
    return _mandates.page(session, after, limit)


@router.post("", status_code=201, response_model=Mandate)
def give_mandate(body: NewMandate, session: Transaction, me: StaffWrite, once: OnceOnly) -> Response:
    """Give one. A second for the same agent or team, account and theme is refused (409): take the first away."""
    administrator(me)
    row = body.model_dump()
    return once(me, body, lambda: _mandates.insert(session, me, row, given=_kept(body)))


@router.get("/{mandate}", response_model=Mandate)
def read_mandate(mandate: Number, session: Transaction, me: StaffRead) -> Response:
    """One mandate."""
    return _mandates.told(session, mandate)


@router.delete("/{mandate}", status_code=204)
def take_mandate(mandate: Number, session: Transaction, me: StaffWrite, if_match: IfMatch) -> None:
    """Take it away."""
    administrator(me)
    taken = _mandates.held(session, mandate, if_match)
    session.execute(delete(Row).where(Row.id == mandate))
    audit.record(session, "mandate.taken", by=me, on=("mandate", mandate), given=_kept(taken))


def _kept(mandate: Mandate | NewMandate) -> dict[str, Any]:
    """What the audit log keeps of one: it has to tell who might do what, also when the mandate itself is gone."""
    return mandate.model_dump(mode="json", exclude={"id", "created_at"}, exclude_none=True)
