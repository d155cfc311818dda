"""A site's own server, known by an API token that is bound to that very site."""

from fastapi import Request

from app.errors import Forbidden
from app.identity import tokens
from app.public.sites import Place
from app.vocabulary import Scope
from app.web.i18n import _
from app.web.principal import refused
from app.web.state import state_of


def of(request: Request, place: Place) -> str:
    """`site:ID` for the site's server; empty for the open web, where no token came along.

    Raises `SignInNeeded` (401, counted) for a token that is none of ours, and `Forbidden` (403) for one of another site or right.
    """
    given = request.headers.get("authorization")
    if given is None:
        return ""
    scheme, _space, token = given.partition(" ")
    state = state_of(request)
    with state.database.unit_of_work() as session:
        known = tokens.find(session, token.strip()) if scheme.lower() == "bearer" else None
        if known is not None and known.due and known.principal.token_id is not None:
            tokens.touch(session, known.principal.token_id)
    if known is None:
        raise refused(request)
    known.principal.requires(Scope.REACTIONS_CREATE)
    if known.principal.site_id != place.id:
        raise Forbidden("site", _("This token belongs to another site. Use the one that was made for this site."))
    return f"site:{place.id}"
