"""What routes ask of a request: whose token, with which right, which page of a list, and only JSON."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request
from starlette.exceptions import HTTPException

from app.errors import Forbidden
from app.identity.principal import Principal
from app.vocabulary import Scope
from app.web.principal import bearer
from app.web.strict import LARGEST

Whoever = Annotated[Principal, Depends(bearer(None))]
TicketsRead = Annotated[Principal, Depends(bearer(Scope.TICKETS_READ))]
TicketsWrite = Annotated[Principal, Depends(bearer(Scope.TICKETS_WRITE))]
ContactsRead = Annotated[Principal, Depends(bearer(Scope.CONTACTS_READ))]
ContactsWrite = Annotated[Principal, Depends(bearer(Scope.CONTACTS_WRITE))]
ReactionsCreate = Annotated[Principal, Depends(bearer(Scope.REACTIONS_CREATE))]
RoutingRead = Annotated[Principal, Depends(bearer(Scope.ROUTING_READ))]
RoutingWrite = Annotated[Principal, Depends(bearer(Scope.ROUTING_WRITE))]
AccountsRead = Annotated[Principal, Depends(bearer(Scope.ACCOUNTS_READ))]
AccountsWrite = Annotated[Principal, Depends(bearer(Scope.ACCOUNTS_WRITE))]
StaffRead = Annotated[Principal, Depends(bearer(Scope.STAFF_READ))]
StaffWrite = Annotated[Principal, Depends(bearer(Scope.STAFF_WRITE))]
EventsRead = Annotated[Principal, Depends(bearer(Scope.EVENTS_READ))]

Number = Annotated[int, Path(ge=1, le=LARGEST, description="The id of the resource.")]
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
After = Annotated[int | None, Query(ge=0, le=LARGEST, description="The `next` of the page before.")]
Active = Annotated[bool | None, Query(description="Only those in use, or only those that are not.")]
Filter = Annotated[int | None, Query(ge=1, le=LARGEST)]


def administrator(me: Principal) -> None:
    """Raise `Forbidden` unless the token acts as an administrator."""
    if not me.is_admin:
        raise Forbidden("admin_only", "Ask an administrator to do this, or for a token that acts as one.")


def employee(me: Principal) -> int:
    """The agent that the token acts as; raises `Forbidden` for a site's own token."""
    if me.agent_id is None:
        raise Forbidden("employee_only", "Use a token that acts as an employee: this one belongs to a website.")
    return me.agent_id


def json_only(request: Request) -> None:
    """Refuse (415) a body that does not say it is JSON, before anybody tries to read it as such."""
    said = request.headers.get("content-type")
    if (
        said is None
        and request.headers.get("content-length", "0") == "0"
        and "transfer-encoding" not in request.headers
    ):
        return
    kind = (said or "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise HTTPException(415, "Send application/json.")
