"""My own page and switch: presence, and how the desk behaves for me."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy import func, update
from starlette.responses import Response

from app.desk.frame import go, show
from app.models import Agent
from app.storage.queue import wake
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
    return show(request, session, me, "me.html", {"themes": THEMES})


@router.post("/me")
def change(
    session: Transaction,
    me: CurrentAgent,
    theme: Annotated[Text, Form()] = "system",
    shortcuts: Annotated[Text, Form()] = "off",
    spoken: Annotated[Text, Form()] = "off",
) -> Response:
    """Keep them. Single keys and the spoken word for a new reaction can be switched off (WCAG 2.1.4, 2.2.4)."""
    chosen = {
        "theme": theme if theme in THEMES else "system",
        "shortcuts": "on" if shortcuts == "on" else "off",
        "spoken": "on" if spoken == "on" else "off",
    }
    session.execute(update(Agent).where(Agent.id == me.agent_id).values(preferences={**me.preferences, **chosen}))
    return go("/desk/me", "saved")


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
