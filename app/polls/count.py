"""Counting: what was chosen, twice: over all votes, and without those that were set apart. One statement each, in the database.

Written answers are counted as answers, never shown: they are tickets.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import BigInteger, Text, bindparam, text
from sqlalchemy.orm import Session

from app.polls.poll import View
from app.polls.result import Both, Result, result

_VOTES = text("""
    SELECT apart, invited, count(*) AS votes FROM vote
    WHERE account_id = :account_id AND poll_key = :poll_key GROUP BY apart, invited
""").bindparams(bindparam("account_id", type_=BigInteger), bindparam("poll_key", type_=Text))
# `chosen` is empty where nothing was chosen; an option chosen twice in one vote counts once.
_CHOSEN = text("""
    SELECT c.key AS question, o.value AS option, count(*) AS votes, count(*) FILTER (WHERE v.apart = '') AS counted
    FROM vote v CROSS JOIN LATERAL jsonb_each(v.choices) c
    CROSS JOIN LATERAL (SELECT DISTINCT value FROM jsonb_array_elements_text(c.value)) o
    WHERE v.account_id = :account_id AND v.poll_key = :poll_key AND c.key = ANY(:closed)
    GROUP BY c.key, o.value
""").bindparams(bindparam("account_id", type_=BigInteger), bindparam("poll_key", type_=Text))
_ANSWERED = text("""
    SELECT c.key AS question, count(*) AS votes, count(*) FILTER (WHERE v.apart = '') AS counted
    FROM vote v CROSS JOIN LATERAL jsonb_each(v.choices) c
    WHERE v.account_id = :account_id AND v.poll_key = :poll_key AND jsonb_array_length(c.value) > 0
    GROUP BY c.key
""").bindparams(bindparam("account_id", type_=BigInteger), bindparam("poll_key", type_=Text))


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted. `chosen` by question and option, `answered` by question, `apart` by reason."""

    votes: Both
    invited: int = 0
    apart: Mapping[str, int] = field(default_factory=dict)
    chosen: Mapping[tuple[str, str], Both] = field(default_factory=dict)
    answered: Mapping[str, Both] = field(default_factory=dict)


def tally(session: Session, account_id: int, poll_key: str, closed: list[str]) -> Tally:
    """Every vote of a poll; `closed` are the questions with options."""
    asked = {"account_id": account_id, "poll_key": poll_key}
    rows = session.execute(_VOTES, asked).all()
    apart: dict[str, int] = {}
    for row in rows:
        if row.apart:
            apart[row.apart] = apart.get(row.apart, 0) + row.votes
    every = sum(row.votes for row in rows)
    return Tally(
        votes=Both(every, every - sum(apart.values())),
        invited=sum(row.votes for row in rows if row.invited and not row.apart),
        apart=dict(sorted(apart.items())),
        chosen={
            (row.question, row.option): Both(row.votes, row.counted)
            for row in session.execute(_CHOSEN, {**asked, "closed": closed})
        },
        answered={row.question: Both(row.votes, row.counted) for row in session.execute(_ANSWERED, asked)},
    )


def counted(session: Session, poll: View) -> Result:
    """The result of a poll as it stands. Who may see it is the caller's business: `make.sees_counts`."""
    found = tally(session, poll.account_id, poll.key, [one.key for one in poll.asked if not one.open])
    return result(poll.asked, found.votes, found.invited, found.apart, found.chosen, found.answered)


def voted(session: Session, poll: View, voter: str) -> bool:
    """Whether this voter's vote is there and counts."""
    statement = text("""
        SELECT 1 FROM vote
        WHERE account_id = :account_id AND poll_key = :poll_key AND voter = :voter AND voter <> '' AND apart = ''
    """)
    asked = {"account_id": poll.account_id, "poll_key": poll.key, "voter": voter}
    return session.execute(statement, asked).scalar_one_or_none() is not None
