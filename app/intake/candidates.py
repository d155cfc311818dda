"""Which tickets a reaction may belong to, with the facts that `thread.join` decides on: one statement, or none."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, BigInteger, Boolean, Row, Text, bindparam, text
from sqlalchemy.orm import Session

from app.channels.contract import Reaction
from app.intake.thread import Candidate, Link, Signature
from app.storage.keys import Keys
from app.tickets import reference, tokens
from app.tickets.destination import destination
from app.tickets.tokens import Claim

MOST_NUMBERS = 3
MOST_TOKENS = 10
MOST_IDS = 60

# `chain` follows merges to the ticket that holds the conversation now.
_FIND = text("""
    WITH RECURSIVE found (link, name, ticket_id) AS (
        SELECT 'message_id', m.external_id, m.ticket_id FROM message m
        WHERE m.external_id = ANY(:ids) AND m.external_id <> '' AND (:anywhere OR m.account_id = :account_id)
        UNION
        SELECT 'message_id', d.external_id, d.ticket_id FROM delivery d
        WHERE d.external_id = ANY(:ids) AND (:anywhere OR d.account_id = :account_id)
        UNION
        SELECT 'message_id', d.key, d.ticket_id FROM delivery d WHERE d.key = ANY(:keys)
        UNION
        SELECT 'ticket', t.id::text, t.id FROM ticket t WHERE t.id = ANY(:ticket_ids)
        UNION
        SELECT 'answered_by', '', m.ticket_id FROM message m
        WHERE m.ticket_id IN (SELECT id FROM ticket WHERE contact_id = :contact_id ORDER BY id DESC LIMIT 10)
            AND m."references" @> to_jsonb(CAST(:external_id AS text))
    ), chain (link, name, first_id, first_round, ticket_id, next_id, depth) AS (
        SELECT f.link, f.name, t.id, t.token_round, t.id, t.merged_into_id, 0 FROM found f JOIN ticket t ON t.id = f.ticket_id
        UNION ALL
        SELECT c.link, c.name, c.first_id, c.first_round, t.id, t.merged_into_id, c.depth + 1
        FROM chain c JOIN ticket t ON t.id = c.next_id WHERE c.depth < 50
    )
    SELECT c.link, c.name, c.first_id, c.first_round, c.depth, t.id AS ticket_id, t.spam,
        coalesce(t.contact_id = :contact_id, false) OR EXISTS (
            SELECT 1 FROM ticket_participant p WHERE p.ticket_id = t.id AND p.contact_id = :contact_id) AS participant
    FROM chain c JOIN ticket t ON t.id = c.ticket_id WHERE c.next_id IS NULL
    -- One id may name several tickets (an SMS conversation): the newest is read last, and counts.
    ORDER BY t.id
""").bindparams(
    bindparam("ids", type_=ARRAY(Text)),
    bindparam("keys", type_=ARRAY(Text)),
    bindparam("ticket_ids", type_=ARRAY(BigInteger)),
    bindparam("anywhere", type_=Boolean),
    bindparam("account_id", type_=BigInteger),
    bindparam("contact_id", type_=BigInteger),
    bindparam("external_id", type_=Text),
)


class Named(NamedTuple):
    """What the reaction itself names, nearest first."""

    ids: Sequence[str]
    keys: Sequence[str]
    claims: Sequence[Claim]
    numbers: Sequence[int]

    @property
    def anything(self) -> bool:
        """Whether it names anything at all."""
        return bool(self.ids or self.keys or self.claims or self.numbers)


def named(reaction: Reaction) -> Named:
    """The ids, tokens and numbers in a reaction. Pure."""
    given = [(token, tokens.claims(token)) for token in reaction.tokens]
    ids = (reaction.parent_id, *reaction.references) if reaction.parent_id else reaction.references
    return Named(
        ids=tuple(dict.fromkeys(i for i in ids if i))[:MOST_IDS],
        keys=tuple(token for token, claim in given if claim is None),
        claims=tuple(dict.fromkeys(claim for _, claim in given if claim is not None))[:MOST_TOKENS],
        numbers=reference.find(reaction.title)[:MOST_NUMBERS] if reaction.title else (),
    )


def find(
    session: Session, keys: Keys, account_id: int, reaction: Reaction, contact_id: int | None
) -> Sequence[Candidate]:
    """The tickets that the reaction may belong to, strongest link first. `contact_id`: the author, when known already."""
    given = named(reaction)
    if not given.anything and contact_id is None:
        return ()
    values = {
        "ids": list(given.ids),
        "keys": list(given.keys),
        "ticket_ids": [c.ticket_id for c in given.claims] + list(given.numbers),
        "anywhere": reaction.shared,
        "account_id": account_id,
        "contact_id": contact_id,
        "external_id": reaction.external_id or None,
    }
    rows = session.execute(_FIND, values).all()
    return [_at_home(session, found) for found in _ordered(keys, given, rows, contact_id)]


def _at_home(session: Session, found: Candidate) -> Candidate:
    """Who was answered while two tickets were one, and the merge was undone, belongs with their own ticket again."""
    if found.signature is not Signature.STALE or not found.issued_to:
        return found
    return replace(found, ticket_id=destination(session, found.ticket_id, found.issued_to) or found.ticket_id)


def _ordered(keys: Keys, given: Named, rows: Sequence[Row[Any]], contact_id: int | None) -> list[Candidate]:
    tickets = {int(row.first_id): row for row in rows if row.link == "ticket"}
    by_name = {row.name: row for row in rows if row.link == Link.MESSAGE_ID}
    answered = [row for row in rows if row.link == Link.ANSWERED_BY]
    return [
        *(_claimed(keys, claim, tickets, contact_id) for claim in given.claims),
        *(_of(Link.MESSAGE_ID, by_name[name]) for name in (*given.keys, *given.ids) if name in by_name),
        *(_of(Link.ANSWERED_BY, row) for row in answered),
        *(_of(Link.NUMBER, tickets[number]) for number in given.numbers if number in tickets),
    ]


def _of(link: Link, row: Row[Any]) -> Candidate:
    return Candidate(row.ticket_id, link, participant=row.participant, spam=row.spam)


def _claimed(keys: Keys, claim: Claim, tickets: Mapping[int, Row[Any]], contact_id: int | None) -> Candidate:
    link = Link.STATUS_TOKEN if claim.purpose == "status" else Link.REPLY_TOKEN
    row = tickets.get(claim.ticket_id)
    if row is None:
        return Candidate(claim.ticket_id, link, Signature.GONE)
    round_ = tokens.round_of(keys, claim, row.first_round)
    if round_ is None:
        return Candidate(row.ticket_id, link, Signature.FORGED)
    stale = round_ < row.first_round or row.depth > 0
    return Candidate(
        row.ticket_id,
        link,
        Signature.STALE if stale else Signature.VALID,
        issued_to=claim.contact_id,
        issued_to_author=contact_id is not None and claim.contact_id == contact_id,
        participant=row.participant,
        spam=row.spam,
    )
