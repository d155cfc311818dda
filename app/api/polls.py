"""Polls: make one, publish, invite, close; its result, hidden until the closing for all but leads and administrators."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api import pages
from app.api.asked import AccountsWrite, Limit, Number, TicketsRead
from app.api.changes import told
from app.errors import Fault, Forbidden, Invalid
from app.polls import account, count, invite, make, poll, questions
from app.polls.poll import PollState, View
from app.polls.questions import Question, QuestionKind
from app.vocabulary import Language
from app.web import etag
from app.web.etag import IfMatch
from app.web.idempotency import Made, OnceOnly
from app.web.state import state_of
from app.web.strict import LARGEST, Given, Id, Moment, Told
from app.web.transaction import Transaction

router = APIRouter(prefix="/polls", tags=["polls"])
Line = Annotated[str, Field(max_length=300)]
Before = Annotated[int, Query(ge=1, le=LARGEST, description="The `next` of the page before.")]


class Words(Given):
    """A text in both languages."""

    nl: Line
    en: Line


class NewQuestion(Given):
    """`options` of a single or multiple question; of a scale the words of its two ends, and its `steps`."""

    kind: QuestionKind
    text: Words
    options: Annotated[list[Words], Field(max_length=questions.MOST_OPTIONS)] = Field(default_factory=list)
    steps: Annotated[int, Field(ge=questions.FEWEST_STEPS, le=questions.MOST_STEPS)] = 5
    required: bool = False


class NewPoll(Given):
    """A draft. `accountId` is needed when there are several accounts for polls."""

    title: Words
    intro: Words = Words(nl="", en="")
    questions: Annotated[list[NewQuestion], Field(min_length=1, max_length=questions.MOST_QUESTIONS)]
    invited_only: bool = False
    origins: Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=50)] = Field(default_factory=list)
    closes_at: Moment | None = None
    process_id: Id | None = None
    account_id: Id | None = None


class NewInvitations(Given):
    """How many."""

    count: Annotated[int, Field(ge=1, le=invite.MOST_AT_ONCE)]


class PollLine(Told):
    """A poll in a list."""

    id: int
    key: str
    title_nl: str
    title_en: str
    invited_only: bool
    state: PollState
    published_at: datetime | None
    closes_at: datetime | None
    closed_at: datetime | None


class Option(Told):
    """One thing to choose."""

    key: str
    nl: str
    en: str


class AskedQuestion(Told):
    """One question; its options by their keys."""

    key: str
    kind: QuestionKind
    nl: str
    en: str
    options: list[Option]
    required: bool


class Poll(PollLine):
    """One poll with its questions. `publicUrl` is where people vote."""

    version: int
    account_id: int
    process_id: int | None
    intro_nl: str
    intro_en: str
    answer_nl: str
    answer_en: str
    origins: list[str]
    public_url: str
    questions: list[AskedQuestion]


class Invitations(Told):
    """Links with which somebody can vote once; they cannot be told again."""

    links: list[str]


class Votes(Told):
    """Over all votes, and without those that were set apart."""

    all: int
    counted: int


class OptionResult(Told):
    """One option's votes."""

    key: str
    votes: Votes


class QuestionResult(Told):
    """`options` is empty for an open question; `mean` is of a scale, over the counted votes."""

    key: str
    votes: Votes
    options: list[OptionResult]
    mean: float | None


class PollResult(Told):
    """`setApart` says how many votes were set apart, by reason. Not representative unless by invitation."""

    representative: bool
    votes: Votes
    set_apart: dict[str, int]
    questions: list[QuestionResult]


@router.get("")
def list_polls(
    session: Transaction, me: TicketsRead, after: Before = LARGEST, limit: Limit = 100
) -> pages.Page[PollLine]:
    """All polls, newest first."""
    return pages.cut(poll.listed(session, after=after, limit=limit + 1), limit, PollLine)


@router.post("", status_code=201, response_model=Poll)
def create_poll(body: NewPoll, request: Request, session: Transaction, me: AccountsWrite, once: OnceOnly) -> Response:
    """Make a draft. Leads and administrators only."""
    make.may_run(me)

    def write() -> Made:
        state = state_of(request)
        account_id = account.ensure(session, state.keys, state.accounts, body.account_id)
        try:
            made = make.make(session, me, account_id, _draft(body))
        except Invalid as error:
            raise Invalid(error.code, error.fix, [_as_sent(fault) for fault in error.faults]) from None
        document = _read(request, session, made)
        return Made(document, f"/api/v1/polls/{made}", headers={"ETag": etag.of(document)})

    return once(me, body, write)


@router.get("/{poll}", response_model=Poll)
def read_poll(poll: Number, request: Request, session: Transaction, me: TicketsRead) -> Response:
    """One poll."""
    return told(_read(request, session, poll))


@router.post("/{poll}/publish", response_model=Poll)
def publish_poll(
    poll: Number, request: Request, session: Transaction, me: AccountsWrite, if_match: IfMatch
) -> Response:
    """Open the voting; from now on the questions stand."""
    _hold(request, session, poll, if_match)
    make.publish(session, me, poll)
    return told(_read(request, session, poll))


@router.post("/{poll}/close", response_model=Poll)
def close_poll(poll: Number, request: Request, session: Transaction, me: AccountsWrite, if_match: IfMatch) -> Response:
    """End the voting for good; the result is public from now on. Closing again changes nothing."""
    _hold(request, session, poll, if_match)
    make.close(session, me, poll)
    return told(_read(request, session, poll))


@router.post("/{poll}/invitations", status_code=201)
def create_invitations(
    poll: Number, body: NewInvitations, request: Request, session: Transaction, me: AccountsWrite
) -> Invitations:
    """Make invitations and tell their links, this once."""
    found = _view(session, poll)
    base = f"{state_of(request).settings.base_url}/polls/{found.key}/i/"
    return Invitations(links=[base + token for token in invite.make(session, me, poll, body.count)])


@router.get("/{poll}/result")
def read_result(poll: Number, session: Transaction, me: TicketsRead) -> PollResult:
    """The result with both counts. Before the closing for leads and administrators only (403)."""
    found = _view(session, poll)
    if not make.sees_counts(me, found):
        raise Forbidden("hidden", "Counts are hidden until the poll is closed.")
    counted = count.counted(session, found)
    return PollResult(
        representative=found.invited_only,
        votes=Votes.model_validate(counted.votes),
        set_apart=dict(counted.apart),
        questions=[
            QuestionResult(
                key=one.question.key,
                votes=Votes.model_validate(one.votes),
                options=[
                    OptionResult(key=line.option.key, votes=Votes.model_validate(line.votes)) for line in one.lines
                ],
                mean=one.mean,
            )
            for one in counted.questions
        ],
    )


def _view(session: Session, poll_id: int) -> View:
    return poll.by_id(session, poll_id)


def _read(request: Request, session: Session, poll_id: int) -> Poll:
    found = _view(session, poll_id)
    columns = {name: getattr(found, name) for name in Poll.model_fields if name not in ("questions", "public_url")}
    asked = [AskedQuestion.model_validate(question) for question in found.asked]
    return Poll(**columns, public_url=f"{state_of(request).settings.base_url}/polls/{found.key}", questions=asked)


def _hold(request: Request, session: Session, poll_id: int, if_match: str) -> None:
    poll.by_id(session, poll_id, lock=True)
    etag.check(if_match, _read(request, session, poll_id))


def _as_sent(fault: Fault) -> Fault:
    """A fault by the name that the field has in what was sent."""
    field = re.sub(r"^question\.(\d+)", lambda found: f"questions.{int(found[1]) - 1}", fault.field)
    return replace(fault, field=re.sub(r"^(title|intro)_(nl|en)$", r"\1.\2", field))


def _draft(body: NewPoll) -> make.Draft:
    return make.Draft(
        title_nl=body.title.nl, title_en=body.title.en, intro_nl=body.intro.nl, intro_en=body.intro.en,
        asked=[_question(number, given) for number, given in enumerate(body.questions, start=1)],
        invited_only=body.invited_only, origins=body.origins, closes_at=body.closes_at, process_id=body.process_id,
    )  # fmt: skip


def _question(number: int, given: NewQuestion) -> Question:
    lines = {Language.DUTCH: [o.nl for o in given.options], Language.ENGLISH: [o.en for o in given.options]}
    texts = {Language.DUTCH: given.text.nl, Language.ENGLISH: given.text.en}
    return questions.question(number, given.kind, texts, options=lines, steps=given.steps, required=given.required)
