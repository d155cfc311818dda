"""Campaigns (many senders, one text) and processes (a consultation, a plan that one may have a view on): to read."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from sqlalchemy import func, select

from app.api import changes, pages
from app.api.asked import After, Limit, Number, RoutingRead, TicketsRead
from app.identity.mandates import visible
from app.identity.principal import Principal
from app.models import Campaign as CampaignRow
from app.models import Process as ProcessRow
from app.models import Ticket
from app.web.strict import Told
from app.web.transaction import Transaction

router = APIRouter()


class Campaign(Told):
    """`tickets` counts those of its tickets that the token may see."""

    id: int
    name: str
    tickets: int
    created_at: datetime


class Process(Told):
    """A reaction may belong to one from the start, by its account, page or form."""

    id: int
    key: str
    name_nl: str
    name_en: str
    theme_id: int | None
    opens_at: datetime | None
    closes_at: datetime | None
    created_at: datetime


_PROCESSES = select(*(getattr(ProcessRow, name) for name in Process.model_fields))


@router.get("/campaigns", tags=["campaigns"])
def list_campaigns(
    session: Transaction, me: TicketsRead, after: After = None, limit: Limit = 50
) -> pages.Page[Campaign]:
    """The campaigns of which the token may see a ticket, by id."""
    return pages.read(session, _campaigns(me), CampaignRow.id, after, limit, Campaign)


@router.get("/campaigns/{campaign}", tags=["campaigns"])
def read_campaign(campaign: Number, session: Transaction, me: TicketsRead) -> Campaign:
    """One campaign; its tickets are at `/tickets?campaignId=`."""
    return changes.read(session, _campaigns(me).where(CampaignRow.id == campaign), Campaign, "campaign")


@router.get("/processes", tags=["processes"])
def list_processes(
    session: Transaction, me: RoutingRead, after: After = None, limit: Limit = 50
) -> pages.Page[Process]:
    """All processes, by id."""
    return pages.read(session, _PROCESSES, ProcessRow.id, after, limit, Process)


@router.get("/processes/{process}", tags=["processes"])
def read_process(process: Number, session: Transaction, me: RoutingRead) -> Process:
    """One process."""
    return changes.read(session, _PROCESSES.where(ProcessRow.id == process), Process, "process")


def _campaigns(me: Principal) -> Any:
    members = select(Ticket.id).where(Ticket.campaign_id == CampaignRow.id, visible(me)).correlate(CampaignRow)
    count = (
        select(func.count(Ticket.id))
        .where(Ticket.campaign_id == CampaignRow.id, visible(me))
        .correlate(CampaignRow)
        .scalar_subquery()
    )
    return select(CampaignRow.id, CampaignRow.name, count.label("tickets"), CampaignRow.created_at).where(
        members.exists()
    )
