"""Periodic work, retries and jobs that are not rows, run by Procrastinate in the same database.

Declare a task with `@jobs.task(name="area.verb")`, and with `pass_context=True` find in `context.additional_context` what
the worker gave it (its database, settings, keys). `defer` puts a job into the caller's own transaction: it exists when and
only when that commits.

Two connectors, since an app that is open for a worker cannot defer on a SQLAlchemy connection: `jobs` is never opened, and
the worker runs a copy of it with a pool of its own.
"""

import asyncio
from typing import Any

import psycopg
from procrastinate import App, JobContext, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.tasks import Task
from psycopg_pool import PoolTimeout
from sqlalchemy.orm import Session

from app import log

jobs = App(connector=SyncPsycopgConnector())

STALLED_SECONDS = 60
KEEP_HOURS = 24 * 7
Options = dict[str, Any]


def defer(
    session: Session, task: Task[..., Any, ...], options: Options | None = None, /, **arguments: Any
) -> int | None:
    """Put a job on the session's transaction; its id, or None when one with the same `queueing_lock` already waits.

    `options` are Procrastinate's (`queueing_lock`, `lock`, `schedule_at`, `schedule_in`, `priority`, `queue`).
    """
    connection = session.connection().connection.driver_connection
    deferrer = task.configure(connection=connection, **(options or {}))
    if not options or "queueing_lock" not in options:
        return deferrer.defer(**arguments)
    try:
        with session.begin_nested():  # a refused job would abort the caller's whole transaction
            return deferrer.defer(**arguments)
    except AlreadyEnqueued:
        return None


async def run_worker(
    dsn: str,
    context: dict[str, Any],
    *,
    concurrency: int = 4,
    poll_seconds: float = 1.0,
    back_off_seconds: float = 0.5,
    most_seconds: float = 10.0,
) -> None:
    """Run jobs until cancelled, starting the worker again whenever the database took it away.

    A cancel lets running jobs finish for 8 seconds. A synchronous job cannot be stopped: long ones look at
    `context.should_abort()`.
    """
    wait = back_off_seconds
    while True:
        started = asyncio.get_running_loop().time()
        try:
            await _work(dsn, context, concurrency, poll_seconds)
            log.trouble("jobs.worker_ended", retry_in=wait)
        except (ConnectorException, psycopg.Error, PoolTimeout, OSError) as error:
            log.trouble("jobs.worker_lost", reason=type(error).__name__, retry_in=wait)
        if asyncio.get_running_loop().time() - started > most_seconds:
            wait = back_off_seconds
        await asyncio.sleep(wait)
        wait = min(wait * 2, most_seconds)


async def _work(dsn: str, context: dict[str, Any], concurrency: int, poll_seconds: float) -> None:
    # A small reconnect_timeout: the pool's own tries double up to minutes, and our loop starts afresh sooner.
    connector = PsycopgConnector(conninfo=dsn, min_size=1, max_size=concurrency + 2, timeout=5, reconnect_timeout=2)
    async with jobs.with_connector(connector).open_async() as app:
        await app.run_worker_async(
            concurrency=concurrency,
            fetch_job_polling_interval=poll_seconds,
            abort_job_polling_interval=poll_seconds,
            install_signal_handlers=False,
            shutdown_graceful_timeout=8,
            delete_jobs="successful",
            additional_context=context,
        )


# There must always be a periodic task: without one the worker's listener dies at its first failed reconnection and nobody
# notices. With one, its death ends the worker, and `run_worker` starts another.
@jobs.periodic(cron="* * * * *")
@jobs.task(name="storage.tend_jobs", queueing_lock="storage.tend_jobs", pass_context=True)
async def tend_jobs(context: JobContext, timestamp: int) -> None:
    """Every minute: run again what a killed worker left half done, and forget what ended long ago."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        log.event("jobs.stalled", job=job.id, task=job.task_name)
        await manager.retry_job(job)
    await manager.delete_old_jobs(
        nb_hours=KEEP_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )
