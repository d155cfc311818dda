"""How often one address may do something in an hour, counted without storing the address.

Generous on purpose: a town hall or a school reacts from one address. Whoever is over the limit is told when to come back and
keeps what they wrote.
"""

import ipaddress
from datetime import timedelta

from fastapi import Request
from sqlalchemy import extract, func
from sqlalchemy.dialects.postgresql import insert
from starlette.exceptions import HTTPException

from app import log
from app.models import Throttle
from app.web.i18n import _
from app.web.state import state_of

COMMENTS_AN_HOUR = 120
WRONG_TOKENS_AN_HOUR = 60

_HOUR = func.date_trunc("hour", func.now())
_LEFT = extract("epoch", _HOUR + timedelta(hours=1) - func.now())


def count(request: Request, what: str, most: int) -> None:
    """Count one more of `what` for the sender's address, in a transaction of its own.

    Raises HTTPException 429 with the seconds until the hour is over, by the database's clock, when there were `most`.
    """
    state = state_of(request)
    one = insert(Throttle).values(key=key_of(request, what), hour=_HOUR, count=1)
    one = one.on_conflict_do_update(index_elements=["key", "hour"], set_={"count": Throttle.count + 1})
    with state.database.unit_of_work() as session:
        counted, left = session.execute(one.returning(Throttle.count, _LEFT)).one()
    if counted > most:
        log.trouble("request.throttled", what=what)
        raise HTTPException(
            429, _("Too much came from your address. Try again later."), {"Retry-After": str(int(left) + 1)}
        )


def key_of(request: Request, what: str) -> str:
    """A keyed hash of what is counted and for whom; an IPv6 user has a whole /64."""
    return state_of(request).keys.sign("throttle", f"{what}:{_network(request.client.host if request.client else '')}")


def _network(address: str) -> str:
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address):
        return str(known.ipv4_mapped or ipaddress.ip_network((known, 64), strict=False))
    return str(known)
