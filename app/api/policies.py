"""Rules: policies are drafted, checked, put in force, and then never change again.

The number of a policy is its version. At most one is in force; putting the next in force ends it.
"""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api import changes, pages
from app.api.asked import After, Limit, Number, RoutingRead, RoutingWrite, administrator
from app.assignment import policies
from app.assignment.preview import preview
from app.errors import Conflict
from app.identity import audit
from app.models import Policy as Row
from app.routing.parse import parse_policy
from app.web.etag import IfMatch
from app.web.idempotency import Made, OnceOnly
from app.web.strict import Given, Told
from app.web.transaction import Transaction

router = APIRouter(prefix="/policies", tags=["rules"])


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


_COLUMNS = select(*(getattr(Row, name) for name in Policy.model_fields))


@router.get("")
def list_policies(session: Transaction, me: RoutingRead, after: After = None, limit: Limit = 50) -> pages.Page[Policy]:
    """All policies, by version."""
    return pages.read(session, _COLUMNS, Row.id, after, limit, Policy)


@router.post("", status_code=201, response_model=Policy)
def draft_policy(body: NewPolicy, session: Transaction, me: RoutingWrite, once: OnceOnly) -> Response:
    """Save a draft; every mistake in it is named at once."""
    administrator(me)

    def make() -> Made:
        made = policies.draft(session, me, body.rules)
        return Made(_read(session, made), f"/api/v1/policies/{made}")

    return once(me, body, make)


@router.post("/preview")
def preview_policy(body: Trial, session: Transaction, me: RoutingRead) -> Previewed:
    """Try rules on the newest decisions: how many would have come out otherwise, and which. Changes nothing."""
    return Previewed.model_validate(preview(session, me, body.rules, limit=body.limit))


@router.post("/validate", status_code=204)
def validate_policy(body: NewPolicy, me: RoutingRead) -> None:
    """Name every mistake in these rules without saving them."""
    _check(body)


@router.get("/{policy}", response_model=Policy)
def read_policy(policy: Number, session: Transaction, me: RoutingRead) -> Response:
    """One policy."""
    return changes.told(_read(session, policy))


@router.put("/{policy}", response_model=Policy)
def change_policy(
    policy: Number, body: NewPolicy, session: Transaction, me: RoutingWrite, if_match: IfMatch
) -> Response:
    """Change a draft. One that has been in force is refused: stored decisions refer to it."""
    administrator(me)
    _check(body)

    def write(_values: Any) -> None:
        _still_a_draft(session, policy)
        session.execute(update(Row).where(Row.id == policy).values(rules=body.rules))
        audit.record(session, "policy.changed", by=me, on=("policy", policy))

    return changes.change(lambda lock: _read(session, policy, lock), if_match, body, write)


@router.post("/{policy}/put-in-force", response_model=Policy)
def put_in_force(policy: Number, session: Transaction, me: RoutingWrite, if_match: IfMatch) -> Response:
    """Route by this policy from now on; the one before it ends."""
    administrator(me)

    def read_one(lock: bool) -> Policy:
        return _read(session, policy, lock)

    def write(_values: Any) -> None:
        policies.put_in_force(session, me, policy)

    return changes.change(read_one, if_match, _ALL, write)


_ALL = NewPolicy(rules=[])


def _check(body: NewPolicy) -> None:
    parse_policy({"version": 1, "rules": body.rules})


def _still_a_draft(session: Session, policy: int) -> None:
    if session.scalar(select(Row.in_force_from).where(Row.id == policy)) is not None:
        raise Conflict("policy_used", "Save a new draft: this policy has been in force and stays as it was.")


def _read(session: Session, policy: int, lock: bool = False) -> Policy:
    return changes.read(session, _COLUMNS.where(Row.id == policy), Policy, "policy", lock=lock)
