"""Rules: policies are drafted, checked, put in force, and then never change again.

The number of a policy is its version. At most one is in force; putting the next in force ends it.
"""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from app.api import pages
from app.api.asked import After, Limit, Number, RoutingRead, RoutingWrite, administrator
from app.api.resource import Resource
from app.assignment import policies
from app.assignment.preview import preview
from app.models import Policy as Row
from app.web.etag import IfMatch
from app.web.idempotency import OnceOnly
from app.web.strict import Given, Told
from app.web.transaction import Transaction

router = APIRouter(prefix="/policies", tags=["rules"])
InForce = Annotated[bool | None, Query(alias="inForce", description="Only the one in force, or only the others.")]


class Policy(Told):
    """`rules` in order, as docs/routing.md describes them."""

    id: int
    rules: list[Any]
    author_id: int | None
    created_at: datetime
    in_force_from: datetime | None
    in_force_until: datetime | None


class NewPolicy(Given):
    """A draft of the rules."""

    rules: Annotated[list[dict[str, Any]], Field(max_length=1000)]


class Trial(NewPolicy):
    """Rules, and on how many of the newest decisions to try them."""

    limit: Annotated[int, Field(strict=True, ge=1, le=2000)] = 500


class Difference(Told):
    """A ticket that would have gone another way. The agent is told where the team is the same."""

    decision_id: int
    ticket_id: int
    before: dict[str, Any]
    after: dict[str, Any]


class Previewed(Told):
    """`lookedAt` decisions, of which `different` would come out otherwise; `samples` are the newest of those."""

    looked_at: int
    different: int
    samples: list[Difference]


_policies = Resource(Row, Policy, "policy", "policies")


@router.get("")
def list_policies(
    session: Transaction, me: RoutingRead, in_force: InForce = None, after: After = None, limit: Limit = 50
) -> pages.Page[Policy]:
    """All policies, by version; with `inForce` the one that is, or those that are not."""
    is_in_force = Row.in_force_from.is_not(None) & Row.in_force_until.is_(None)
    asked = [] if in_force is None else [is_in_force if in_force else ~is_in_force]
    return _policies.page(session, after, limit, *asked)


@router.post("", status_code=201, response_model=Policy)
def draft_policy(body: NewPolicy, session: Transaction, me: RoutingWrite, once: OnceOnly) -> Response:
    """Save a draft; every mistake in it is named at once."""
    administrator(me)
    return once(me, body, lambda: _policies.made(session, policies.draft(session, me, body.rules)))


@router.post("/preview")
def preview_policy(body: Trial, session: Transaction, me: RoutingRead) -> Previewed:
    """Try rules on the newest decisions: how many would have come out otherwise, and which. Changes nothing."""
    return Previewed.model_validate(preview(session, me, body.rules, limit=body.limit))


@router.post("/validate", status_code=204)
def validate_policy(body: NewPolicy, me: RoutingRead) -> None:
    """Name every mistake in these rules without saving them."""
    policies.check(body.rules)


@router.get("/{policy}", response_model=Policy)
def read_policy(policy: Number, session: Transaction, me: RoutingRead) -> Response:
    """One policy."""
    return _policies.told(session, policy)


@router.put("/{policy}", response_model=Policy)
def change_policy(
    policy: Number, body: NewPolicy, session: Transaction, me: RoutingWrite, if_match: IfMatch
) -> Response:
    """Replace the rules of a draft. One that has been in force is refused: stored decisions refer to it."""
    administrator(me)
    _policies.held(session, policy, if_match)
    policies.redraft(session, me, policy, body.rules)
    return _policies.told(session, policy)


@router.post("/{policy}/put-in-force", response_model=Policy)
def put_in_force(policy: Number, session: Transaction, me: RoutingWrite, if_match: IfMatch) -> Response:
    """Route by this policy from now on; the one before it ends."""
    administrator(me)
    _policies.held(session, policy, if_match)
    policies.put_in_force(session, me, policy)
    return _policies.told(session, policy)


@router.post("/{policy}/restore", status_code=201, response_model=Policy)
def restore_policy(policy: Number, session: Transaction, me: RoutingWrite, once: OnceOnly) -> Response:
    """Go back to the rules of an earlier policy, at once: they come in force as a new version, which this gives."""
    administrator(me)
    return once(me, None, lambda: _policies.made(session, policies.restore(session, me, policy)))
