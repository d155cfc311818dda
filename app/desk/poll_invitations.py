"""Inviting people to a poll: links to pass on, as a page or a file, and mails with a link each."""

import csv
from io import StringIO
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from app.desk.frame import go, show
from app.desk.polls import page_of
from app.desk.posted import Posted, number, text_of
from app.errors import DomainError
from app.polls import doubted_mail, invite, invite_by_mail
from app.polls.doubted_mail import Choice
from app.polls.invite_by_mail import Letter
from app.polls.poll import by_id
from app.vocabulary import Language
from app.web.principal import CurrentAgent
from app.web.state import state_of
from app.web.text import Text, clean
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk/polls", include_in_schema=False)


@router.post("/{poll_id}/invitations")
def links(
    request: Request, session: Transaction, me: CurrentAgent, poll_id: int, how_many: Annotated[Text, Form()] = "",
    do: Annotated[Text, Form()] = "",
) -> Response:  # fmt: skip
    """Make invitations and show their links, or give them as a file: this once, since only digests are kept."""
    try:
        with session.begin_nested():
            tokens = invite.make(session, me, poll_id, number(how_many) or 0)
    except DomainError as error:
        return page_of(request, session, me, by_id(session, poll_id), error)
    poll = by_id(session, poll_id)
    base = f"{state_of(request).settings.base_url}/polls/{poll.key}/i/"
    made = [base + token for token in tokens]
    if do == "file":
        return _file(poll.key, made)
    context = {"poll": poll, "title": poll.title(me.language), "links": made}
    response = show(request, session, me, "poll_invitations.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post("/{poll_id}/invitations/mail")
def mail(request: Request, session: Transaction, me: CurrentAgent, poll_id: int, posted: Posted) -> Response:
    """Mail a link of their own to everybody in the list, or in the file."""
    state = state_of(request)
    given = {name: text_of(posted, name) for name in ("addresses", "words", "language", "mailbox")}
    language = Language.ENGLISH if given["language"] == Language.ENGLISH else Language.DUTCH
    letter = Letter(language, given["words"][:5000], number(given["mailbox"]) or 0, state.settings.base_url)
    to = invite_by_mail.addresses(f"{given['addresses']}\n{_text_of_file(posted.get('file'))}")
    try:
        with session.begin_nested():
            invite_by_mail.send(session, state.keys, me, poll_id, to, letter)
    except DomainError as error:
        return page_of(request, session, me, by_id(session, poll_id), error, given)
    return go(f"/desk/polls/{poll_id}", "changed")


@router.post("/{poll_id}/invitations/settle")
def settle(request: Request, session: Transaction, me: CurrentAgent, poll_id: int, posted: Posted) -> Response:
    """Somebody looked: an invitation of which nobody could tell did go out, or is to be sent again. Without `mail`, all."""
    choice: Choice = "again" if text_of(posted, "outcome") == "again" else "sent"
    one = text_of(posted, "mail")
    try:
        with session.begin_nested():
            doubted_mail.settle(session, me, poll_id, choice, (number(one) or 0) if one else None)
    except DomainError as error:
        return page_of(request, session, me, by_id(session, poll_id), error)
    return go(f"/desk/polls/{poll_id}", "settled")


def _text_of_file(file: object) -> str:
    return clean(file.file.read().decode("utf-8", errors="replace")) if isinstance(file, UploadFile) else ""


def _file(key: str, made: list[str]) -> Response:
    """One link on each line, below a head, as a spreadsheet opens it."""
    lines = StringIO()
    csv.writer(lines).writerows([["link"], *([link] for link in made)])
    headers = {"Content-Disposition": f'attachment; filename="invitations-{key}.csv"', "Cache-Control": "no-store"}
    return Response(lines.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)
