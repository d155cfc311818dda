"""The tables behind the models, for Core statements on the hot paths (the ORM's own inserts cost twice as much)."""

from typing import cast

from sqlalchemy import Table

from app.models import Attachment, Delivery, Draft, Message, Ticket, TicketEvent, TicketParticipant

TICKET = cast("Table", Ticket.__table__)
MESSAGE = cast("Table", Message.__table__)
TICKET_EVENT = cast("Table", TicketEvent.__table__)
PARTICIPANT = cast("Table", TicketParticipant.__table__)
DELIVERY = cast("Table", Delivery.__table__)
DRAFT = cast("Table", Draft.__table__)
ATTACHMENT = cast("Table", Attachment.__table__)
