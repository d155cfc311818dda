"""Polls for citizens: the questions, the vote, the thanks, and the result once it is closed. Works without script.

A vote is always stored while the poll is open, also when this voter voted before: then it is counted apart and its voter is
told so, since a second person in the house may sit at the same browser.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.accounts.directory import read_row
from app.errors import Forbidden, NotFound
from app.intake.stow import key_of
from app.polls import count, receipt, vote
from app.polls.poll import PollState, View, by_key
from app.polls.vote import Given
from app.public import poll_page, poll_voter, waiting
from app.public.body import JSON, AnyBody, Body
from app.public.poll_voter import Caller
from app.public.submit import submit
from app.tickets.tokens import status_token
from app.web import throttle
from app.web.i18n import _, language_of
from app.web.state import state_of
from app.web.text import Text
from app.web.transaction import Transaction, Turn

router = APIRouter()
VOTES_AN_HOUR = 1000
MOST_FIELDS = 500
_FORM_ID = re.compile(r"[0-9a-f]{24}")
CLOSED = _("Voting is over")
CLOSED_TEXT = _("This poll is closed, so your vote could not be taken any more. Thank you for wanting to take part.")
USED = _("You have voted already")
USED_TEXT = _("Thank you. The result appears here when the poll is closed.")
INVITED = _("By invitation")
INVITED_TEXT = _("Only who got an invitation can vote in this poll. Use the link in your invitation.")
Preview = Annotated[Text, Query(max_length=60)]


@router.get("/polls/{key}")
@router.get("/polls/{key}/i/{invitation}")
def poll(key: str, request: Request, session: Transaction, invitation: str = "", preview: Preview = "") -> Response:
    """The form; the result once it is closed. A draft is shown to whoever holds its preview link."""
    found = by_key(session, key)
    address = _address(request, found, invitation)
    if found.state is PollState.DRAFT:
        _may_preview(request, found, preview)
        return poll_page.form(request, found, address, preview=True)
    if found.state is PollState.CLOSED:
        return poll_page.outcome(request, found, count.counted(session, found))
    if found.invited_only and not invitation:
        return poll_page.said(request, found, INVITED, INVITED_TEXT)
    caller = poll_voter.find(request, session, found, invitation)
    used = _voted(request, session, found, caller)
    if used and "again" not in request.query_params:
        again = "" if caller.invited else f"{address}&again=1"
        return poll_page.said(request, found, USED, USED_TEXT, again=again)
    response = poll_page.form(request, found, address, used=used)
    poll_voter.remember(request, response, found, caller)
    return response


@router.post("/polls/{key}")
@router.post("/polls/{key}/i/{invitation}")
def cast(key: str, request: Request, body: AnyBody, _turn: Turn, invitation: str = "") -> Response:
    """Take a vote: stored first, thanked then."""
    poll_voter.by_our_page(request)
    given = _given(body)
    with state_of(request).database.read_only() as session:
        found = by_key(session, key)
        caller = poll_voter.find(request, session, found, invitation, given.id)
    refused = _refused(request, found, invitation)
    if refused is not None:
        return refused
    wrong = vote.faults(found, given)
    if wrong:
        return poll_page.form(request, found, _address(request, found, invitation), given=given, faults=wrong)
    throttle.count(request, f"poll:{found.id}", VOTES_AN_HOUR)
    return RedirectResponse(f"/polls/{key}/thanks/{_store(request, found, caller, given)}{_query(request)}", 303)


@router.get("/polls/{key}/thanks/{token}")
def thanked(key: str, token: str, request: Request, session: Transaction) -> Response:
    """What became of one's ballot; the private links of its written answers."""
    found, keys = by_key(session, key), state_of(request).keys
    row = waiting.find(session, keys, token)
    if row is None:
        raise NotFound("receipt", _("Check the address, or go back to the start."))
    became = receipt.became(session, row.id)
    base = state_of(request).settings.base_url
    links = [f"{base}/status/{status_token(keys, ticket, contact, 1)}" for ticket, contact in became.tickets]
    response = poll_page.thanks(request, found, became.apart, links)
    response.headers["Cache-Control"] = "no-store"
    return response


@router.get("/polls/{key}/published")
def published(key: str, session: Transaction) -> Response:
    """The poll as JSON for every website: its questions while it is open, its result once it is closed."""
    found = by_key(session, key)
    if found.state is PollState.DRAFT:
        raise NotFound("poll", _("There is no such poll. Check its address."))
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=30"}
    return JSONResponse(_document(session, found), headers=headers)


def _may_preview(request: Request, found: View, preview: str) -> None:
    if not state_of(request).keys.verify("poll preview", str(found.id), preview):
        raise NotFound("poll", _("There is no such poll. Check its address."))


def _refused(request: Request, found: View, invitation: str) -> Response | None:
    if found.state is PollState.DRAFT:
        raise NotFound("poll", _("There is no such poll. Check its address."))
    if found.state is PollState.CLOSED:
        return poll_page.said(request, found, CLOSED, CLOSED_TEXT, status=409)
    if found.invited_only and not invitation:
        raise Forbidden("invitation", INVITED_TEXT)
    return None


def _voted(request: Request, session: Session, found: View, caller: Caller) -> bool:
    if caller.fresh:
        return False
    _channel, voters = poll_voter.channel_of(request, found)
    return count.voted(session, found, voters.voter(found.key, caller.said))


def _store(request: Request, found: View, caller: Caller, given: Given) -> str:
    """Store and admit the ballot; the token of its receipt."""
    state = state_of(request)
    with state.database.read_only() as session:
        account = read_row(session, found.account_id)
    _channel, voters = poll_voter.channel_of(request, found)
    content = vote.ballot(found, given, language_of(request), f"{state.settings.base_url}/polls/{found.key}")
    submit(request, account, Body(content, JSON), caller=caller.said)
    key = key_of(f"{found.key}:{voters.voter(found.key, caller.said)}:{given.id}")
    with state.database.read_only() as session:
        return waiting.token(state.keys, waiting.became(session, account.id, key).id)


def _given(body: Body) -> Given:
    """The form's fields. An id that is not ours is replaced: it only makes a second click harmless."""
    values: dict[str, list[str]] = {}
    for name, value in body.pairs(MOST_FIELDS):
        values.setdefault(name, []).append(value)
    first = {name: found[0] for name, found in values.items()}
    own = first.get("id", "")
    return Given(
        id=own if _FORM_ID.fullmatch(own) else secrets.token_hex(12),
        values={name.removeprefix("answer-"): found for name, found in values.items() if name.startswith("answer-")},
        name=first.get("name", ""),
        email=first.get("email", ""),
        website=first.get("website", ""),
    )


def _address(request: Request, found: View, invitation: str) -> str:
    tail = f"/i/{invitation}" if invitation else ""
    return f"/polls/{found.key}{tail}{_query(request)}"


def _query(request: Request) -> str:
    framed = "&framed=1" if "framed" in request.query_params else ""
    return f"?lang={language_of(request)}{framed}"


def _document(session: Session, found: View) -> Mapping[str, Any]:
    asked = [
        {"key": q.key, "kind": q.kind, "nl": q.nl, "en": q.en, "required": q.required,
         "options": [{"key": o.key, "nl": o.nl, "en": o.en} for o in q.options]}
        for q in found.asked
    ]  # fmt: skip
    head = {
        "key": found.key, "state": found.state, "title": {"nl": found.title_nl, "en": found.title_en},
        "ends_at": found.ends_at.isoformat() if found.ends_at else None, "invited_only": found.invited_only, "questions": asked,
    }  # fmt: skip
    if found.state is not PollState.CLOSED:
        return head
    result = count.counted(session, found)
    return {
        **head, "representative": found.invited_only, "votes": result.votes._asdict(), "apart": result.apart,
        "answer": {"nl": found.answer_nl, "en": found.answer_en},
        "result": {
            a.question.key: {line.option.key: line.votes._asdict() for line in a.lines} for a in result.questions if a.lines
        },
    }  # fmt: skip
