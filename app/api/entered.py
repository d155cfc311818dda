"""What is entered by hand: tickets from calls, letters, the counter and meetings, and the call-back list.

A letter's scans come with it: one call as multipart/form-data, so that there is never a letter without its scan.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from pydantic import BaseModel, Field, Json
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api.asked import Number, TicketsRead, TicketsWrite
from app.api.schemas.verbs import Numbered
from app.api.unchanged import CALL_BACK, unchanged
from app.identity.principal import Principal
from app.models import CallBack as CallBackRow
from app.tickets import by_hand, call_back_list, call_backs
from app.tickets.call import call
from app.tickets.enter import AnswerBy, Entry, Scan, Way, enter
from app.vocabulary import TicketKind
from app.web.etag import Expected
from app.web.idempotency import Made, OnceOnly
from app.web.kept_file import KeptFile, keep
from app.web.state import state_of
from app.web.strict import Given, Id, Moment, Told
from app.web.transaction import Transaction

router = APIRouter(tags=["tickets"])
uploads = APIRouter(tags=["tickets"])
Line = Annotated[str, Field(max_length=200)]


class NewEntry(Given):
    """What an employee wrote down. Without `ticketId` it opens a ticket. `callBackAt` puts it on the call-back list.

    `text` may be left out only where files come along.
    """

    way: Way
    text: Annotated[str, Field(max_length=100_000)] = ""
    name: Line = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    email: Annotated[str, Field(max_length=320)] = ""
    subject: Line = ""
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] = "nl"
    interpreter: bool = False
    meeting: Annotated[str, Field(max_length=40)] = ""
    kind: TicketKind | None = None
    theme_id: Id | None = None
    process_id: Id | None = None
    received_at: Moment | None = None
    call_back_at: Moment | None = None
    call_back_note: Annotated[str, Field(max_length=1_000)] = ""
    answer_by: AnswerBy = AnswerBy.AUTO
    ticket_id: Id | None = None


class WithFiles(BaseModel):
    """An entry with its files, as a key for sending it once tells it from another."""

    entry: NewEntry
    files: list[KeptFile]


class Entered(Told):
    """`id` is the ticket's."""

    id: int
    message_id: int
    contact_id: int | None
    call_back_id: int | None


class CallBack(Told):
    """A call to make. `id` is null where nobody promised a moment; `at` is then when they rang, or when we tried.

    `tried` is how the last call ended, `triedAt` when, and `nextAt` when to try next if nobody is reached now.
    """

    id: int | None
    ticket_id: int
    at: datetime
    note: str
    subject: str
    contact_name: str | None
    number: str | None
    promised_by: str | None
    owner: str | None
    rang: bool
    tried: str
    tried_at: datetime | None
    next_at: datetime


class NewCallBack(Given):
    """An appointment on a ticket."""

    at: Moment
    note: Annotated[str, Field(max_length=1_000)] = ""


class CallOutcome(Given):
    """What came of it: `reached`, `not_reached`, `voicemail` or `dropped`; `note` stands in the conversation.

    `again`: when it is tried once more, if nobody was reached.
    """

    outcome: Annotated[str, Field(max_length=20)]
    note: Annotated[str, Field(max_length=100_000)] = ""
    again: Moment | None = None


class NewCall(Given):
    """`through`: the telephone of ours that rings first. `note`: what it is about."""

    through: Annotated[str, Field(min_length=1, max_length=40)]
    note: Annotated[str, Field(max_length=100_000)] = ""


@router.post("/tickets", status_code=201, response_model=Entered)
def enter_ticket(body: NewEntry, request: Request, session: Transaction, me: TicketsWrite, once: OnceOnly) -> Response:
    """Enter by hand a call, a letter, a visit or a card: a ticket of its own, or a reaction in `ticketId`."""

    return once(me, body, lambda: _made(request, session, me, body, ()))


@uploads.post("/tickets/attachments", status_code=201, response_model=Entered)
def enter_ticket_with_files(
    request: Request,
    session: Transaction,
    me: TicketsWrite,
    once: OnceOnly,
    entry: Annotated[Json[NewEntry], Form(description="What `POST /tickets` takes, as JSON.")],
    file: Annotated[list[UploadFile], File(description="The scans; their type is what their content says.")],
) -> Response:
    """Enter by hand a letter with its scans, or a card with its photo: `POST /tickets` with files."""
    files = [keep(state_of(request), one) for one in file]
    return once(me, WithFiles(entry=entry, files=files), lambda: _made(request, session, me, entry, files))


@router.get("/call-backs")
def list_call_backs(session: Transaction, me: TicketsRead) -> list[CallBack]:
    """The calls to make, the one due longest first; at most 200."""
    return [CallBack.model_validate(line) for line in call_back_list.waiting(session, me)]


@router.post("/tickets/{ticket}/call-backs", status_code=201, response_model=Numbered)
def promise_call_back(
    ticket: Number, body: NewCallBack, session: Transaction, me: TicketsWrite, once: OnceOnly
) -> Response:
    """Promise to call back at a moment."""

    def make() -> Made:
        made = call_backs.promise_on(session, me, ticket, at=body.at, note=body.note)
        return Made(Numbered(id=made), "/api/v1/call-backs")

    return once(me, body, make)


@router.post("/call-backs/{appointment}/settle", status_code=204)
def settle_call_back(
    appointment: Number, body: CallOutcome, session: Transaction, me: TicketsWrite, expected: Expected
) -> None:
    """Say what came of a call; If-Match is its ticket's."""
    unchanged(session, me, CALL_BACK, CallBackRow.id == appointment, expected)
    call_backs.settle(session, me, appointment, body.outcome, note=body.note, again=body.again)


@router.post("/tickets/{ticket}/called", status_code=201, response_model=Numbered)
def settle_caller(
    ticket: Number, body: CallOutcome, session: Transaction, me: TicketsWrite, once: OnceOnly
) -> Response:
    """Say what came of calling somebody whom nobody had promised a moment; gives what stands for it on the list."""

    def make() -> Made:
        made = call_backs.settle_caller(session, me, ticket, body.outcome, note=body.note, again=body.again)
        return Made(Numbered(id=made), "/api/v1/call-backs")

    return once(me, body, make)


@router.post("/tickets/{ticket}/calls", status_code=201, response_model=Numbered)
def call_citizen(ticket: Number, body: NewCall, session: Transaction, me: TicketsWrite, once: OnceOnly) -> Response:
    """Call the citizen back; gives the delivery."""

    def make() -> Made:
        made = call(session, me, ticket, through=body.through, note=body.note)
        return Made(Numbered(id=made), f"/api/v1/tickets/{ticket}/deliveries")

    return once(me, body, make)


def _made(request: Request, session: Session, me: Principal, body: NewEntry, files: Sequence[KeptFile]) -> Made:
    state = state_of(request)
    account_id = by_hand.account(session, state.accounts, state.keys)
    given = {name: getattr(body, name) for name in NewEntry.model_fields}
    made = enter(session, me, Entry(**given, scans=[Scan(*file) for file in files]), account_id=account_id)
    told = Entered(
        id=made.ticket_id, message_id=made.message_id, contact_id=made.contact_id, call_back_id=made.call_back_id
    )
    return Made(told, f"/api/v1/tickets/{made.ticket_id}")
