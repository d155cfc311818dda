"""The private link: what its token opens, and the one page that every token which opens nothing gets."""

from dataclasses import dataclass

from fastapi import Request
from sqlalchemy import Row, text
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.public import waiting
from app.public.assets import asset
from app.storage.keys import Keys
from app.tickets import tokens
from app.web import throttle
from app.web.templates import page

# No referrer, since the address is the secret; nothing kept by caches; nothing for search engines.
PRIVATE = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}

# From the ticket that the token names to the one that holds the conversation now.
_CHAIN = text("""
    WITH RECURSIVE chain (id, round, next_id, depth) AS (
        SELECT t.id, t.token_round, t.merged_into_id, 0 FROM ticket t WHERE t.id = :id
        UNION ALL
        SELECT t.id, t.token_round, t.merged_into_id, c.depth + 1 FROM chain c JOIN ticket t ON t.id = c.next_id
        WHERE c.depth < 50
    )
    SELECT id, round FROM chain ORDER BY depth
""")


@dataclass(frozen=True, slots=True)
class Opened:
    """What a token opens: one contact's side of a ticket. `ticket_id` 0 = it is stored, and has no ticket yet.

    `chain` goes from that ticket to the one that holds the conversation now, through merges. `stale`: from before a merge, so
    that it shows nothing that a merge brought together. `contact_id` 0 = nobody known. `moved` is the token to go on with.
    """

    ticket_id: int = 0
    contact_id: int = 0
    chain: tuple[int, ...] = ()
    stale: bool = False
    moved: str = ""

    @property
    def holder_id(self) -> int:
        """The ticket that holds the conversation now."""
        return self.chain[-1] if self.chain else 0


def find(session: Session, keys: Keys, token: str) -> Opened | None:
    """What the token opens; None when it is none of ours."""
    claim = tokens.claims(token)
    if claim is None:
        row = waiting.find(session, keys, token)
        return _waits(keys, row) if row is not None else None
    if claim.purpose != "status":
        return None
    rows = session.execute(_CHAIN, {"id": claim.ticket_id}).all()
    round_ = tokens.round_of(keys, claim, rows[0].round) if rows else None
    if round_ is None:
        return None
    stale = round_ < rows[0].round or len(rows) > 1
    return Opened(claim.ticket_id, claim.contact_id, tuple(row.id for row in rows), stale)


def _waits(keys: Keys, row: Row[tuple[object, ...]]) -> Opened:
    if row.ticket_id is None:
        return Opened()
    return Opened(row.ticket_id, moved=tokens.status_token(keys, row.ticket_id, row.contact_id, 1))


def unknown(request: Request) -> Response:
    """The same page whatever is wrong with a token; guessing is counted. Raises HTTPException 429."""
    throttle.count(request, "wrong token", throttle.WRONG_TOKENS_AN_HOUR)
    return page(request, "public/unknown.html", {"asset": asset}, status=404, headers=PRIVATE)
