"""My own page and switch: presence, my telephone, and how the desk behaves for me."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from sqlalchemy import func, update
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.channels.phone_number import shown
from app.desk.frame import go, show, trouble
from app.errors import DomainError, Invalid
from app.identity.principal import Principal
from app.models import Agent
from app.storage.queue import wake
from app.tickets.call import own_number
from app.vocabulary import Presence
from app.web.next_address import safe
from app.web.principal import CurrentAgent
from app.web.text import Text
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk", include_in_schema=False)

THEMES = ("system", "light", "dark")


@router.get("/me")
def preferences(request: Request, session: Transaction, me: CurrentAgent) -> Response:
    """My preferences."""
    return _page(request, session, me, {**me.preferences, "phone": shown(me.preferences.get("phone", ""))})


@router.post("/me")
def change(
    request: Request,
    session: Transaction,
    me: CurrentAgent,
    theme: Annotated[Text, Form()] = "system",
    shortcuts: Annotated[Text, Form()] = "off",
    spoken: Annotated[Text, Form()] = "off",
    phone: Annotated[Text, Form()] = "",
) -> Response:
    """Keep them. Single keys and the spoken word for a new reaction can be switched off (WCAG 2.1.4, 2.2.4).

    `phone` rings first when I call somebody back; empty, the desk's number does.
    """
    chosen = {
        "theme": theme if theme in THEMES else "system",
        "shortcuts": "on" if shortcuts == "on" else "off",
        "spoken": "on" if spoken == "on" else "off",
        "phone": phone.strip(),
    }
    try:
        chosen["phone"] = own_number(phone) if phone.strip() else ""
    except Invalid as error:
        return _page(request, session, me, chosen, error)
    session.execute(update(Agent).where(Agent.id == me.agent_id).values(preferences={**me.preferences, **chosen}))
    return go("/desk/me", "saved")


def _page(
    request: Request, session: Session, me: Principal, given: Mapping[str, Any], error: DomainError | None = None
) -> Response:
    context = {"themes": THEMES, "given": given, "fault": error.fix if error else ""}
    notices = [trouble(error, me.language)] if error else []
    return show(request, session, me, "me.html", context, status=400 if error else 200, notices=notices)


@router.post("/presence")
def be(
    session: Transaction,
    me: CurrentAgent,
    presence: Annotated[Presence, Form()],
    back: Annotated[Text, Form()] = "/desk",
) -> Response:
    """Say whether I can take work. Routing looks again at what waits."""
    session.execute(update(Agent).where(Agent.id == me.agent_id).values(presence=presence, presence_at=func.now()))
    if presence is Presence.AVAILABLE:
        wake(session, "route")
    return go(safe(back, "/desk"))
