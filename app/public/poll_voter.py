"""Who votes: whoever holds an invitation, or a browser that is told apart by a cookie of this poll alone.

The cookie proves nothing and is not meant to: it keeps an honest person from counting twice by accident. In a frame on another
website it is partitioned (CHIPS), as browsers ask of such cookies; a browser that keeps none gets a vote per form.
"""

import re
import secrets
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.channels.contract import Channel
from app.errors import Forbidden, NotFound
from app.polls import invite
from app.polls.poll import View
from app.public.opened import opened
from app.web.i18n import _
from app.web.state import state_of

COOKIE = "weerklank_poll"
A_YEAR = 31_536_000
_ID = re.compile(r"[0-9a-f]{32}")
INVITATION, BROWSER = "invitation:", "browser:"


@runtime_checkable
class TakesVotes(Protocol):
    """A channel whose items are ballots of our own page."""

    def voter(self, poll_key: str, caller: str) -> str:
        """Who may vote once in this poll, as votes name them."""
        ...


@dataclass(frozen=True, slots=True)
class Caller:
    """`said` is what the channel hears. `fresh` is a browser's new id, to be kept by it."""

    said: str
    fresh: str = ""

    @property
    def invited(self) -> bool:
        """Whether they hold an invitation."""
        return self.said.startswith(INVITATION)


def find(request: Request, session: Session, poll: View, invitation: str, form_id: str = "") -> Caller:
    """Who is voting. `form_id` stands in for the id of a browser that keeps no cookies.

    Raises `NotFound` for an invitation that is none of this poll's.
    """
    if invitation:
        if not invite.known(session, poll.id, invitation):
            raise NotFound("invitation", _("This invitation does not belong to this poll. Check the whole address."))
        return Caller(INVITATION + invitation)
    kept = request.cookies.get(COOKIE, "")
    if _ID.fullmatch(kept):
        return Caller(BROWSER + kept)
    if form_id:
        return Caller(f"{BROWSER}form:{form_id}")
    fresh = secrets.token_hex(16)
    return Caller(BROWSER + fresh, fresh)


def remember(request: Request, response: Response, poll: View, caller: Caller) -> None:
    """Have the browser keep its id, for this poll's pages only."""
    if caller.fresh:
        where = "SameSite=None; Secure; Partitioned" if state_of(request).settings.secure else "SameSite=Lax"
        content = f"{COOKIE}={caller.fresh}; Path=/polls/{poll.key}; Max-Age={A_YEAR}; HttpOnly; {where}"
        response.headers.append("Set-Cookie", content)


def by_our_page(request: Request) -> None:
    """Raise `Forbidden` for a ballot that a page of another website had a browser send."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    elsewhere = origin is not None and origin not in (own, state_of(request).settings.base_url)
    if site not in ("same-origin", "none") if site is not None else elsewhere:
        raise Forbidden("cross_site", _("Open the poll itself and vote there."))


def channel_of(request: Request, poll: View) -> tuple[Channel, TakesVotes]:
    """The poll's channel, as a channel and as what names voters. Raises `NotFound` for one that takes no votes, and as
    `opened` does.
    """
    state = state_of(request)
    channel = opened(state, state.accounts.row(poll.account_id))
    if not isinstance(channel, TakesVotes):
        raise NotFound("poll", _("There is no such poll. Check its address."))
    return channel, channel
