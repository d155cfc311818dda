"""Periodic work, retries and jobs that are not rows, run by Procrastinate in the same database.

Declare a task with `@jobs.task(name="area.verb")`, and with `pass_context=True` find in `context.additional_context` what
the worker gave it (its database, settings, keys). `defer` puts a job into the caller's own transaction: it exists when and
only when that commits.

Two connectors, since an app that is open for a worker cannot defer on a SQLAlchemy connection: `jobs` is never opened, and
the worker runs a copy of it, tasks included, on a pool of its own.
"""

import asyncio
from copy import copy
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
    if not options or "queueing_lock" not in options:
        return _deferred(session, task, options or {}, arguments)
    try:
        with session.begin_nested():  # a refused job would abort the caller's whole transaction
            return _deferred(session, task, options, arguments)
    except AlreadyEnqueued:
        return None


def _deferred(session: Session, task: Task[..., Any, ...], options: Options, arguments: dict[str, Any]) -> int:
    connection = session.connection().connection.driver_connection
    return task.configure(connection=connection, **options).defer(**arguments)


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
            if _cancelled():
                raise asyncio.CancelledError from error
            log.trouble("jobs.worker_lost", reason=type(error).__name__, retry_in=wait)
        if asyncio.get_running_loop().time() - started > most_seconds:
            wait = back_off_seconds
        await asyncio.sleep(wait)
        wait = min(wait * 2, most_seconds)


def _cancelled() -> bool:
    """Whether we were told to stop: the worker's failure to sign off from a database that is away hides the cancel."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _work(dsn: str, context: dict[str, Any], concurrency: int, poll_seconds: float) -> None:
    # A small reconnect_timeout: the pool's own tries double up to minutes, and our loop starts afresh sooner.
    connector = PsycopgConnector(conninfo=dsn, min_size=1, max_size=concurrency + 2, timeout=5, reconnect_timeout=2)
    async with _copy_of_jobs(connector).open_async() as app:
        await app.run_worker_async(
            concurrency=concurrency,
            fetch_job_polling_interval=poll_seconds,
            abort_job_polling_interval=poll_seconds,
            install_signal_handlers=False,
            shutdown_graceful_timeout=8,
            delete_jobs="successful",
            additional_context=context,
        )


def _copy_of_jobs(connector: PsycopgConnector) -> App:
    """An app on another connector with copies of all tasks.

    Why not `with_connector`: its tasks still point to the first app, so that periodic ones are deferred over the connector
    that cannot; nor `replace_connector`, which takes the first app's connector away from `defer`.
    """
    app = App(connector=connector)
    for name, task in jobs.tasks.items():
        app.tasks[name] = copy(task)
        app.tasks[name].blueprint = app
    for periodic in jobs.periodic_registry.periodic_tasks.values():
        app.periodic_registry.register_task(
            task=app.tasks[periodic.task.name],
            cron=periodic.cron,
            periodic_id=periodic.periodic_id,
            configure_kwargs=periodic.configure_kwargs.copy(),
        )
    return app


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
