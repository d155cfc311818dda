"""Invitations by mail: one mail with one link to each address, sent once. The addresses are kept apart from the votes.

No row tells which invitation went to whom: the link is sealed until it was sent and then forgotten, and the invitations are
made in another order than the mails. The addresses go thirty days after the closing.
"""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.accounts import mailboxes
from app.delivery import mailing
from app.errors import Conflict, Fault, Invalid
from app.identity import audit
from app.identity.principal import Principal
from app.models import Mailing
from app.polls import invite
from app.polls.doubted_mail import repeat
from app.polls.make import may_run
from app.polls.poll import PollState, View, by_id
from app.storage.keys import Keys
from app.vocabulary import DeliveryState, Language

NONE = "Paste at least one mail address."
MAILBOX = "Choose the mailbox that sends the invitations."
DRAFT = "Publish the poll first: until then the links lead nowhere."
_BETWEEN = re.compile(r"[\s<>()\[\],;:\"'|\\]+")
_ADDRESS = re.compile(r"[^@]+@[^@.]+(?:\.[^@.]+)+")
LONGEST = 254
_STOPPED = (DeliveryState.REFUSED, DeliveryState.UNCERTAIN)
_UNDER_WAY = (DeliveryState.WAITING, DeliveryState.FAILED, DeliveryState.CLAIMED, DeliveryState.BEGUN)
SHOWN = 100
TITLES = {Language.DUTCH: "Uitnodiging: {title}", Language.ENGLISH: "Invitation: {title}"}
TEXTS = {
    Language.DUTCH: (
        "{words}\n\nMet deze link kunt u één keer stemmen:\n{link}\n\nDe link is alleen voor u bestemd: wie hem heeft, kan er "
        "mee stemmen. Aan een stem is niet te zien door welke link zij kwam.\n\n{organisation}\n"
    ),
    Language.ENGLISH: (
        "{words}\n\nWith this link you can vote once:\n{link}\n\nIt is for you alone: whoever has it can vote with it. Nobody "
        "can tell from a vote which link it came by.\n\n{organisation}\n"
    ),
}


class Letter(NamedTuple):
    """What a mail says. `words` stand above the link; without them the poll's own introduction does."""

    language: Language
    words: str
    account_id: int
    base_url: str


class Invited(NamedTuple):
    """How many are written to now, and how many had been before."""

    new: int
    known: int


@dataclass(frozen=True, slots=True)
class Mailed:
    """Where the mails of a poll stand. `trouble` is (id, address, state, problem) of those that did not arrive, the uncertain and
    the newest first.
    """

    sent: int
    under_way: int
    stopped: int
    trouble: Sequence[Any]


def addresses(said: str) -> list[str]:
    """The mail addresses in a pasted list or a table (CSV): each once, in small letters, in their order."""
    found = (part.strip(".").lower() for part in _BETWEEN.split(said) if len(part) <= LONGEST)
    return list(dict.fromkeys(address for address in found if _ADDRESS.fullmatch(address)))


def send(
    session: Session, keys: Keys, principal: Principal, poll_id: int, to: Sequence[str], letter: Letter
) -> Invited:
    """Write to everybody who was not written to before, and again to whom it certainly or perhaps did not reach.

    Raises `Forbidden`, `NotFound`, `Conflict` unless the poll is open, `Invalid` for no address, too many, or no mailbox.
    """
    may_run(principal)
    poll = by_id(session, poll_id, lock=True)
    if poll.state is not PollState.OPEN:
        raise Conflict(*(("closed", invite.CLOSED) if poll.state is PollState.CLOSED else ("draft", DRAFT)))
    _check(session, to, letter)
    again, fresh = _sorted(session, poll_id, to)
    repeat(session, again)
    tokens = invite.make(session, principal, poll_id, len(fresh)) if fresh else []
    random.shuffle(tokens)
    base = f"{letter.base_url}/polls/{poll.key}/i/"
    texts = [_text(poll, letter, base + token) for token in tokens]
    mailing.post(
        session, keys, poll_id=poll_id, account_id=letter.account_id, language=letter.language.value,
        title=TITLES[letter.language].format(title=poll.title(letter.language)), mails=zip(fresh, texts, strict=True),
    )  # fmt: skip
    written = len(fresh) + len(again)
    audit.record(session, "poll.invited_by_mail", by=principal, on=("poll", poll_id), count=written)
    return Invited(written, len(to) - written)


def mailed(session: Session, poll_id: int) -> Mailed:
    """Where the mails of a poll stand."""
    counted = select(Mailing.state, func.count()).where(Mailing.poll_id == poll_id).group_by(Mailing.state)
    states: Mapping[DeliveryState, int] = {row[0]: row[1] for row in session.execute(counted)}
    columns = (Mailing.id, Mailing.address, Mailing.state, Mailing.problem)
    doubted_first = ((Mailing.state == DeliveryState.UNCERTAIN).desc(), Mailing.id.desc())
    stopped = select(*columns).where(Mailing.poll_id == poll_id, Mailing.state.in_(_STOPPED)).order_by(*doubted_first)
    return Mailed(
        sent=states.get(DeliveryState.SENT, 0),
        under_way=sum(states.get(state, 0) for state in _UNDER_WAY),
        stopped=sum(states.get(state, 0) for state in _STOPPED),
        trouble=session.execute(stopped.limit(SHOWN)).all(),
    )


def _check(session: Session, to: Sequence[str], letter: Letter) -> None:
    if not to:
        raise Invalid("addresses", NONE, [Fault("addresses", "none", NONE)])
    if len(to) > invite.MOST_AT_ONCE:
        raise Invalid("addresses", invite.HOW_MANY, [Fault("addresses", "range", invite.HOW_MANY)])
    if not letter.account_id:
        raise Invalid("mailbox", MAILBOX, [Fault("account", "mailbox", MAILBOX)])
    mailboxes.must_be_one(session, letter.account_id)


def _sorted(session: Session, poll_id: int, to: Sequence[str]) -> tuple[list[int], list[str]]:
    """The mails that are sent again as they are, and who gets a new one: those never written to, and whose mail came back."""
    asked = select(Mailing.id, Mailing.address, Mailing.state, func.length(Mailing.sealed) == 0).where(
        Mailing.poll_id == poll_id, Mailing.address.in_(to)
    )
    known = {row.address: row for row in session.execute(asked.with_for_update())}
    stopped = [row for row in known.values() if row.state in _STOPPED]
    back = [row for row in stopped if row[3]]
    session.execute(delete(Mailing).where(Mailing.id.in_([row.id for row in back])))
    again = {row.address for row in back}
    return [row.id for row in stopped if not row[3]], [one for one in to if one not in known or one in again]


def _text(poll: View, letter: Letter, link: str) -> str:
    words = letter.words.strip() or poll.intro(letter.language) or poll.title(letter.language)
    return TEXTS[letter.language].format(
        words=words, link=f"{link}?lang={letter.language}", organisation=poll.organisation
    )
