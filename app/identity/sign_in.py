"""Signing in with e-mail and password: throttled per account and per address, and telling nobody which accounts exist.

The attempt is counted *before* the password is looked at, in a transaction of its own, so that guesses made at the same
moment count too; no transaction is open while argon2 works. An unknown account costs the same time and gets the same
answer as a wrong password.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.orm import Session

from app import log
from app.identity import audit, sessions
from app.identity.passwords import Passwords
from app.models import Agent, SignInAttempt
from app.storage.database import Database
from app.storage.keys import Keys

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10
PER_ADDRESS = 50

_AGENT = select(Agent.id, Agent.password_hash).where(Agent.email == bindparam("email"), Agent.active)
_COUNT = (
    select(func.count())
    .select_from(SignInAttempt)
    .where(SignInAttempt.key == bindparam("key"), SignInAttempt.created_at > func.now() - WINDOW)
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`token` is the value of the session's cookie."""

    agent_id: int
    token: str


@dataclass(frozen=True, slots=True)
class Refused:
    """`retry_after` (seconds) is set when there were too many attempts; the right password is refused then too."""

    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody typed, and from where."""

    email: str
    password: str
    remote: str


def sign_in(database: Database, keys: Keys, passwords: Passwords, attempt: Attempt, hours: int) -> SignedIn | Refused:
    """Try it. A session that is made ends after `hours` at most."""
    email = attempt.email.strip().lower()
    account, address = keys.sign("sign-in account", email), keys.sign("sign-in address", attempt.remote)
    with database.unit_of_work() as session:
        if not _counted(session, account, PER_ACCOUNT) or not _counted(session, address, PER_ADDRESS):
            log.trouble("sign_in.throttled", account=log.shortened(email))
            return Refused(retry_after=int(WINDOW.total_seconds()))
        agent = session.execute(_AGENT, {"email": email}).first()
    if not passwords.matches(attempt.password, agent.password_hash if agent else None) or agent is None:
        return _refused(database, agent.id if agent else None)
    with database.unit_of_work() as session:
        session.execute(delete(SignInAttempt).where(SignInAttempt.key == account))
        audit.record(session, "sign_in.succeeded", agent_id=agent.id, on=("agent", agent.id))
        return SignedIn(agent.id, sessions.start(session, agent.id, hours))


def prune(session: Session) -> None:
    """Remove attempts that no longer count."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.created_at < func.now() - 2 * WINDOW))


def _counted(session: Session, key: str, most: int) -> bool:
    # One at a time per key, else guesses made at once would each see a count below the limit.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    if (session.scalar(_COUNT, {"key": key}) or 0) >= most:
        return False
    session.execute(insert(SignInAttempt).values(key=key))
    return True


def _refused(database: Database, agent_id: int | None) -> Refused:
    log.trouble("sign_in.failed", agent=agent_id)
    with database.unit_of_work() as session:
        audit.record(session, "sign_in.failed", agent_id=agent_id)
    return Refused()
