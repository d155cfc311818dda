"""The rules in force: read, drafted, checked and put in force. A version that has been in force never changes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.errors import Conflict, NotFound
from app.identity.principal import Principal
from app.models import Audit, Policy
from app.routing.parse import parse_policy
from app.routing.policy import Policy as PolicyFacts

IN_FORCE = (Policy.in_force_from.is_not(None), Policy.in_force_until.is_(None))
_IN_FORCE = select(Policy.id).where(*IN_FORCE)


def current(session: Session) -> PolicyFacts:
    """The policy in force; the first one, made with the tables, has no rules."""
    row = session.execute(select(Policy.id, Policy.rules).where(*IN_FORCE)).one()
    return _parsed(row.id, row.rules)


class Policies:
    """The policy in force, parsed once per version: a version never changes once it has been in force."""

    def __init__(self) -> None:
        self._known: PolicyFacts | None = None

    def current(self, session: Session) -> PolicyFacts:
        """As the function of the same name, with one small read when nothing changed."""
        number = session.scalar(_IN_FORCE)
        if self._known is None or self._known.version != number:
            self._known = current(session)
        return self._known


def version(session: Session, policy_id: int) -> PolicyFacts:
    """An earlier or drafted version; raises `NotFound`."""
    rules = session.scalar(select(Policy.rules).where(Policy.id == policy_id))
    if rules is None:
        raise NotFound("policy", "There is no such version of the rules.")
    return _parsed(policy_id, rules)


def draft(session: Session, principal: Principal, rules: Sequence[Any]) -> int:
    """Keep rules as a new version that is not in force. Raises `Invalid` with everything that is wrong with them."""
    check(rules)
    made = insert(Policy).values(rules=list(rules), author_id=principal.agent_id).returning(Policy.id)
    policy_id: int = session.execute(made).scalar_one()
    _audit(session, principal, "policy.drafted", policy_id)
    return policy_id


def redraft(session: Session, principal: Principal, policy_id: int, rules: Sequence[Any]) -> None:
    """Replace the rules of a draft. Raises as `draft`, and `Conflict` when it has been in force: decisions refer to it."""
    check(rules)
    draft_only = update(Policy).where(Policy.id == policy_id, Policy.in_force_from.is_(None))
    if session.execute(draft_only.values(rules=list(rules)).returning(Policy.id)).first() is None:
        raise Conflict("policy_used", "Save a new draft: this policy has been in force and stays as it was.")
    _audit(session, principal, "policy.changed", policy_id)


def check(rules: Sequence[Any]) -> None:
    """Raise `Invalid` with everything that is wrong with these rules."""
    parse_policy({"version": 1, "rules": list(rules)})


def restore(session: Session, principal: Principal, policy_id: int) -> int:
    """Put the rules of an earlier version in force again, as a new version, which is given. Raises `NotFound`, or `Conflict`
    when it was never in force: then there is nothing to go back to.
    """
    row = session.execute(select(Policy.rules, Policy.in_force_from).where(Policy.id == policy_id)).one_or_none()
    if row is None:
        raise NotFound("policy", "There is no such version of the rules.")
    if row.in_force_from is None:
        raise Conflict("policy_draft", "This version was never in force: put it in force instead.")
    made = draft(session, principal, row.rules)
    put_in_force(session, principal, made)
    return made


def put_in_force(session: Session, principal: Principal, policy_id: int) -> None:
    """From now on tickets are routed by this version. Raises `NotFound`, or `Conflict` when it has been in force before."""
    row = session.execute(select(Policy.in_force_from).where(Policy.id == policy_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("policy", "There is no such version of the rules.")
    if row.in_force_from is not None:
        raise Conflict("policy_used", "This version has been in force already: save its rules as a new version.")
    session.execute(update(Policy).where(*IN_FORCE).values(in_force_until=func.now()))
    session.execute(update(Policy).where(Policy.id == policy_id).values(in_force_from=func.now()))
    _audit(session, principal, "policy.in_force", policy_id)


def _parsed(policy_id: int, rules: Sequence[Any]) -> PolicyFacts:
    return parse_policy({"version": policy_id, "rules": list(rules)})


def _audit(session: Session, principal: Principal, action: str, policy_id: int) -> None:
    values = {"agent_id": principal.agent_id, "token_id": principal.token_id, "action": action}
    session.execute(insert(Audit).values(**values, object="policy", object_id=policy_id, data={}))
