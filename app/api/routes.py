"""The API's routers under /api/v1, and the two health addresses. `app/main.py` includes both."""

from fastapi import Depends

from app.api import (
    access_tokens,
    accounts,
    agents,
    campaigns,
    contacts,
    conversation,
    decisions,
    described,
    drafts,
    entered,
    events,
    health,
    ledger,
    mandates,
    messages,
    organisations,
    policies,
    poll_mailings,
    polls,
    raw_items,
    reactions,
    searches,
    site_pages,
    sites,
    teams,
    templates,
    themes,
    tickets,
    verbs,
)
from app.api.asked import json_only
from app.web.under import Under

_WRONG = {
    400: "What was sent breaks a rule; all errors are told at once.",
    401: "No token, or one that is unknown, expired or revoked.",
    403: "The token lacks the scope, or its agent the right.",
    404: "It does not exist, or the token's agent may not see it.",
    409: "It is in another state than this needs.",
    412: "It changed since the version in If-Match.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    428: "If-Match is needed.",
    429: "Too much of this came from your address; Retry-After says when to try again.",
    503: "The database is away; Retry-After says when to try again.",
}

router = Under(
    described.BASE,
    prefix=described.BASE,
    dependencies=[Depends(json_only)],
    responses=described.problems(_WRONG),
)
for part in (
    searches,
    tickets,
    entered,
    verbs,
    conversation,
    drafts,
    messages,
    reactions,
    contacts,
    teams,
    agents,
    mandates,
    campaigns,
    organisations,
    themes,
    policies,
    decisions,
    polls,
    poll_mailings,
    accounts,
    raw_items,
    ledger,
    sites,
    site_pages,
    templates,
    access_tokens,
    events,
):
    router.include_router(part.router)
router.include_router(accounts.kinds)
router.include_router(described.router)

# Files do not come as JSON.
uploads = Under(described.BASE, prefix=described.BASE, responses=router.responses)
uploads.include_router(drafts.uploads)
uploads.include_router(entered.uploads)

routers = (router, uploads, health.router)
