"""Every table, one file per thing. Tables have no behaviour; importing this package registers them all."""

from app.models.account import Account, AccountState
from app.models.agent import Agent
from app.models.audit import Audit
from app.models.base import Base
from app.models.call_back import CallBack
from app.models.campaign import Campaign
from app.models.contact import Contact, ContactAddress
from app.models.decision import Decision, WorldVersion
from app.models.delivery import Delivery
from app.models.draft import Draft
from app.models.idempotency import IdempotencyKey
from app.models.mailing import Mailing
from app.models.mandate import Mandate
from app.models.merge import Merge
from app.models.message import Attachment, Message, MessageRoute, MessageTheme
from app.models.organisation import Organisation
from app.models.policy import Policy
from app.models.poll import Poll, PollInvitation
from app.models.process import Process
from app.models.proposal import Proposal
from app.models.raw_item import RawItem
from app.models.receipt_count import ReceiptCount
from app.models.session import ApiToken, Session, SignInAttempt
from app.models.signal import Signal
from app.models.site import Site, SitePage
from app.models.staff_stamp import StaffStamp
from app.models.team import Team, TeamMember
from app.models.template import Template
from app.models.theme import Theme
from app.models.throttle import Throttle
from app.models.ticket import Ticket, TicketParticipant, TicketTag
from app.models.ticket_event import TicketEvent
from app.models.vote import Vote
from app.models.worker_beat import WorkerBeat

__all__ = [
    "Account",
    "AccountState",
    "Agent",
    "ApiToken",
    "Attachment",
    "Audit",
    "Base",
    "CallBack",
    "Campaign",
    "Contact",
    "ContactAddress",
    "Decision",
    "Delivery",
    "Draft",
    "IdempotencyKey",
    "Mailing",
    "Mandate",
    "Merge",
    "Message",
    "MessageRoute",
    "MessageTheme",
    "Organisation",
    "Policy",
    "Poll",
    "PollInvitation",
    "Process",
    "Proposal",
    "RawItem",
    "ReceiptCount",
    "Session",
    "SignInAttempt",
    "Signal",
    "Site",
    "SitePage",
    "StaffStamp",
    "Team",
    "TeamMember",
    "Template",
    "Theme",
    "Throttle",
    "Ticket",
    "TicketEvent",
    "TicketParticipant",
    "TicketTag",
    "Vote",
    "WorkerBeat",
    "WorldVersion",
]
