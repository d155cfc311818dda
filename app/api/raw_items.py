"""What came in and could not be admitted: looked at, released to be tried again, or discarded with a reason."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api import changes, pages
from app.api.asked import AccountsRead, AccountsWrite, Limit, Number
from app.identity.principal import Principal
from app.intake import set_aside
from app.web import etag
from app.web.etag import IfMatch
from app.web.strict import LARGEST, Given, Told
from app.web.transaction import Transaction

router = APIRouter(prefix="/raw-items", tags=["raw items"])
After = Annotated[int | None, Query(ge=1, le=LARGEST, description="The `next` of the page before.")]


class RawItem(Told):
    """An item that was set aside. `reason` is a code, or what the channel said; `size` is in bytes."""

    id: int
    account_id: int
    account: str
    key: str
    media_type: str
    size: int
    reason: str
    tries: int
    received_at: datetime
    handled_at: datetime | None


class ErrorTrace(Told):
    """The whole error, for whoever repairs it."""

    error: str


class Discard(Given):
    """Why nobody needs to see it; it stands in the ledger."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


@router.get("")
def list_set_aside(
    session: Transaction, me: AccountsRead, after: After = None, limit: Limit = 50
) -> pages.Page[RawItem]:
    """What is set aside, newest first. For leads and administrators."""
    return pages.cut(set_aside.waiting(session, me, before=after, limit=limit + 1), limit, RawItem)


@router.get("/{item}", response_model=RawItem)
def read_item(item: Number, session: Transaction, me: AccountsRead) -> Response:
    """One item that is set aside."""
    return changes.told(_read(session, me, item))


@router.get("/{item}/error")
def read_error(item: Number, session: Transaction, me: AccountsRead) -> ErrorTrace:
    """Why it could not be admitted."""
    return ErrorTrace(error=set_aside.error(session, me, item))


@router.post("/{item}/release", status_code=202)
def release_item(item: Number, session: Transaction, me: AccountsWrite, if_match: IfMatch) -> None:
    """Try it again from the start."""
    etag.check(if_match, _read(session, me, item, lock=True))
    set_aside.release(session, me, item)


@router.post("/{item}/discard", status_code=204)
def discard_item(item: Number, body: Discard, session: Transaction, me: AccountsWrite, if_match: IfMatch) -> None:
    """Never admit it; its bytes stay and it is counted as ignored."""
    etag.check(if_match, _read(session, me, item, lock=True))
    set_aside.discard(session, me, item, body.reason)


def _read(session: Session, me: Principal, item: int, *, lock: bool = False) -> RawItem:
    return RawItem.model_validate(set_aside.one(session, me, item, lock=lock))
