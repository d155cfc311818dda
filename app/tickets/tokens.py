"""Signed tokens that say, without a look in the database, which ticket they are for and to whom they were given.

A *reply token* stands in the address that our answer asks to be answered to; it lets that person's mail join the ticket and
reads nothing. A *status token* stands in the private link; it shows that person's own side of the ticket. Both are
`r-<ticket>-<contact>-<signature>` in [a-z0-9-], at most 60 characters, and survive a mail system that loses capitals.

Rounds: a merge raises the ticket's `token_round`, which is signed along. What an older round still does is a matter of
whose messages are now in the ticket. The person a token was given to keeps using it (a citizen answers an old mail, or has
the link in a bookmark): their mail joins, their own messages are shown. But only a token of the *current* round may be used
by another participant, or show what a merge brought in. So `round_of` tells in which round a token was made, and `valid`
asks for exactly one. Why not refuse older rounds outright: the citizen did nothing wrong, and a mail that opens a second
ticket after every merge is what merging was to prevent.
"""

import re
from dataclasses import dataclass
from typing import Literal

from app.storage.keys import Keys

Purpose = Literal["reply", "status"]

_MARKS: dict[str, Purpose] = {"r": "reply", "s": "status"}
_TOKEN = re.compile(r"([rs])-([0-9a-z]{1,13})-([0-9a-z]{1,13})-([a-z2-7]{26})")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Claim:
    """What a token says of itself. Nothing of it is true before `valid` or `round_of`. `contact_id` 0 = nobody known."""

    purpose: Purpose
    ticket_id: int
    contact_id: int
    signature: str


def reply_token(keys: Keys, ticket_id: int, contact_id: int | None, round_: int) -> str:
    """The token for the Reply-To of an answer to this contact."""
    return _token(keys, "r", ticket_id, contact_id or 0, round_)


def status_token(keys: Keys, ticket_id: int, contact_id: int | None, round_: int) -> str:
    """The token for the private status link of this contact."""
    return _token(keys, "s", ticket_id, contact_id or 0, round_)


def claims(token: str) -> Claim | None:
    """What a string claims if it has the form of a token; capitals count as small letters. Pure."""
    match = _TOKEN.fullmatch(token.strip().lower())
    if match is None:
        return None
    ticket_id, contact_id = int(match[2], 36), int(match[3], 36)
    if not 0 < ticket_id <= _LARGEST or contact_id > _LARGEST:
        return None
    return Claim(_MARKS[match[1]], ticket_id, contact_id, match[4])


def valid(keys: Keys, claim: Claim, round_: int) -> bool:
    """Whether we made this token in this round, in constant time."""
    return keys.verify(f"{claim.purpose} token", _signed(claim.ticket_id, claim.contact_id, round_), claim.signature)


def round_of(keys: Keys, claim: Claim, current: int) -> int | None:
    """The round in which we made this token, at most the ticket's `current` one; None when we never did."""
    return next((round_ for round_ in range(current, 0, -1) if valid(keys, claim, round_)), None)


def _token(keys: Keys, mark: str, ticket_id: int, contact_id: int, round_: int) -> str:
    signature = keys.sign(f"{_MARKS[mark]} token", _signed(ticket_id, contact_id, round_))
    return f"{mark}-{_base36(ticket_id)}-{_base36(contact_id)}-{signature}"


def _signed(ticket_id: int, contact_id: int, round_: int) -> str:
    return f"{ticket_id}:{contact_id}:{round_}"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
