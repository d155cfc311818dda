"""What has to be done now and then, whoever does it: Procrastinate runs each job once, however many workers there are.

Every job may fail without harm: the next one does what this one left.
"""

from typing import cast

from procrastinate import JobContext
from sqlalchemy import text

from app import log
from app.accounts.health import checked
from app.accounts.refresh import refresh_all
from app.errors import DomainError
from app.identity import sessions, sign_in
from app.intake import ledger
from app.intake.compare import compare_all
from app.intake.means import Means
from app.storage.jobs import jobs
from app.system import System
from app.tickets import search
from app.web import idempotency

KEEP = """
    DELETE FROM throttle WHERE hour < now() - interval '2 days';
    DELETE FROM receipt_count WHERE day < current_date - 2;
    DELETE FROM worker_beat WHERE seen_at < now() - interval '1 day';
    DELETE FROM mailing USING poll WHERE poll.id = poll_id
        AND least(coalesce(closed_at, 'infinity'), coalesce(closes_at, 'infinity')) < now() - interval '30 days';
"""


def system_of(context: JobContext) -> System:
    """The open system that the worker gave its jobs."""
    assert context.additional_context is not None
    return cast(System, context.additional_context["system"])


@jobs.periodic(cron="17 * * * *")
@jobs.task(name="housekeeping.prune", queueing_lock="housekeeping.prune", pass_context=True)
def prune(context: JobContext, timestamp: int) -> None:
    """Every hour: forget sessions, attempts, keys and counters that no longer count."""
    system = system_of(context)
    with system.database.unit_of_work() as session:
        sessions.prune(session, system.settings.session_idle_minutes)
        sign_in.prune(session)
        idempotency.prune(session)
        for statement in KEEP.split(";"):
            if statement.strip():
                session.execute(text(statement))


@jobs.periodic(cron="41 2 * * *")
@jobs.task(name="housekeeping.compare", queueing_lock="housekeeping.compare", pass_context=True)
def compare(context: JobContext, timestamp: int) -> None:
    """Every night: what do the services hold that we do not know, and does every account's sum hold."""
    system = system_of(context)
    compare_all(Means(system.database, system.accounts, system.keys, system.blobs))
    with system.database.read_only(snapshot=True) as session:
        ledger.alarms(session)


@jobs.periodic(cron="3 3 * * *")
@jobs.task(name="housekeeping.renew_search", queueing_lock="housekeeping.renew_search", pass_context=True)
def renew_search(context: JobContext, timestamp: int) -> None:
    """Every night: search words again where an older stemmer made them, a transaction per five hundred messages."""
    renewed = 1
    while renewed and not context.should_abort():
        with system_of(context).database.unit_of_work() as session:
            renewed = search.renew(session)


@jobs.periodic(cron="*/5 * * * *")
@jobs.task(name="housekeeping.refresh_tokens", queueing_lock="housekeeping.refresh_tokens", pass_context=True)
def refresh_tokens(context: JobContext, timestamp: int) -> None:
    """Every five minutes: renew the tokens that end soon."""
    system = system_of(context)
    refresh_all(system.database, system.accounts, system.keys, back_off=system.settings.back_off_seconds)


@jobs.periodic(cron="29 * * * *")
@jobs.task(name="housekeeping.check_accounts", queueing_lock="housekeeping.check_accounts", pass_context=True)
def check_accounts(context: JobContext, timestamp: int) -> None:
    """Every hour: can each service be reached, with which rights, until when."""
    system = system_of(context)
    for row in system.accounts.active():
        if context.should_abort():
            return
        try:
            found = system.accounts.channel_of(row).check()
        except DomainError as error:
            log.trouble("account.not_built", account=row.id, reason=error.code)
            continue
        except Exception as error:  # noqa: BLE001  (one account's fault keeps no other from being looked at)
            log.trouble("account.not_checked", account=row.id, error=error)
            continue
        with system.database.unit_of_work() as session:
            checked(session, row.id, found)


NAMES = tuple(jobs.tasks)
"""The jobs that exist, by name: importing this module declares them."""
